import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Entry } from '../../../lib/git/diffs/entry-diff.ts';
import { type Along, mergerAlong, type Step } from '../../../lib/git/merges/merge-along.ts';
import { mergeTrees, type ThreeTrees } from '../../../lib/git/merges/merge-trees.ts';
import { openScratch, type Scratch, writeObject } from '../../../lib/git/objects/scratch.ts';
import { emptyTree } from '../../../lib/git/repository/index-diff.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { editTreeBytes } from '../../../lib/git/trees/tree-edit.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const RUNS = 600;

let repo: TestRepo;
let scratch: Scratch;
beforeAll(async () => {
  repo = await makeRepo();
  scratch = await openScratch(await findRepository({ cwd: repo.dir }));
});
afterAll(async () => {
  await scratch.close();
  await repo.remove();
});

/** What one change does to a tree. */
interface Deed {
  readonly what: 'edit' | 'add' | 'delete' | 'rename' | 'folder' | 'mode' | 'link' | 'nest';
  /** Which of the paths there are. */
  readonly of: number;
  readonly to: string;
  readonly at: number;
  readonly word: string;
}

const deed: fc.Arbitrary<Deed> = fc.record({
  what: fc.constantFrom(
    'edit',
    'edit',
    'edit',
    'edit',
    'add',
    'delete',
    'rename',
    'folder',
    'mode',
    'link',
    'nest',
  ),
  of: fc.nat({ max: 9 }),
  to: fc.constantFrom('a', 'b', 'p/a', 'p/b', 'p/q/a', 'p/q/b', 'r/a', 'r/b', 's'),
  at: fc.nat({ max: 11 }),
  word: fc.constantFrom('x', 'y', 'z'),
});

const history = fc.array(
  fc.record({ isMade: fc.boolean(), deeds: fc.array(deed, { minLength: 1, maxLength: 3 }) }),
  { minLength: 2, maxLength: 7 },
);

/** A file by path: its lines, or null for a symbolic link. */
type Files = ReadonlyMap<string, { readonly lines: readonly string[]; readonly mode: string }>;

const file = (name: string): { lines: string[]; mode: string } => ({
  lines: Array.from({ length: 12 }, (_, i) => `${name} line ${i}`),
  mode: '100644',
});

const START: Files = new Map(['a', 'b', 'p/a', 'p/b', 'p/q/a', 'r/a'].map((path) => [path, file(path)]));

function after(files: Files, { what, of, to, at, word }: Deed): Files {
  const next = new Map(files);
  const [path = '', old] = [...files].at(of % Math.max(files.size, 1)) ?? [];
  if (what === 'add') place(next, to, file(word));
  if (old === undefined) return next;
  if (what === 'edit')
    next.set(path, { ...old, lines: old.lines.map((line, i) => (i === at ? word : line)) });
  if (what === 'delete') next.delete(path);
  if (what === 'mode') next.set(path, { ...old, mode: old.mode === '100644' ? '100755' : '100644' });
  if (what === 'link') next.set(path, { lines: [word], mode: '120000' });
  if (what === 'rename') {
    next.delete(path);
    place(next, to, old);
  }
  if (what === 'nest') {
    next.delete(path);
    place(next, `${path}/inside`, old);
  }
  if (what === 'folder') {
    const folder = path.split('/')[0] ?? '';
    for (const [inside, content] of files)
      if (inside.startsWith(`${folder}/`)) {
        next.delete(inside);
        place(next, `t${inside.slice(folder.length)}`, content);
      }
  }
  return next;
}

/** Puts a file somewhere; what a file and a folder of one name can't both be goes. */
function place(
  files: Map<string, Files extends ReadonlyMap<string, infer F> ? F : never>,
  path: string,
  content: Files extends ReadonlyMap<string, infer F> ? F : never,
): void {
  for (const other of files.keys())
    if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
  files.set(path, content);
}

async function treeOf(files: Files): Promise<string> {
  const entries = await Promise.all(
    [...files].map(async ([path, { lines, mode }]): Promise<[string, Entry]> => {
      const text = mode === '120000' ? lines.join('') : lines.map((line) => `${line}\n`).join('');
      return [path, { mode, oid: await writeObject(scratch, 'blob', Buffer.from(text)) }];
    }),
  );
  return editTreeBytes(scratch, emptyTree('sha1'), entries);
}

/** As `git merge-tree` says, step by step, of the whole trees. */
async function oneByOne(steps: readonly Step[]): Promise<Along> {
  let tree = steps[0]?.from ?? '';
  for (const [step, { from, to, isMade }] of steps.entries()) {
    if (!isMade) continue;
    const { conflicts, tree: merged } = await mergeTrees(scratch, { base: from, ours: tree, theirs: to });
    if (conflicts.length > 0) return { tree: null, stopped: { step, conflicts } };
    tree = merged;
  }
  return { tree, stopped: null, keptDeleted: [] };
}

it(`many merges at once come to what git says one by one, whatever was renamed, moved or replaced (${RUNS} histories)`, async () => {
  let [clean, stopped, whole, all] = [0, 0, 0, 0];
  const merge = (trees: ThreeTrees): ReturnType<typeof mergeTrees> => {
    whole++;
    return mergeTrees(scratch, trees);
  };
  await fc.assert(
    fc.asyncProperty(history, async (made) => {
      let files = START;
      const steps: Step[] = [];
      let from = await treeOf(files);
      for (const { isMade, deeds } of made) {
        files = deeds.reduce(after, files);
        const to = await treeOf(files);
        steps.push({ from, to, isMade });
        from = to;
      }
      all += steps.filter(({ isMade }) => isMade).length;
      const expected = await oneByOne(steps);
      expect(await mergerAlong(scratch, merge)(steps)).toEqual(expected);
      if (expected.stopped === null) clean++;
      else stopped++;
    }),
    { numRuns: RUNS, seed: 20261122, endOnFailure: false },
  );
  // Were git asked for all of it, or did nothing ever conflict, this would prove little.
  expect(clean).toBeGreaterThan(RUNS / 5);
  expect(stopped).toBeGreaterThan(RUNS / 20);
  expect(whole).toBeLessThan(all);
}, 900_000);
