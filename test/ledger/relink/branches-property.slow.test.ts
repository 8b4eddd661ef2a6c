import fc from 'fast-check';
import { expect, it } from 'vitest';
import { relink } from '../../../lib/capture/relink.ts';
import { judgeMany } from '../../../lib/ledger/binding/judge-many.ts';
import { scanLedger } from '../../../lib/ledger/reading/scan.ts';
import { findTxn } from '../../../lib/ledger/reading/txn.ts';
import {
  type Drawn,
  drawing,
  drawn,
  histories,
  type Move,
  madeOf,
  reach,
  type Step,
  whoOf,
} from '../../support/histories.ts';
import { IDENTITY, NOW } from '../../support/records.ts';
import type { Scene } from '../../support/revert.ts';

const BRANCHES = ['main', 'x', 'y', 'z'] as const;
const told = { landings: 0 };

async function relinkAll(made: Scene): Promise<Awaited<ReturnType<typeof relink>>[]> {
  const all = [];
  for (const branch of BRANCHES) {
    const commits = (await made.repo.git('rev-list', branch)).split('\n');
    all.push(await relink(made.ledger, { commits, identity: IDENTITY, now: NOW + 10_000 }));
    const again = await relink(made.ledger, { commits, identity: IDENTITY, now: NOW + 20_000 });
    expect(again.landings).toEqual([]);
  }
  return all;
}

/** The one file of each record, by its digest. */
async function filesOfRecords({ ledger }: Scene): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { stored } of scanLedger(ledger))
    files.set(stored.digest, stored.record.files[0]?.path ?? '');
  return files;
}

async function holds(made: Scene): Promise<void> {
  const graph = await drawn(made);
  const fileOf = await filesOfRecords(made);
  // What was found on one branch tells more of another.
  const linked = [...(await relinkAll(made)), ...(await relinkAll(made))];
  for (const { landings } of linked) {
    told.landings += landings.length;
    for (const { commit, record } of landings)
      expect(graph.get(commit)?.added, `landing in ${commit}`).toContain(fileOf.get(record));
  }
  const held = new Map<string, readonly string[]>();
  for await (const { commit, judgement } of judgeMany(made.ledger, graph.keys())) {
    const proven = judgement.judged.filter(({ binding }) => binding !== 'claimed');
    held.set(commit.oid, proven.map(({ candidate }) => fileOf.get(candidate.record.digest) ?? '').sort());
  }
  const tip = await made.repo.git('rev-parse', 'main');
  for (const [oid, { added }] of graph) {
    const others = (held.get(oid) ?? []).filter((file) => !added.includes(file));
    expect({ oid, others }).toEqual({ oid, others: [] });
  }
  for (const name of ['one', 'two'] as const) await becomes(made, name, graph, tip, held);
}

/** A transaction is in the commits of main that hold its work, and else where it still is. */
async function becomes(
  made: Scene,
  name: 'one' | 'two',
  graph: ReadonlyMap<string, Drawn>,
  tip: string,
  held: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const txn = made.txn(name);
  if (txn === '') return;
  const found = await findTxn(made.ledger, txn);
  const isIts = (file: string): boolean => whoOf(file) === name;
  const main = reach(graph, tip);
  for (const oid of found?.commits ?? [])
    if (graph.has(oid)) expect(held.get(oid)?.some(isIts), `${oid} of ${name}`).toBe(true);
  const onMain = [...main].filter((oid) => held.get(oid)?.some(isIts));
  expect(new Set(found?.commits.filter((oid) => main.has(oid)))).toEqual(new Set(onMain));
}

function property(moves: readonly Move[]): () => Promise<void> {
  return async () => {
    await fc.assert(
      fc.asyncProperty(histories(moves), async (steps: Step[]) => {
        await holds(await madeOf(steps));
      }),
      drawing(8),
    );
    expect(told.landings).toBeGreaterThan(0);
  };
}

it(
  'gives no commit a record that is not its own',
  property(['merge', 'take', 'squash', 'title', 'gitlab', 'pick', 'rebase']),
  600_000,
);
