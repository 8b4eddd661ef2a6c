import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loggedRange } from '../../../lib/git/history/logged-range.ts';
import { landingsOn } from '../../../lib/revert/members/units.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

/** Of each commit its parents, by their places; the first of all is at 0, the branch ends at the last. */
type Graph = readonly (readonly number[])[];

/** `since` is what a search may have begun after, `skew` by how many seconds the clock of each commit was wrong. */
interface Drawn {
  readonly graph: Graph;
  readonly wanted: readonly number[];
  readonly since: number;
  readonly skew: readonly number[];
}

const MOST_PARENTS = 3;

const graphs: fc.Arbitrary<Drawn> = fc
  .array(
    fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: MOST_PARENTS }),
    {
      minLength: 4,
      maxLength: 24,
    },
  )
  .map((drawn) => [
    [],
    ...drawn.map((parents, i) =>
      [...new Set([0.5, ...parents].map((at) => near(at, i)))].slice(-MOST_PARENTS),
    ),
  ])
  .chain((graph) =>
    fc.record({
      graph: fc.constant(graph),
      wanted: fc.subarray([...graph.keys()], { minLength: 1, maxLength: 4 }),
      since: fc.nat({ max: graph.length - 1 }),
      skew: fc.array(fc.constantFrom(0, 0, 0, -10, 10), { minLength: graph.length, maxLength: graph.length }),
    }),
  );

/** One of the commits up to `last`, mostly a late one: branches that are merged again. */
function near(drawn: number, last: number): number {
  return Math.max(0, last - Math.floor(drawn * drawn * 8));
}

it('gives every commit to the oldest step of the branch that leads to it, and leaves out none that came with it', async () => {
  const repo = await makeRepo({ firstCommit: false });
  try {
    let name = 0;
    await fc.assert(
      fc.asyncProperty(graphs, async ({ graph, wanted, since, skew }) => {
        const oids = await madeOf(repo, graph, skew, `refs/heads/made-${name++}`);
        const tip = oids.at(-1) ?? '';
        const commits = new Set(wanted.map((i) => oids[i] ?? ''));
        const found = await landingsOn({ cwd: repo.dir }, tip, commits);
        const newest = (await loggedRange({ cwd: repo.dir }, tip, oids[since] ?? '')) ?? [];
        const known = await landingsOn({ cwd: repo.dir }, tip, commits, newest);
        expect([known.cameWith, known.order]).toEqual([found.cameWith, found.order]);
        expect(setsOf(known.others)).toEqual(setsOf(found.others));
        expect({
          cameWith: new Map(found.cameWith),
          order: found.order,
          others: setsOf(found.others),
        }).toEqual(landingsIn(graph, wanted, (i) => oids[i] ?? ''));
      }),
      { numRuns: 150 },
    );
  } finally {
    await repo.remove();
  }
}, 120_000);

function setsOf(others: ReadonlyMap<string, readonly string[]>): Map<string, Set<string>> {
  return new Map([...others].map(([step, commits]) => [step, new Set(commits)]));
}

async function madeOf(repo: TestRepo, graph: Graph, skew: readonly number[], ref: string): Promise<string[]> {
  const stream = graph.map((parents, i) => {
    const [first, ...more] = parents.map((parent) => `:${parent + 1}`);
    const from = first === undefined ? '' : `from ${first}\n`;
    const merged = more.map((mark) => `merge ${mark}\n`).join('');
    // git would look for the first commit's parent on the branch of the name.
    const on = first === undefined ? `reset ${ref}\n` : '';
    return `${on}commit ${ref}\nmark :${i + 1}\ncommitter Jane Doe <jane@example.com> ${1_700_000_000 + i + (skew[i] ?? 0)} +0000\ndata 0\n${from}${merged}\n`;
  });
  const args = ['fast-import', '--quiet', '--force', '--done', '--export-marks=marks'];
  const { code, stderr } = await repo.tryGit(args, { input: `${stream.join('')}done\n` });
  if (code !== 0) throw new Error(stderr);
  const marks = (await repo.read('marks')).trim().split('\n');
  const byMark = new Map(marks.map((line) => line.slice(1).split(' ') as [string, string]));
  return graph.map((_, i) => byMark.get(`${i + 1}`) ?? '');
}

/** The same worked out from the graph alone, all of it. */
function landingsIn(graph: Graph, wanted: readonly number[], oidOf: (at: number) => string): object {
  const line: number[] = [];
  for (let at: number | undefined = graph.length - 1; at !== undefined; at = graph[at]?.[0]) line.push(at);
  const stepOf = new Map<number, number>();
  for (const step of line.toReversed())
    for (const commit of ancestors(graph, step)) if (!stepOf.has(commit)) stepOf.set(commit, step);
  const landed = wanted.filter((commit) => stepOf.has(commit));
  const steps = line.toReversed().filter((step) => landed.some((commit) => stepOf.get(commit) === step));
  const cameAlong = (step: number): number[] =>
    [...stepOf].flatMap(([commit, with_]) =>
      with_ === step && commit !== step && !wanted.includes(commit) && (graph[commit]?.length ?? 0) < 2
        ? [commit]
        : [],
    );
  return {
    cameWith: new Map(landed.map((commit) => [oidOf(commit), oidOf(stepOf.get(commit) ?? -1)])),
    order: steps.map(oidOf),
    others: new Map(steps.map((step) => [oidOf(step), new Set(cameAlong(step).map(oidOf))])),
  };
}

function ancestors(graph: Graph, from: number): Set<number> {
  const found = new Set<number>();
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    waiting.push(...(graph[at] ?? []));
  }
  return found;
}
