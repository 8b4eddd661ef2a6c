import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { claimedTrailers } from '../../../lib/core/records/trailers.ts';
import { type Resolution, resolveCommit } from '../../../lib/ledger/binding/resolve.ts';
import type { Ledger } from '../../../lib/ledger/ledger.ts';
import { listNotes } from '../../../lib/ledger/reading/scan.ts';
import type { TestRepo } from '../repo.ts';
import { showOf } from '../seal.ts';
import { inLedger, quiet, type Scene } from './scene.ts';

/** What the commits of each branch resolve to, oldest first: `Subject: grade works sealed|unsealed[, beside works]`. */
export type Rows = Readonly<Record<string, readonly string[]>>;

/** A commit as the ledger tells it, in one line, and the records it is said to hold. */
interface Told {
  readonly oid: string;
  readonly line: string;
  readonly held: readonly string[];
}

/**
 * Holds when every commit of the branches resolves as told (one way or the other, where two are given) and every other reachable one as it always did, when every
 * old id still tells its own record, and when no commit got a note that should have none.
 */
export async function expectHistory(scene: Scene, wanted: Rows, or: Rows = wanted): Promise<void> {
  const { repo } = scene;
  await quiet(repo);
  const { binding, sealed, record, txn } = await showOf(repo);
  await inLedger(repo, async (ledger) => {
    const told = await tellAll(scene, ledger);
    const branches = Object.keys(wanted);
    const walks = await Promise.all(branches.map((branch) => commitsOf(repo, branch, '--first-parent')));
    const rows = walks.map((walk) => walk.map((oid) => told.get(oid)?.line));
    const actual = Object.fromEntries(branches.map((branch, i) => [branch, rows[i]]));
    expect(actual).toEqual(isDeepStrictEqual(actual, or) ? or : wanted);
    expect(changedElsewhere(scene, told, new Set(walks.flat()))).toEqual([]);
    expect(await lostIds(scene, ledger)).toEqual([]);
    expect(await strayNotes(scene, ledger, told)).toEqual([]);
    // What a user is told is what the library says.
    const head = await resolveCommit(ledger, 'HEAD');
    const said = head?.record ?? null;
    expect({ binding, sealed, record, txn }).toEqual({
      binding: head?.binding,
      sealed: head?.sealed,
      record: said?.digest ?? null,
      txn: said?.record.txn ?? null,
    });
  });
}

/** Holds when every old id names each commit that its record's work is in now, and no other that can be reached. */
export async function expectSuperseded(scene: Scene): Promise<void> {
  await inLedger(scene.repo, async (ledger) => {
    const told = [...(await tellAll(scene, ledger)).values()];
    for (const { name, commit, record } of scene.works) {
      const resolution = await resolveCommit(ledger, commit);
      const landings = resolution?.landings.filter((one) => one.record === record) ?? [];
      const leads = [...landings.map((one) => one.commit), ...(resolution?.supersededBy ?? [])];
      const lines = (oids: readonly string[]): string[] =>
        told.filter(({ oid }) => oids.includes(oid)).map(({ line }) => line);
      const holders = told.filter(({ oid, held }) => oid !== commit && held.includes(record));
      expect({ [name]: lines(leads) }).toEqual({
        [name]: lines(holders.map(({ oid }) => oid)),
      });
    }
  });
}

export async function commitsOf(repo: TestRepo, ...what: string[]): Promise<string[]> {
  const list = await repo.git('--no-replace-objects', 'rev-list', '--reverse', '--topo-order', ...what);
  return list.split('\n').filter(Boolean);
}

async function tellAll(scene: Scene, ledger: Ledger): Promise<Map<string, Told>> {
  const told = new Map<string, Told>();
  for (const oid of await commitsOf(scene.repo, '--branches', 'HEAD'))
    told.set(oid, await tell(scene, ledger, oid));
  return told;
}

async function tell(scene: Scene, ledger: Ledger, oid: string): Promise<Told> {
  const resolution = await resolveCommit(ledger, oid);
  if (resolution === null) return { oid, line: `${oid}: no such commit`, held: [] };
  const { binding, record, alsoHere } = resolution;
  const held = [...(record === null || binding === 'claimed' ? [] : [record]), ...alsoHere];
  return { oid, line: lineOf(scene, resolution), held: held.map(({ digest }) => digest) };
}

function lineOf({ works }: Scene, { commit, binding, sealed, record, alsoHere }: Resolution): string {
  const subject = commit.message.split('\n', 1)[0] ?? '';
  if (record === null) return `${subject}: ${binding}`;
  const nameOf = ({ digest, record: { txn } }: typeof record): string => {
    const known = works.find((one) => one.record === digest);
    if (known === undefined) return 'unknown';
    return known.txn === txn ? known.name : `${known.name} of another txn`;
  };
  const isNamed = claimedTrailers(commit.message).records.includes(record.digest);
  // The message of a commit git has taken away is gone with it.
  const seal = sealed === isNamed || commit.message === '' ? '' : ', which is wrong';
  const others = alsoHere.map(nameOf);
  const names = binding === 'squashed' ? [nameOf(record), ...others].sort().join('+') : nameOf(record);
  const beside = binding === 'squashed' || others.length === 0 ? '' : `, beside ${others.sort().join('+')}`;
  return `${subject}: ${binding} ${names} ${sealed ? 'sealed' : 'unsealed'}${seal}${beside}`;
}

/** Reachable commits the expectation does not name, and which are not what they were. */
function changedElsewhere(
  { works }: Scene,
  told: ReadonlyMap<string, Told>,
  named: ReadonlySet<string>,
): string[] {
  const unnamed = [...told.values()].filter(({ oid }) => !named.has(oid));
  return unnamed
    .filter(({ oid, line }) => {
      const work = works.find(({ commit }) => commit === oid);
      return !line.endsWith(work === undefined ? ': none' : `: exact ${work.name} sealed`);
    })
    .map(({ line }) => line);
}

/** Commits records were made for, and which do not tell them any more. */
async function lostIds(scene: Scene, ledger: Ledger): Promise<string[]> {
  const lines = await Promise.all(
    scene.works.map(async ({ name, commit }) => {
      const { line } = await tell(scene, ledger, commit);
      // An agent that resolved a conflict made a commit that holds what it resolved as well.
      return line.replace(/, beside .*$/, '').endsWith(`: exact ${name} sealed`) ? [] : [line];
    }),
  );
  return lines.flat();
}

/** Notes that came, on what holds no recorded work and never did. */
async function strayNotes(scene: Scene, ledger: Ledger, told: ReadonlyMap<string, Told>): Promise<string[]> {
  const expected = new Set([...scene.annotated, ...scene.works.map(({ commit }) => commit)]);
  const came = (await listNotes(ledger)).map(({ object }) => object).filter((oid) => !expected.has(oid));
  if (came.length === 0) return [];
  const stood = new Set((await scene.repo.git('log', '-g', '--all', '--format=%H')).split('\n'));
  const lines = await Promise.all(
    came.map(async (oid) => {
      const { line, held } = told.get(oid) ?? (await tell(scene, ledger, oid));
      return held.length > 0 && (told.has(oid) || stood.has(oid)) ? [] : [line];
    }),
  );
  return lines.flat();
}
