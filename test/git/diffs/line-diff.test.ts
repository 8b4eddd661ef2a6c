import { chmod, rm, symlink } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FileDiff, lineDiffs } from '../../../lib/git/diffs/line-diff.ts';
import { linesOfText, withHunks } from '../../../lib/revert/lines/hunk.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
beforeEach(async () => {
  repo = await makeRepo();
});
afterEach(() => repo.remove());

async function tree(): Promise<string> {
  await repo.git('add', '-A');
  return repo.git('write-tree');
}

async function diff(from: string, to: string, ...paths: string[]): Promise<FileDiff[]> {
  const [files = []] = await lineDiffs({ cwd: repo.dir }, [{ from, to }], paths);
  return files;
}

it('tells lines as they are: no line feed at the end, carriage returns, what looks like a diff', async () => {
  const odd = 'diff --git a/x b/x\n@@ -1 +1 @@\n-no\n+yes\r\n\\ No newline at end of file';
  await repo.write('f', 'one\ntwo\nthree\n');
  const from = await tree();
  await repo.write('f', `one\n${odd}\nthree`);
  const [only, ...others] = await diff(from, await tree());
  expect(others).toEqual([]);
  expect(withHunks(linesOfText(Buffer.from('one\ntwo\nthree\n')), only?.hunks ?? []).join('')).toBe(
    `one\n${odd}\nthree`,
  );
});

it('tells files that came, went, moved, or became something else', async () => {
  await repo.write('gone', 'gone\n');
  await repo.write('moved', '1\n2\n3\n4\n5\n6\n');
  await repo.write('link', 'link\n');
  await repo.write('run', 'run\n');
  await repo.write('bin', '\0one');
  const from = await tree();
  for (const path of ['gone', 'moved', 'link']) await rm(repo.path(path));
  await repo.write('dir/"odd"\tname\n', '1\n2\n3\n4\n5\n7\n');
  await repo.write('new', 'new\n');
  await symlink('run', repo.path('link'));
  await chmod(repo.path('run'), 0o755);
  await repo.write('bin', '\0two');
  const files = await diff(from, await tree());
  const told = files.map(({ from: was, to: is, hunks }) => [
    was?.path ?? null,
    is?.path ?? null,
    is?.mode ?? null,
    hunks,
  ]);
  expect(told).toEqual([
    ['bin', 'bin', '100644', null],
    ['moved', 'dir/"odd"\tname\n', '100644', [{ start: 5, end: 6, lines: ['7\n'] }]],
    ['gone', null, null, [{ start: 0, end: 1, lines: [] }]],
    ['link', 'link', '120000', null],
    [null, 'new', '100644', [{ start: 0, end: 0, lines: ['new\n'] }]],
    ['run', 'run', '100755', []],
  ]);
});

it('takes names for names: of a file called `*` it tells nothing but that file', async () => {
  await repo.write('*', 'star\n');
  await repo.write('a', 'a\n');
  const from = await tree();
  await repo.write('*', 'star two\n');
  await repo.write('a', 'a two\n');
  expect((await diff(from, await tree(), '*')).map(({ to }) => to?.path)).toEqual(['*']);
});

it('leads from any text to any other', { timeout: 60_000 }, async () => {
  const text = fc
    .array(fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', '+\n', '@@ -1 @@\n', 'end'), { maxLength: 8 })
    .map((lines) => lines.join(''));
  const pairs = fc.sample(fc.tuple(text, text), { numRuns: 40, seed: 7 });
  for (const [before, after] of pairs) {
    if (before === after) continue;
    await repo.write('f', before);
    const from = await tree();
    await repo.write('f', after);
    const [only] = await diff(from, await tree());
    expect(withHunks(linesOfText(Buffer.from(before)), only?.hunks ?? []).join('')).toBe(after);
  }
});
