import { afterEach, expect, it } from 'vitest';
import { changedFiles } from '../../../lib/git/diffs/changed-files.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
afterEach(() => repo.remove());

it('tells every path between two commits, with renames, kinds and lines, whatever attributes say', async () => {
  repo = await makeRepo();
  const text = Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join('');
  await repo.commit('Before', { 'old\tname.txt': text, gone: 'a\nb\n', kept: 'a\n', run: 'x\n' });
  const from = await repo.git('rev-parse', 'HEAD');
  await repo.git('mv', 'old\tname.txt', 'new\nname.txt');
  await repo.git('rm', '-q', 'gone');
  await repo.exec('chmod', ['+x', repo.path('run')]);
  await repo.exec('ln', ['-s', '/etc/passwd', repo.path('link')]);
  const to = await repo.commit('After', {
    kept: 'a\nb\nc\n',
    binary: 'a\0b\n',
    '.gitattributes': 'kept -diff\n',
  });
  const place = await findRepository({ cwd: repo.dir });
  const files = await changedFiles(place, from, to);
  const told = files.map(({ path, oldPath, status, mode, added, deleted }) => [
    path,
    oldPath,
    status,
    mode,
    added,
    deleted,
  ]);
  expect(told.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ['.gitattributes', null, 'added', '100644', 1, 0],
    ['binary', null, 'added', '100644', 0, 0],
    ['gone', null, 'deleted', '100644', 0, 2],
    ['kept', null, 'modified', '100644', 2, 0],
    ['link', null, 'added', '120000', 1, 0],
    ['new\nname.txt', 'old\tname.txt', 'renamed', '100644', 0, 0],
    ['run', null, 'modified', '100755', 0, 0],
  ]);
  expect(files.find(({ path }) => path === 'gone')).toMatchObject({ after: null });
});
