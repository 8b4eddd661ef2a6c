import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isPlainStore } from '../../lib/replay/plain-store.ts';
import { repoForTest } from '../support/recorded.ts';

describe('the objects of a repository that commands had', () => {
  it('are read where they are folders and files', async () => {
    const repo = await repoForTest();
    expect(await isPlainStore(repo.path('.git'))).toBe(true);
    expect(await isPlainStore(repo.path('.git', 'nowhere'))).toBe(false);
  });

  it.each([
    ['a pipe', 'mkfifo .git/objects/pack/pack-1.idx'],
    ['a link to a file', 'ln -s /dev/zero .git/objects/pack/pack-1.idx'],
    ['a link to a folder', 'mkdir -p other; ln -s ../../other .git/objects/ab'],
    ['alternates', 'mkdir -p .git/objects/info; echo /tmp > .git/objects/info/alternates'],
    ['a link for all of them', 'mv .git/objects other; ln -s ../other .git/objects'],
    ['a file for the repository', 'mv .git other; echo "gitdir: other" > .git'],
    ['a link for the repository', 'mv .git other; ln -s other .git'],
  ])('attack: %s among them: they are not', async (_, trap) => {
    const repo = await repoForTest();
    execFileSync('sh', ['-ec', trap], { cwd: repo.dir });
    expect(await isPlainStore(repo.path('.git'))).toBe(false);
  });
});
