import { afterEach, describe, expect, it } from 'vitest';
import { openObjectReader } from '../../lib/git/objects/catfile.ts';
import { packExactly } from '../../lib/git/objects/pack-objects.ts';
import { emptyTree } from '../../lib/git/repository/index-diff.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { tracePath } from '../../lib/git/trees/path-trace.ts';
import { treeDiffs } from '../../lib/git/trees/tree-diffs.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
afterEach(() => repo.remove());

describe.each(['sha1', 'sha256'] as const)('in %s', (objectFormat) => {
  it('a pack holds the objects named and no other, and is the same however they lie and whatever is set', async () => {
    repo = await makeRepo({ objectFormat });
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`);
    for (const name of ['a', 'b', 'c'])
      await repo.commit(name, { 'deep/file.txt': `${[...lines, name].join('\n')}\n` });
    const blobs = await repo.git(
      'rev-parse',
      'HEAD:deep/file.txt',
      'HEAD~1:deep/file.txt',
      'HEAD',
      'HEAD^{tree}',
    );
    const oids = blobs.split('\n');
    const loose = await packExactly({ cwd: repo.dir }, oids);
    await repo.git('repack', '-adfq', '--depth=200', '--window=200');
    await repo.git('config', 'pack.compression', '0');
    await repo.git('config', 'core.compression', '0');
    await repo.git('config', 'pack.threads', '2');
    await repo.git('config', 'pack.window', '0');
    const packed = await packExactly({ cwd: repo.dir }, [...oids, ...oids].reverse());
    expect(packed.equals(loose)).toBe(true);
    await repo.exec('git', ['init', '-q', '--bare', `--object-format=${objectFormat}`, 'other.git']);
    const other = (...args: string[]): Promise<string> => repo.git('-C', 'other.git', ...args);
    const indexed = await repo.exec('git', ['-C', 'other.git', 'index-pack', '--stdin'], { input: packed });
    expect(indexed.code, indexed.stderr).toBe(0);
    const found = await other('cat-file', '--batch-all-objects', '--batch-check=%(objectname)');
    expect(found.split('\n')).toEqual([...oids].sort());
  });

  it('the way to a path is every tree on it, and ends where nothing is', async () => {
    repo = await makeRepo({ objectFormat });
    await repo.commit('deep', { 'a/b/c.txt': 'x\n' });
    const reader = openObjectReader({ cwd: repo.dir });
    const trees = (await repo.git('rev-parse', 'HEAD^{tree}', 'HEAD:a', 'HEAD:a/b')).split('\n');
    try {
      const found = await tracePath(reader, 'HEAD', 'a/b/c.txt');
      expect([found.trees, found.entry?.oid]).toEqual([trees, await repo.git('rev-parse', 'HEAD:a/b/c.txt')]);
      expect(await tracePath(reader, 'HEAD', 'a/x/c.txt')).toEqual({ trees: trees.slice(0, 2), entry: null });
      expect(await tracePath(reader, 'HEAD', 'a/b/c.txt/d')).toEqual({ trees, entry: null });
      expect(await tracePath(reader, 'nothing', 'a')).toEqual({ trees: [], entry: null });
    } finally {
      reader.close();
    }
  });

  it('a diff is what git says of the two trees, up to a limit and never within a line', async () => {
    repo = await makeRepo({ objectFormat });
    const pair = `${'a'.repeat(40)} ${'b'.repeat(40)}`;
    const tree = async (name: string, content: string): Promise<string> => {
      await repo.commit(name, { [name]: content });
      return repo.git('rev-parse', 'HEAD^{tree}');
    };
    const trees = [
      emptyTree(objectFormat),
      await tree('one', `${pair}\n`),
      await tree('two', 'x'.repeat(300_000)),
      await tree('three', `${pair}\n${'y\n'.repeat(1000)}`),
    ];
    const pairs = trees.slice(1).map((to, i) => ({ from: trees[i] ?? '', to }));
    const place = await findRepository({ cwd: repo.dir });
    const found = await treeDiffs(place, pairs, 1024);
    for (const [i, { from, to }] of pairs.entries()) {
      const { stdout } = await repo.tryGit([
        'diff-tree',
        '-r',
        '-p',
        '--full-index',
        '--no-renames',
        from,
        to,
      ]);
      const text = found[i]?.bytes.toString() ?? '';
      expect(stdout.startsWith(text)).toBe(true);
      expect(found[i]?.isCut).toBe(text.length < stdout.length);
      expect(text.endsWith('\n')).toBe(true);
      expect(text.length).toBeLessThanOrEqual(1024);
    }
    expect(found.map((one) => one?.isCut)).toEqual([false, true, true]);
    const whole = await treeDiffs(place, pairs, 1 << 20);
    expect(whole.map((one) => one?.isCut)).toEqual([false, false, false]);
    expect(
      await treeDiffs(place, [{ from: '1'.repeat(trees[1]?.length ?? 0), to: trees[1] ?? '' }], 1024),
    ).toEqual([null]);
  });
});
