import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sealConfig } from '../../../lib/capture/commit/seal.ts';
import { relink } from '../../../lib/capture/relink.ts';
import { catchUp } from '../../../lib/capture/spool/catch-up.ts';
import { LEDGER_REF, type Ledger } from '../../../lib/ledger/ledger.ts';
import { resolveCommit } from '../../../lib/ledger/resolve.ts';
import { listNotes } from '../../../lib/ledger/scan.ts';
import { install } from '../recorded.ts';
import { IDENTITY } from '../records.ts';
import { makeRepo, repoAt, type TestRepo } from '../repo.ts';
import { Model, type Told } from './model.ts';
import { type Operation, operation, perform } from './operations.ts';
import { build, type RandomHistory, type Recorded, randomHistory, untouched } from './random-history.ts';
import { inLedger } from './scene.ts';
import { look, type World } from './world.ts';

let store = '';

/**
 * An installed repository with the commit every history begins at. Its hooks write down what git says, as they do, and
 * start nothing in the background: the next command takes that in, and here it is known when that is.
 */
export async function prepare(): Promise<void> {
  const repo = await makeRepo();
  await install(repo);
  await repo.commit('Base', untouched());
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

async function takeIn(repo: TestRepo): Promise<void> {
  await inLedger(repo, async (ledger) => {
    const config = await sealConfig(ledger.repo);
    await catchUp(ledger, { via: 'command', env: repo.env, config, now: Date.now(), patience: 5000 });
  });
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
      const source = (await repo.git('rev-list', '--reverse', 'HEAD')).split('\n');
      const effect = await perform(desk, one);
      if (one.do === 'look') await takeIn(repo);
      if (one.do === 'relink') await relinkBranches(repo, ['HEAD']);
      const after = await look(repo, records);
      model.follow(world, source, after, effect);
      world = after;
    }
    await takeIn(repo);
    await expectRight(repo, (ledger) => wrongIn(ledger, model, world, records, false));
    await relinkBranches(repo, ['main', 'side', 'topic']);
    await expectRight(repo, (ledger) => wrongIn(ledger, model, world, records, true));
    const tip = await ledgerTip(repo);
    await relinkBranches(repo, ['main', 'side', 'topic']);
    if ((await ledgerTip(repo)) !== tip) throw new Error('relink again wrote again');
  });
}

/** '' where nothing was ever recorded. */
async function ledgerTip(repo: TestRepo): Promise<string> {
  return (await repo.tryGit(['rev-parse', '-q', '--verify', LEDGER_REF])).stdout;
}

async function expectRight(
  repo: TestRepo,
  wrongOf: (ledger: Ledger) => Promise<readonly string[]>,
): Promise<void> {
  const wrong = await inLedger(repo, wrongOf);
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${await graph(repo)}`);
}

async function relinkBranches(repo: TestRepo, branches: readonly string[]): Promise<void> {
  await takeIn(repo);
  for (const branch of branches) {
    const commits = (await repo.git('rev-list', branch, '^base')).split('\n').filter(Boolean);
    await inLedger(repo, (ledger) => relink(ledger, { commits, identity: IDENTITY, now: Date.now() }));
  }
}

const graph = (repo: TestRepo): Promise<string> =>
  repo.git('log', '--graph', '--branches', '--format=%h %d %s');

async function wrongIn(
  ledger: Ledger,
  model: Model,
  world: World,
  records: ReadonlyMap<string, Recorded>,
  relinked: boolean,
): Promise<string[]> {
  const wrong: string[] = [];
  const told = new Map<string, Told>();
  for (const fact of world.reachable) {
    const one = await tell(ledger, fact.oid, records);
    told.set(fact.oid, one);
    const said = model.wrongWith(world, fact, one, relinked);
    wrong.push(...said.map((what) => `${fact.oid.slice(0, 7)} ${fact.message.split('\n', 1)[0]}: ${what}`));
  }
  for (const [number, { commit }] of records) {
    const { binding, record, sealed } = told.get(commit) ?? (await tell(ledger, commit, records));
    if (binding !== 'exact' || record !== number || !sealed) wrong.push(`${commit} does not tell ${number}`);
  }
  for (const { object } of await listNotes(ledger)) {
    const one = told.get(object) ?? (await tell(ledger, object, records));
    if (one.held.length === 0) wrong.push(`${object} has a note, and holds nothing`);
  }
  return wrong;
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
