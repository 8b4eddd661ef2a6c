import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAsking } from '../../../lib/git/repository/asking.ts';
import { type Opening, openAsked } from '../../../lib/git/repository/opening.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let sha256: TestRepo;
const openings: Opening[] = [];

beforeAll(async () => {
  [repo, sha256] = await Promise.all([makeRepo(), makeRepo({ objectFormat: 'sha256' })]);
  await repo.git('clone', '-q', '--bare', '.', '../bare.git');
  await repo.git('worktree', 'add', '-q', '../linked');
  await repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../bare.git', 'sub');
  await mkdir(repo.path('a', 'b'), { recursive: true });
  await repo.git('init', '-q', 'nested');
  await repo.git('init', '-q', '--separate-git-dir', '../elsewhere.git', '../separate');
  await mkdir(repo.path('broken', '.git'), { recursive: true });
  await mkdir(repo.path('..', 'lost'));
  await writeFile(repo.path('..', 'lost', '.git'), 'gitdir: /nowhere\n');
});
afterAll(async () => {
  for (const { reader } of openings) reader.close();
  await Promise.all([repo.remove(), sha256.remove()]);
});

function open(cwd: string, names: readonly string[] = []): Opening {
  const opening = openAsked(startAsking(cwd, names));
  openings.push(opening);
  return opening;
}

describe('openAsked', () => {
  it.each([
    ['a repository', '.'],
    ['a folder in it', 'a/b'],
    ['its .git', '.git'],
    ['a bare repository', '../bare.git'],
    ['a linked worktree', '../linked'],
    ['a submodule', 'sub'],
    ['a repository in a repository', 'nested'],
    ['a worktree whose .git is elsewhere', '../separate'],
    ['a folder whose .git is none', 'broken'],
  ])('finds %s as git does', async (_, folder) => {
    const cwd = repo.path(folder);
    expect(await open(cwd).repository).toEqual(await findRepository({ cwd }));
  });

  it.each([
    ['no repository', '/'],
    ['a .git that leads nowhere', '../lost'],
  ])('says of %s what git says', async (_, folder) => {
    const cwd = folder === '/' ? folder : repo.path(folder);
    await expect(open(cwd).repository).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
    await expect(findRepository({ cwd })).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' });
  });

  it.each([
    ['GIT_DIR', () => join(sha256.dir, '.git')],
    ['GIT_CEILING_DIRECTORIES', () => repo.dir],
    ['GIT_WORK_TREE', () => repo.path('a')],
  ])('obeys %s as git does', async (name, value) => {
    const cwd = repo.path('a');
    process.env[name] = value();
    try {
      const outcome = (found: Promise<unknown>): Promise<unknown> => found.catch(String);
      const ours = open(cwd).repository;
      expect(await outcome(ours)).toEqual(await outcome(findRepository({ cwd })));
    } finally {
      delete process.env[name];
    }
  });

  it('knows the object format', async () => {
    expect(await open(sha256.dir).repository).toMatchObject({ format: 'sha256' });
  });

  it('reads objects, asked for before the repository is found and after', async () => {
    const { repository, reader } = open(repo.dir);
    const early = reader.read('HEAD^{commit}');
    const none = reader.read('no-such-thing');
    await repository;
    const head = await repo.git('rev-parse', 'HEAD');
    expect((await early)?.oid).toBe(head);
    expect(await none).toBeNull();
    expect((await reader.read(`${head}^{tree}`))?.type).toBe('tree');
  });

  it('has the answers to what git was asked at first, under every name they have', async () => {
    const { reader } = open(repo.dir, ['a\nb', 'HEAD^{commit}', 'HEAD^^{commit}', 'no-such-thing', '']);
    const head = await reader.read('HEAD^{commit}');
    const parent = await repo.git('rev-parse', 'HEAD');
    expect(head?.oid).toBe(parent);
    expect(await reader.read(`${parent}^{commit}`)).toBe(head);
    expect(await reader.read('HEAD^^{commit}')).toBeNull();
    expect(await reader.read('no-such-thing')).toBeNull();
    expect(await reader.read('a\nb')).toBeNull();
    expect(await reader.read('')).toBeNull();
    expect((await reader.read('HEAD^{tree}'))?.type).toBe('tree');
  });

  it('asks nothing of a ref that is not there, and all of one that is', async () => {
    const names = ['HEAD^{commit}', 'refs/notes/none^{commit}', 'refs/heads/main^{commit}'];
    const { reader } = open(repo.dir, names);
    expect(await reader.read('refs/notes/none:a/path')).toBeNull();
    const [name = ''] = (await repo.git('ls-tree', '--name-only', 'HEAD')).split('\n');
    expect((await reader.read(`refs/heads/main:${name}`))?.oid).toBe(
      await repo.git('rev-parse', `HEAD:${name}`),
    );
    expect(await reader.read(`refs/heads/main:no-${name}`)).toBeNull();
    expect((await reader.read(`HEAD:${name}`))?.type).toBe('blob');
  });

  it('fails where git can’t be started, and never waits for it', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      const { repository, reader } = open(repo.dir, ['asked']);
      await expect(reader.read('asked')).rejects.toMatchObject({ code: 'GIT_FAILED' });
      await expect(reader.read('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
      await expect(repository).rejects.toMatchObject({ code: 'GIT_FAILED' });
    } finally {
      process.env['PATH'] = path;
    }
  }, 5000);

  it('fails where the folder is gone', async () => {
    const { repository } = open(repo.path('gone'));
    await expect(repository).rejects.toMatchObject({ code: 'GIT_FAILED' });
  }, 5000);
});
