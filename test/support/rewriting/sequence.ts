import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sealConfig } from '../../../lib/capture/commit/context.ts';
import { relink } from '../../../lib/capture/relink.ts';
import { catchUp } from '../../../lib/capture/spool/catch-up.ts';
import { patchesBetween } from '../../../lib/ledger/binding/patch-cache.ts';
import { resolveCommit } from '../../../lib/ledger/binding/resolve.ts';
import { type Ledger, ledgerTip } from '../../../lib/ledger/ledger.ts';
import { listNotes } from '../../../lib/ledger/reading/scan.ts';
import { install } from '../recorded.ts';
import { IDENTITY } from '../records.ts';
import { makeRepo, repoAt, type TestRepo } from '../repo.ts';
import { Model, type Told } from './model.ts';
import { type Operation, operation, perform } from './operations.ts';
import {
  build,
  type RandomHistory,
  type Recorded,
  randomHistory,
  title,
  untouched,
} from './random-history.ts';
import { inLedger } from './scene.ts';
import { historyOf, look, parentTree, type World } from './world.ts';

let store = '';

/**
 * An installed repository with the commit every history begins at. Its hooks write down what git says, as they do, and
 * start nothing in the background: the next command takes that in, and here it is known when that is.
 */
export async function prepare(): Promise<void> {
  const repo = await makeRepo();
  await install(repo);
  await repo.commit(title('base'), untouched());
  await repo.git('tag', 'base');
  const hooks = repo.path('.git', 'hooks');
  for (const name of await readdir(hooks)) {
    const text = await readFile(join(hooks, name), 'utf8');
    await writeFile(join(hooks, name), text.replace(/^node='.*?'/m, "node='/bin/true'"));
  }
  store = `${join(repo.dir, '..')}.template`;
  await rename(join(repo.dir, '..'), store);
}

export function cleanUp(): Promise<void> {
  return rm(store, { recursive: true, force: true });
}

/** A random history and what is done to it. */
export interface Sequence {
  readonly history: RandomHistory;
  readonly operations: readonly Operation[];
}

export const sequence: fc.Arbitrary<Sequence> = fc.record({
  history: randomHistory,
  operations: fc.array(operation, { minLength: 1, maxLength: 5 }),
});

async function onCopy(check: (repo: TestRepo) => Promise<void>): Promise<void> {
  const to = await mkdtemp(join(tmpdir(), 'agent-log-'));
  try {
    await cp(store, to, { recursive: true });
    await check(repoAt(join(to, 'repo'), join(to, 'home')));
  } finally {
    await rm(to, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function takeIn(repo: TestRepo, ledger: Ledger): Promise<void> {
  const config = await sealConfig(ledger.repo);
  await catchUp(ledger, { via: 'command', env: repo.env, config, now: Date.now(), patience: 5000 });
}

/** Throws with what is wrong, and the history that came of it. */
export async function holds({ history, operations }: Sequence): Promise<void> {
  await onCopy(async (repo) => {
    const records = await build(repo, history);
    let marks = 0;
    const desk = { repo, mark: () => `p${++marks}` };
    let world = await look(repo, records);
    const model = new Model(records, world);
    for (const one of operations) {
      const source = historyOf(world);
      const effect = await perform(desk, one);
      if (one.do === 'look') await inLedger(repo, (ledger) => takeIn(repo, ledger));
      if (one.do === 'relink') await inLedger(repo, (ledger) => relinkHead(repo, ledger, world));
      const after = await look(repo, records, world);
      model.follow(world, source, after, effect);
      world = after;
    }
    await inLedger(repo, (ledger) => expectRight({ repo, ledger, model, world, records }));
  });
}

/** One that is over, and all that is known of it. */
interface Ended {
  readonly repo: TestRepo;
  readonly ledger: Ledger;
  readonly model: Model;
  readonly world: World;
  readonly records: ReadonlyMap<string, Recorded>;
}

/** By what git said alone, and by what `relink` found; which finds no more the next time. */
async function expectRight(ended: Ended): Promise<void> {
  const { repo, ledger, world } = ended;
  await askPatches(ended);
  await takeIn(repo, ledger);
  const before = await tellAll(ended);
  await expectNothingWrong(ended, before, false);
  const tip = await ledgerTip(ledger);
  await relinkAll(ledger, world, world.branches);
  const linked = await ledgerTip(ledger);
  // Where it wrote nothing, what it finds the next time is what it found now, and what is told is what was told.
  if (linked !== tip) {
    await expectNothingWrong(ended, await tellAll(ended), true);
    await relinkAll(ledger, world, world.branches);
  } else await expectNothingWrong(ended, before, true);
  await takeIn(repo, ledger);
  if ((await ledgerTip(ledger)) !== linked) throw new Error('what was taken in and linked was written again');
}

/** As the command does: what git said is taken in first. */
async function relinkHead(repo: TestRepo, ledger: Ledger, world: World): Promise<void> {
  await takeIn(repo, ledger);
  await relinkAll(ledger, world, [new Set(historyOf(world))]);
}

/** What some branches have and the base has not, newest first, as it is listed for `relink`. */
async function relinkAll(ledger: Ledger, { facts, base }: World, branches: World['branches']): Promise<void> {
  const newest = [...facts.keys()].reverse();
  for (const reached of branches) {
    const commits = newest.filter((oid) => reached.has(oid) && !base.has(oid));
    if (commits.length > 0) await relink(ledger, { commits, identity: IDENTITY, now: Date.now() });
  }
}

/** All from one pair of processes: one by one each commit would take a pair of its own. */
async function askPatches({ ledger, world }: Ended): Promise<void> {
  await patchesBetween(
    ledger,
    [...world.facts.values()].flatMap((fact) => {
      const from = parentTree(world, fact);
      return from === null || fact.parents.length > 1 ? [] : [{ from, to: fact.tree }];
    }),
  );
}

const graph = (repo: TestRepo): Promise<string> =>
  repo.git('log', '--graph', '--branches', '--format=%h %d %s');

async function expectNothingWrong(ended: Ended, told: Answers, relinked: boolean): Promise<void> {
  const { world, model, records } = ended;
  const wrong: string[] = [];
  for (const fact of world.reachable) {
    const said = model.wrongWith(world, fact, told(fact.oid), relinked);
    wrong.push(...said.map((what) => `${fact.oid.slice(0, 7)} ${fact.message.split('\n', 1)[0]}: ${what}`));
  }
  for (const [number, { commit }] of records) {
    const { binding, record, sealed } = told(commit);
    if (binding !== 'exact' || record !== number || !sealed) wrong.push(`${commit} does not tell ${number}`);
  }
  for (const { object } of await listNotes(ended.ledger))
    if (told(object).held.length === 0) wrong.push(`${object} has a note, and holds nothing`);
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${await graph(ended.repo)}`);
}

type Answers = (oid: string) => Told;

/** What is told of every commit that can be reached, that a record was made for, or that has a note. */
async function tellAll({ ledger, world, records }: Ended): Promise<Answers> {
  const noted = (await listNotes(ledger)).map(({ object }) => object);
  const told = new Map<string, Told>();
  for (const oid of new Set([...world.facts.keys(), ...noted]))
    told.set(oid, await tell(ledger, oid, records));
  return (oid) => {
    const answer = told.get(oid);
    if (answer === undefined) throw new Error(`nobody was asked of ${oid}`);
    return answer;
  };
}

async function tell(ledger: Ledger, oid: string, records: ReadonlyMap<string, Recorded>): Promise<Told> {
  const resolution = await resolveCommit(ledger, oid);
  if (resolution === null) throw new Error(`${oid} does not resolve`);
  const { binding, sealed, record, alsoHere } = resolution;
  const numberOf = ({ digest, record: { txn } }: { digest: string; record: { txn: string } }): string =>
    [...records].find(([, one]) => one.record === digest && one.txn === txn)?.[0] ?? '?';
  const held = [...(record === null || binding === 'claimed' ? [] : [record]), ...alsoHere];
  return { binding, sealed, record: record === null ? null : numberOf(record), held: held.map(numberOf) };
}
