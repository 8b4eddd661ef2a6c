import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mergeTrees } from '../../lib/git/merges/merge-trees.ts';
import { openScratch, type Scratch } from '../../lib/git/objects/scratch.ts';
import { findRepository, type Repository } from '../../lib/git/repository/repository.ts';
import { answer, closureOf, type History } from '../../lib/revert/working-out/closure.ts';
import { changesOf, mergeIn, touching } from '../../lib/revert/working-out/history.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const RUNS = 1000;

let repo: TestRepo;
let here: Repository;
let scratch: Scratch;
let branches = 0;
beforeAll(async () => {
  repo = await makeRepo();
  here = await findRepository({ cwd: repo.dir });
  scratch = await openScratch(here);
});
afterAll(async () => {
  await scratch.close();
  await repo.remove();
});

/** One commit: whose it is, and what it does to a line of a file. */
interface Step {
  readonly agent: boolean;
  readonly file: 'f' | 'g';
  readonly at: number;
  readonly what: 'edit' | 'insert' | 'delete';
  readonly word: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  agent: fc.boolean(),
  file: fc.constantFrom('f', 'g'),
  at: fc.nat({ max: 11 }),
  what: fc.constantFrom('edit', 'edit', 'insert', 'delete'),
  word: fc.constantFrom('x', 'y', 'z'),
});

const START = Array.from({ length: 12 }, (_, i) => `line ${i}`);

function after(lines: readonly string[], { at, what, word }: Step): string[] {
  const place = Math.min(at, lines.length);
  if (what === 'insert') return [...lines.slice(0, place), word, ...lines.slice(place)];
  return [...lines.slice(0, place), ...(what === 'edit' ? [word] : []), ...lines.slice(place + 1)];
}

/** Makes the commits in one process, and gives the history from before them. */
async function history(steps: readonly Step[]): Promise<{ history: History; members: Set<string> }> {
  const branch = `refs/heads/run-${branches++}`;
  const files = { f: START, g: START };
  const commit = (message: string, from: string): string =>
    `commit ${branch}\ncommitter A <a@example.com> 1700000000 +0000\ndata ${message.length}\n${message}\n${from}${Object.entries(
      files,
    )
      .map(([path, lines]) => `M 100644 inline ${path}\ndata ${text(lines).length}\n${text(lines)}\n`)
      .join('')}`;
  const stream = [commit('start', '')];
  for (const one of steps) {
    files[one.file] = after(files[one.file], one);
    stream.push(commit(one.agent ? 'agent' : 'person', ''));
  }
  await repo.exec('git', ['fast-import', '--quiet'], { input: stream.join('') });
  const base = await repo.git('rev-parse', `${branch}~${steps.length}`);
  const changes = await changesOf(here, base, branch);
  const members = new Set(changes.flatMap(({ commit: oid }, i) => (steps[i]?.agent === true ? [oid] : [])));
  return {
    members,
    history: {
      base: changes[0]?.before ?? '',
      head: changes.at(-1)?.after ?? '',
      changes,
      touching: (run, paths) => touching(scratch, run, paths),
    },
  };
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** History without some commits, one by one as a person would pick them; null where that does not go. */
async function pickedOneByOne(
  { base, changes }: History,
  without: ReadonlySet<string>,
): Promise<string | null> {
  let tree = base;
  for (const { commit, before, after: theirs } of changes) {
    if (without.has(commit)) continue;
    const merged = await mergeTrees(scratch, { base: before, ours: tree, theirs });
    if (merged.conflicts.length > 0) return null;
    ({ tree } = merged);
  }
  return tree;
}

it(`a clean answer is the history without the work, made again commit by commit (${RUNS} histories)`, async () => {
  let [clean, closures] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
      const made = await history(steps);
      if (made.members.size === 0) return;
      const merge = mergeIn(scratch);
      const { undone, without } = await answer(merge, made.history, made.members);
      const picked = await pickedOneByOne(made.history, made.members);
      const settled =
        undone.tree !== null && (without === null || without === undone.tree) ? undone.tree : null;
      if (settled !== null && picked !== null) {
        expect(settled).toBe(picked);
        clean++;
      }
      if (settled !== null) return;
      const closure = await closureOf(merge, made.history, made.members, 10);
      if (closure === null) return;
      const all = new Set([...made.members, ...closure.extras.map(({ change }) => change.commit)]);
      expect(closure.tree).toBe(await pickedOneByOne(made.history, all));
      closures++;
    }),
    { numRuns: RUNS, seed: 20261122, endOnFailure: false },
  );
  // Histories in which nothing is ever clean would prove nothing.
  expect(clean).toBeGreaterThan(RUNS / 10);
  expect(closures).toBeGreaterThan(RUNS / 50);
}, 900_000);
