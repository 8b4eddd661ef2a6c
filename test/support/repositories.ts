import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Outcome, type RunOptions, repoAt, type TestRepo, writeScript } from './repo.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

/** One of several repositories, with the bare one it is pushed to. */
export interface Pair {
  readonly name: string;
  readonly repo: TestRepo;
  readonly server: TestRepo;
}

/** Repositories in which one run of an agent made a commit each. */
export interface Repositories {
  readonly root: string;
  readonly txn: string;
  /** In the order of the list. */
  readonly all: readonly Pair[];
  readonly get: (name: string) => Pair;
  readonly list: string;
  /** Runs `git agent-revert --repos <list>`. */
  readonly revert: (args: readonly string[], options?: RunOptions) => Promise<Outcome>;
  /** Subjects on a server's main, newest first. */
  readonly published: (name: string) => Promise<string[]>;
  readonly serverHook: (name: string, hook: string, ...lines: string[]) => Promise<void>;
}

export interface RepositoriesOptions {
  readonly names?: readonly string[];
  /** Names of those that are not pushed anywhere. */
  readonly local?: readonly string[];
}

export async function makeRepositories(options: RepositoriesOptions = {}): Promise<Repositories> {
  const names = options.names ?? ['library', 'service', 'website'];
  const root = await mkdtemp(join(tmpdir(), 'agent-log-repos-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  const home = join(root, 'home');
  await mkdir(home);
  const all: Pair[] = [];
  for (const name of names) all.push(await makePair(root, home, name));
  const [first] = all;
  if (first === undefined) throw new RangeError('no repositories');
  const txn = await runEverywhere(all);
  for (const { repo } of all) await repo.git('push', '-q', 'origin', 'main');
  const list = join(root, 'repositories.json');
  const repositories = names.map((path) =>
    options.local?.includes(path) === true ? { path } : { path, remote: 'origin' },
  );
  await first.repo.write(
    '../repositories.json',
    JSON.stringify({ schema: 'agent-log/repos/v1', repositories }),
  );
  const get = (name: string): Pair => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new RangeError(name);
    return found;
  };
  return {
    root,
    txn,
    all,
    get,
    list,
    revert: (args, more = {}) => first.repo.exec(REVERT, ['--repos', list, ...args], { cwd: root, ...more }),
    published: async (name) => (await get(name).server.git('log', '--format=%s', 'main')).split('\n'),
    serverHook: (name, hook, ...lines) =>
      writeScript(get(name).server.path('hooks', hook), ['#!/bin/sh', ...lines, ''].join('\n')),
  };
}

async function makePair(root: string, home: string, name: string): Promise<Pair> {
  const server = repoAt(join(root, `${name}.git`), home);
  const repo = repoAt(join(root, name), home);
  for (const dir of [server.dir, repo.dir]) await mkdir(dir);
  await server.git('init', '-q', '--bare', '-b', 'main', '.');
  await repo.git('init', '-q', '-b', 'main', '.');
  await repo.git('config', 'user.name', 'Jane Doe');
  await repo.git('config', 'user.email', 'jane@example.com');
  await repo.git('config', 'gc.auto', '0');
  await repo.git('remote', 'add', 'origin', server.dir);
  await repo.commit('First', { f: 'first\n', kept: 'kept\n' });
  const { code, stderr } = await repo.run(['init', '--agents', 'none']);
  if (code !== 0) throw new Error(stderr);
  return { name, repo, server };
}

/** One command of an agent that commits in all of them, in turn. Gives its transaction. */
async function runEverywhere(all: readonly Pair[]): Promise<string> {
  const script = all
    .map(({ repo, name }) => `cd '${repo.dir}' && echo ${name} > f && git commit -qam 'Change ${name}'`)
    .join(' && ');
  const [first] = all;
  const ran = await first?.repo.run([
    'run',
    '--task',
    'Change all',
    '--agent',
    'tester',
    '--',
    'sh',
    '-c',
    script,
  ]);
  if (ran?.code !== 0) throw new Error(ran?.stderr);
  return /transaction (\w+)/.exec(ran.stderr)?.[1] ?? '';
}
