import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { HOOK_SETUPS, type HookSetup, witnessed } from '../support/hook-setups.ts';
import { listing } from '../support/listing.ts';
import { AGENT_ENV, install, repoForTest } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';
import { expectHuman, expectSealed } from '../support/seal.ts';

type Who = Readonly<Record<string, string>>;

/** A stretch of work that makes git run most of its hooks; gives every exit code. */
async function work(repo: TestRepo, env: Who): Promise<number[]> {
  await repo.git('init', '-q', '--bare', '../upstream.git');
  await repo.git('remote', 'add', 'origin', repo.path('..', 'upstream.git'));
  const codes: number[] = [];
  const git = async (...args: string[]): Promise<void> => {
    codes.push((await repo.tryGit(args, { env })).code);
  };
  await git('checkout', '-q', '-b', 'side');
  await repo.write('side.txt', 'side\n');
  await git('add', 'side.txt');
  await git('commit', '-q', '-m', 'Side');
  await git('commit', '-q', '--amend', '-m', 'Side again');
  await git('commit', '-m', '');
  await git('checkout', '-q', 'main');
  await repo.write('main.txt', 'main\n');
  await git('add', 'main.txt');
  await git('commit', '-q', '-m', 'Main');
  await git('rebase', '-q', 'main', 'side');
  await git('checkout', '-q', 'main');
  await git('merge', '-q', '--no-ff', '--no-edit', 'side');
  await git('push', '-q', 'origin', 'main');
  return codes;
}

async function workedIn(setup: HookSetup, installed: boolean, who: Who) {
  const repo = await repoForTest();
  const env = { ...(await setup.setUp(repo)), ...who };
  if (installed) await install(repo, { env });
  const codes = await work(repo, env);
  return { repo, codes, seen: await witnessed(repo) };
}

describe.each(HOOK_SETUPS)('$name', (setup) => {
  it('a person at work: the same hooks with the same names, arguments and input, and nothing of ours', async () => {
    const plain = await workedIn(setup, false, {});
    const { repo, codes, seen } = await workedIn(setup, true, {});
    expect(codes).toEqual(plain.codes);
    expect(seen).toEqual(plain.seen);
    for (const revision of ['HEAD', 'HEAD^1', 'HEAD^2']) await expectHuman(repo, revision);
  });

  it('an agent at work: the same hooks, and every commit sealed', async () => {
    const plain = await workedIn(setup, false, AGENT_ENV);
    const { repo, codes, seen } = await workedIn(setup, true, AGENT_ENV);
    expect(codes).toEqual(plain.codes);
    expect(seen).toEqual(plain.seen);
    await expectSealed(repo, 'HEAD');
    await expectSealed(repo, 'HEAD^1');
    await expectSealed(repo, 'HEAD^2', { binding: 'same-patch' });
  });

  it('uninit gives back .git and .claude byte for byte', async () => {
    const repo = await repoForTest();
    const env = await setup.setUp(repo);
    const before = await listing(repo.path('.'));
    await install(repo, { env });
    expect(await listing(repo.path('.'))).not.toEqual(before);
    await install(repo, { env });
    expect((await repo.run(['uninit'], { env })).code).toBe(0);
    expect(await listing(repo.path('.'))).toEqual(before);
  });

  it('uninit after work keeps the records, and gives everything else back', async () => {
    const repo = await repoForTest();
    const env = await setup.setUp(repo);
    await mkdir(repo.path('.claude'));
    await writeFile(repo.path('.claude/settings.local.json'), '{"model":"x",\n "hooks": {}}');
    await writeFile(repo.path('.git/info/exclude'), '*.log');
    const ours = (path: string): boolean => /^\.git\/(?!config$|hooks|info)|^[^.]/.test(path);
    const before = await listing(repo.path('.'), ours);
    await install(repo, { env });
    await repo.write('a.txt', 'a\n');
    await repo.git('add', 'a.txt');
    await repo.tryGit(['commit', '-q', '-m', 'Work'], { env: { ...env, ...AGENT_ENV } });
    await repo.tryGit(['commit', '-q', '--allow-empty', '-e', '-m', ''], {
      env: { ...env, ...AGENT_ENV, GIT_EDITOR: 'true' },
    });
    await expectSealed(repo);
    expect((await repo.run(['uninit'], { env })).code).toBe(0);
    expect(await listing(repo.path('.'), ours)).toEqual(before);
    await expectSealed(repo);
  });
});
