import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AgentLogError } from '../../lib/core/errors.ts';
import { checkChange } from '../../lib/policy/check.ts';
import {
  type Drawn,
  drawing,
  drawn,
  histories,
  type Move,
  madeOf,
  namedBy,
  reach,
  type Step,
  whoOf,
} from '../support/histories.ts';
import { NOW } from '../support/records.ts';
import type { Scene } from '../support/revert.ts';

const POLICY = {
  '.agent-log/policy.yaml': 'version: 1\nrules: [{id: a, stage: [commit], require: [{expr: "true"}]}]\n',
};
const BRANCHES = ['main', 'x', 'y', 'z'] as const;

const told = { several: 0, withMerges: 0 };

async function holds(made: Scene): Promise<void> {
  const graph = await drawn(made);
  const tips = new Map<string, string>();
  for (const branch of BRANCHES) tips.set(branch, await made.repo.git('rev-parse', branch));
  for (const from of BRANCHES)
    for (const to of BRANCHES) if (from !== to) await checkHolds(made, graph, [from, to], tips);
}

async function checkHolds(
  made: Scene,
  graph: ReadonlyMap<string, Drawn>,
  [from, to]: readonly [string, string],
  tips: ReadonlyMap<string, string>,
): Promise<void> {
  const [a = '', b = ''] = [tips.get(from), tips.get(to)];
  const bases = (await made.repo.git('merge-base', '--all', a, b)).split('\n');
  const request = { revision: `${from}..${to}`, stage: 'merge' as const, target: 'main', now: NOW };
  const checked = await checkChange(made.ledger, request).catch((error: unknown) => {
    if (error instanceof AgentLogError && error.code === 'AMBIGUOUS') return null;
    throw error;
  });
  expect(checked === null).toBe(bases.length > 1);
  if (checked === null) return;
  const there = reach(graph, a);
  const range = [...reach(graph, b)].filter((oid) => !there.has(oid)).map((oid) => graph.get(oid));
  const commits = range.filter((one) => one !== undefined);
  const filesAt = async (commit: string): Promise<string[]> =>
    (await made.repo.git('ls-tree', '-r', '--name-only', commit)).split('\n');
  const before = new Set(await filesAt(bases[0] ?? ''));
  const files = (await filesAt(b)).filter((path) => !before.has(path));
  // What a message names beside what it holds makes the commit one that claims too much: no answer of this test.
  if (await claimsMore(made, commits)) return;
  const agents = commits.filter(({ added }) => added.some((path) => whoOf(path) !== 'person'));
  const whose = new Set(commits.flatMap(({ added }) => added.map(whoOf)));
  const names = (['one', 'two'] as const).filter((who) => whose.has(who));
  if (names.length > 1) told.several++;
  if (commits.some(({ parents }) => parents.length > 1)) told.withMerges++;
  const { change } = checked.facts;
  expect({
    range: `${from}..${to}`,
    commits: change.commits,
    merges: change.merge_commits,
    behind: change.behind,
    agents: change.agent_commits,
    unrecorded: change.unrecorded_agent_commits,
    txns: change.txns,
    models: change.models,
    sponsors: change.sponsors.map(({ email }) => email).sort(),
    missing: change.sponsors_missing,
    files: change.files.map(({ path, by, status }) => `${status} ${path} ${by}`).sort(),
    ok: change.records_ok,
    byAgent: change.by_agent,
  }).toEqual({
    range: `${from}..${to}`,
    commits: commits.length,
    merges: commits.filter(({ parents }) => parents.length > 1).length,
    behind: [...reach(graph, tips.get('main') ?? '')].filter((oid) => !reach(graph, b).has(oid)).length,
    agents: agents.length,
    unrecorded: 0,
    txns: names.map((name) => made.txn(name)).sort(),
    models: names.map((name) => `model-${name}`),
    sponsors: names.map((name) => `${name}@example.com`),
    missing: 0,
    files: files.map((path) => `added ${path} ${handsOn(path, commits)}`).sort(),
    ok: true,
    byAgent: agents.length > 0,
  });
}

/** A squash whose message names what was there already: of that nothing is in it. */
async function claimsMore({ repo }: Scene, commits: readonly Drawn[]): Promise<boolean> {
  for (const { oid, added } of commits) {
    const named = namedBy(await repo.git('log', '-1', '--format=%B', oid));
    if (named.some((file) => !added.includes(file))) return true;
  }
  return false;
}

/** What somebody committed in one with an agent's work is in no record. */
function handsOn(path: string, commits: readonly Drawn[]): string {
  const hands = commits
    .filter(({ added }) => added.includes(path))
    .map(({ added }) => {
      if (whoOf(path) !== 'person') return 'agent';
      return added.some((one) => whoOf(one) !== 'person') ? 'unseen' : 'human';
    });
  const [by = 'human', ...others] = new Set(hands);
  return others.length > 0 ? 'mixed' : by;
}

/** Two transactions squashed into one commit, whose trailers name both. */
const SQUASHED: Step[] = [
  { do: 'commit', who: 'one', on: 'x' },
  { do: 'commit', who: 'two', on: 'x' },
  { do: 'commit', who: 'person', on: 'main' },
  { do: 'squash', branches: ['x'], into: 'main' },
];

function property(moves: readonly Move[], examples: readonly Step[][] = []): () => Promise<void> {
  return async () => {
    await fc.assert(
      fc.asyncProperty(histories(moves), async (steps: Step[]) => {
        await holds(await madeOf(steps, POLICY));
      }),
      { ...drawing(6), examples: examples.map((steps) => [steps]) },
    );
    // Ranges of one transaction, or of no merge, would prove little.
    expect(told.several).toBeGreaterThan(0);
    expect(told.withMerges).toBeGreaterThan(0);
  };
}

it('judges of a range all of its commits and none else (merges)', property(['merge', 'take']), 600_000);
it(
  'the same with squashes, picks and rebases',
  property(['merge', 'take', 'squash', 'pick', 'rebase'], [SQUASHED]),
  600_000,
);
