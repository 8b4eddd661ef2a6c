import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterContext } from '../../../lib/capture/spool/adapter-context.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { repoForTest } from '../../support/recorded.ts';

describe('adapterContext', () => {
  it('tells paths of the worktrees from those of a repository that lies in one', async () => {
    const repo = await repoForTest();
    const linked = join(repo.dir, '.claude/worktrees/agent-1');
    await repo.git('worktree', 'add', '-q', linked);
    await mkdir(repo.path('sub/deep'), { recursive: true });
    await writeFile(repo.path('sub/.git'), 'gitdir: elsewhere\n');
    const context = await adapterContext(await findRepository({ cwd: repo.dir }));
    expect(context.pathInRepository(repo.path('a/b.txt'), null)).toBe('a/b.txt');
    expect(context.pathInRepository('b.txt', repo.path('a'))).toBe('a/b.txt');
    expect(context.pathInRepository(join(linked, 'a/b.txt'), null)).toBe('a/b.txt');
    expect(context.pathInRepository(repo.path('sub/x.txt'), null)).toBeNull();
    expect(context.pathInRepository(repo.path('sub/deep/x.txt'), null)).toBeNull();
    expect(context.pathInRepository(repo.path('..', 'x.txt'), null)).toBeNull();
    expect(context.pathInRepository(`${repo.dir}-other/x.txt`, null)).toBeNull();
    expect([repo.dir, linked, repo.path('sub')].map(context.isWorktree)).toEqual([true, true, false]);
  });

  it('follows a symbolic link to the worktree', async () => {
    const repo = await repoForTest();
    const link = join(repo.home, 'link');
    await symlink(repo.dir, link);
    const context = await adapterContext(await findRepository({ cwd: repo.dir }));
    expect(context.pathInRepository(join(link, 'a.txt'), null)).toBe('a.txt');
    expect(context.isWorktree(link)).toBe(true);
  });
});
