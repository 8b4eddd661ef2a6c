import { expect, it } from 'vitest';
import { relink } from '../../lib/capture/relink.ts';
import { commitsOfRange } from '../../lib/git/history/named-range.ts';
import type { Outcome } from '../../lib/replay/outcome.ts';
import { verifyWork } from '../../lib/replay/replay.ts';
import { type Drawn, drawn, eachHolds, namedBy, reach, whoOf } from '../support/histories.ts';
import { IDENTITY, NOW } from '../support/records.ts';
import type { Scene } from '../support/revert.ts';

const BRANCHES = ['main', 'x', 'y', 'z'] as const;
const told = { equivalent: 0, divergent: 0, ofClass: 0, forged: 0 };

/** A commit, with the files of its own that its message names records of, and those it names beside them. */
interface Made extends Drawn {
  readonly message: string;
  readonly agents: readonly string[];
  readonly persons: readonly string[];
  readonly named: readonly string[];
}

async function commitsIn(made: Scene, range: readonly [string, string]): Promise<Map<string, Made>> {
  const graph = await drawn(made);
  const [from, to] = await Promise.all(range.map((one) => made.repo.git('rev-parse', one)));
  const there = reach(graph, from ?? '');
  const found = new Map<string, Made>();
  for (const oid of reach(graph, to ?? '')) {
    const one = graph.get(oid);
    if (one === undefined || there.has(oid)) continue;
    const message = await made.repo.git('log', '-1', '--format=%B', oid);
    const [agents, persons] = [one.added.filter(isAgents), one.added.filter((file) => !isAgents(file))];
    found.set(oid, { ...one, message, agents, persons, named: namedBy(message) });
  }
  return found;
}

function isAgents(file: string): boolean {
  return whoOf(file) === 'one' || whoOf(file) === 'two';
}

/** What verifying a commit comes to, as long as nobody found out what a message leaves out. */
function expected({ parents, agents, persons, removed, named }: Made): object {
  if (parents.length > 1 || named.length === 0) return { verdicts: ['skipped'], paths: [] };
  if (named.some((file) => !agents.includes(file)))
    return { verdicts: agents.length === 0 ? ['invalid'] : ['divergent'], paths: null };
  const others = [...persons, ...removed, ...agents.filter((file) => !named.includes(file))].sort();
  return others.length > 0
    ? { verdicts: ['divergent'], paths: others }
    : { verdicts: ['identical', 'equivalent'], paths: [] };
}

function isAsExpected(one: Made, { verdict, differences }: Outcome): void {
  const { verdicts, paths } = expected(one) as { verdicts: string[]; paths: string[] | null };
  const differ = differences.map(({ path }) => path).sort();
  const about = `${one.message} with ${one.added.join(', ')}`;
  expect({
    about,
    isOne: verdicts.includes(verdict),
    verdict,
    differ: paths === null ? null : differ,
  }).toEqual({ about, isOne: true, verdict, differ: paths });
  if (verdict === 'equivalent') told.equivalent++;
  if (verdict === 'divergent') told.divergent++;
}

/** Of what the message does not name relinking finds some, not all; what differs is then nothing that is named. */
function isNoLie(one: Made, { verdict, differences }: Outcome): void {
  const about = `${one.message} with ${one.added.join(', ')}`;
  expect(['skipped', 'identical', 'equivalent', 'divergent'], about).toContain(verdict);
  const others = [...one.persons, ...one.removed, ...one.agents.filter((file) => !one.named.includes(file))];
  for (const { path } of differences) expect(others, about).toContain(path);
}

async function holds(made: Scene): Promise<void> {
  for (const range of [
    ['x', 'main'],
    ['main', 'y'],
    ['z~0', 'x'],
    ['main~0', 'z'],
  ] as const)
    await rangeHolds(made, range);
  const commits = await made.repo.git('rev-list', '--branches');
  for (const { oid, message } of (await commitsIn(made, ['main^{/First}', 'main'])).values())
    await forgedIsSeen(made, oid, message);
  await relink(made.ledger, { commits: commits.split('\n'), identity: IDENTITY, now: NOW + 10_000 });
  for (const branch of BRANCHES) await linkedHolds(made, ['main^{/First}', branch]);
}

async function rangeHolds(made: Scene, range: readonly [string, string]): Promise<void> {
  const commits = await commitsIn(made, range);
  const asked = await commitsOfRange(made.ledger.repo, range.join('..'));
  expect(new Set(asked)).toEqual(new Set(commits.keys()));
  const outcomes = await verifyWork(made.ledger, asked);
  expect(outcomes.map(({ commit }) => commit)).toEqual(asked);
  for (const outcome of outcomes) isAsExpected(known(commits, outcome), outcome);
  const risky = await verifyWork(made.ledger, asked, { classes: ['iac'] });
  const holding = [...commits.values()].filter(
    ({ parents, agents, named }) =>
      parents.length < 2 && named.some((file) => agents.includes(file) && whoOf(file) === 'two'),
  );
  told.ofClass += holding.length;
  const proven = risky.filter(({ binding }) => binding !== 'claimed');
  expect(proven.map(({ commit, txn }) => `${commit} ${txn}`).sort()).toEqual(
    holding.map(({ oid }) => `${oid} ${made.txn('two')}`).sort(),
  );
}

function known(commits: ReadonlyMap<string, Made>, { commit }: Outcome): Made {
  const one = commits.get(commit);
  if (one === undefined) throw new Error(`nobody made ${commit}`);
  return one;
}

async function linkedHolds(made: Scene, range: readonly [string, string]): Promise<void> {
  const commits = await commitsIn(made, range);
  for (const outcome of await verifyWork(made.ledger, [...commits.keys()])) {
    const one = known(commits, outcome);
    const isAllNamed = one.agents.every((file) => one.named.includes(file));
    if (isAllNamed) isAsExpected(one, outcome);
    else if (one.named.every((file) => one.agents.includes(file))) isNoLie(one, outcome);
  }
}

/** The same message, on the same parent, over content that nobody recorded. */
async function forgedIsSeen({ repo, ledger }: Scene, oid: string, message: string): Promise<void> {
  const [file] = namedBy(message);
  const parents = (await repo.git('log', '-1', '--format=%P', oid)).split(' ');
  if (file === undefined || parents.length > 1) return;
  const env = { GIT_INDEX_FILE: repo.path('.git', 'forging') };
  await repo.write('.git/forged', 'forged\n');
  const blob = await repo.git('hash-object', '-w', '.git/forged');
  for (const [from, path] of [
    [oid, file],
    [`${oid}~1`, file],
    [`${oid}~1`, 'another'],
    [oid, 'another'],
  ] as const) {
    await repo.tryGit(['read-tree', from], { env });
    await repo.tryGit(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env });
    const { stdout: tree } = await repo.tryGit(['write-tree'], { env });
    const parent = parents.flatMap((one) => ['-p', one]);
    const forged = await repo.git('commit-tree', tree.trim(), ...parent, '-m', message);
    const [outcome] = await verifyWork(ledger, [forged]);
    expect({ oid, from, path, verdict: outcome?.verdict }).toEqual({
      oid,
      from,
      path,
      verdict: expect.stringMatching(/^(divergent|invalid)$/) as unknown,
    });
    told.forged++;
  }
}

it(
  'says of each commit of a range what came of it, and of none that somebody forged that it holds',
  () => eachHolds(['merge', 'take', 'squash', 'title', 'gitlab', 'pick', 'rebase', 'revert'], 8, holds, told),
  600_000,
);
