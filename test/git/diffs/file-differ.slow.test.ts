import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Entry } from '../../../lib/git/diffs/entry-diff.ts';
import { type FileDiff, lineDiffs } from '../../../lib/git/diffs/line-diff.ts';
import { openScratch, type Scratch, writeObject } from '../../../lib/git/objects/scratch.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { writeTreeObject } from '../../../lib/git/trees/tree-edit.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

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

const OID = 'a'.repeat(40);

/** Lines that look like what git says between them. */
const line = fc.constantFrom(
  'end',
  'one',
  'two',
  '',
  `${OID} ${OID}`,
  'diff --git a/f b/f',
  '@@ -1 +1 @@',
  '\\',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', ''))
  .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end));
const content = fc.oneof({ weight: 8, arbitrary: text }, { weight: 1, arbitrary: fc.constant('a\0b') });
const file = fc.option(
  fc.record({
    content,
    mode: fc.constantFrom('100644', '100644', '100644', '100755', '120000', '160000'),
  }),
  { freq: 8 },
);
const pairs = fc.array(fc.tuple(file, file), { minLength: 1, maxLength: 6 });

async function entryOf(given: { content: string; mode: string } | null): Promise<Entry | null> {
  if (given === null) return null;
  const oid = await writeObject(scratch, 'blob', Buffer.from(given.content));
  return { mode: given.mode, oid };
}

it('lines of files are told as git tells those of whole trees, in whatever order and however often', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async (given) => {
      const entries = await Promise.all(
        given.map(async ([from, to]) => ({ from: await entryOf(from), to: await entryOf(to) })),
      );
      const tree = (side: 'from' | 'to'): Promise<string> =>
        writeTreeObject(
          scratch,
          new Map(entries.flatMap((one, at) => (one[side] ? [[`path-${at}`, one[side]] as const] : []))),
        );
      const [from, to] = [await tree('from'), await tree('to')];
      const paths = given.map((_, at) => `path-${at}`);
      const [whole = []] = from === to ? [[]] : await lineDiffs(scratch, [{ from, to }], paths, 'by-path');
      const byPath = new Map(
        whole.map((diff): [string, FileDiff] => [(diff.from ?? diff.to)?.path ?? '', diff]),
      );
      const expected = paths.map((path) => (byPath.has(path) ? byPath.get(path)?.hunks : []));
      expect(await scratch.files.between(entries)).toEqual(expected);
      expect(await scratch.files.between([...entries].reverse())).toEqual([...expected].reverse());
      const [followed = []] = from === to ? [[]] : await lineDiffs(scratch, [{ from, to }]);
      expect(await scratch.lines.between({ from, to })).toEqual(followed);
    }),
    { numRuns: 150 },
  );
});

it('what is not here is an error, and no answer to what is asked next', async () => {
  const here = await entryOf({ content: 'one\n', mode: '100644' });
  const gone = { mode: '100644', oid: 'b'.repeat(40) };
  await expect(scratch.files.between([{ from: here, to: gone }])).rejects.toMatchObject({
    code: 'GIT_FAILED',
  });
});
