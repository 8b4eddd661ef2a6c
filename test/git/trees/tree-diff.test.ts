import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyTree, parseRawDiff } from '../../../lib/git/repository/index-diff.ts';
import { type TreeChanges, treeChanges } from '../../../lib/git/trees/tree-diff.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

describe('treeChanges', () => {
  let repo: TestRepo;
  let trees: string[];
  beforeAll(async () => {
    repo = await makeRepo();
    await repo.commit('Odd names', {
      ':100644 000000': 'x',
      'new\nline': 'x',
      [`${'a'.repeat(40)} b\n`]: 'x',
    });
    writeFileSync(Buffer.concat([Buffer.from(`${repo.dir}/`), Buffer.from([0xff, 0x3a])]), 'x');
    await repo.commit('Not UTF-8');
    await repo.git('rm', '-q', 'README.md');
    await repo.commit('Gone', { 'new\nline': 'y' });
    await repo.commit('Nothing');
    trees = (await repo.git('log', '--reverse', '--format=%T')).split('\n');
  });
  afterAll(() => repo.remove());

  async function changes(pairs: readonly { from: string; to: string }[], most = 100): Promise<TreeChanges[]> {
    const found: TreeChanges[] = [];
    for await (const one of treeChanges({ cwd: repo.dir }, pairs, most)) found.push(one);
    return found;
  }

  it('is what git says of each pair, in the order asked', async () => {
    const all = [emptyTree('sha1'), ...trees];
    const pairs = all.flatMap((from) => all.map((to) => ({ from, to })));
    const found = await changes(pairs);
    expect(found).toHaveLength(pairs.length);
    for (const [i, { from, to }] of pairs.entries()) {
      const said = await repo.git('diff-tree', '-r', '-z', '--raw', '--no-abbrev', from, to);
      // As text the one name that is not UTF-8 differs in its bytes, and in nothing else.
      const expected = parseRawDiff(Buffer.from(said)).map(({ path, change, blob }) => ({
        path,
        change,
        blob,
      }));
      expect(found[i]?.changes.map(({ path, change, blob }) => ({ path, change, blob }))).toEqual(expected);
    }
    expect(found.flatMap(({ changes: some }) => some).some(({ pathBytes }) => pathBytes === '/zo=')).toBe(
      true,
    );
  });

  it('keeps the first of many and counts all', async () => {
    const [one] = await changes([{ from: emptyTree('sha1'), to: trees.at(-1) ?? '' }], 2);
    expect([one?.changes.length, one?.total]).toEqual([2, 4]);
  });

  it('says so when a tree is not here', async () => {
    await expect(changes([{ from: '1'.repeat(40), to: trees[0] ?? '' }])).rejects.toThrow(/diff-tree failed/);
  });
});
