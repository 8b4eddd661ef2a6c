import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { claimedTrailers } from '../../lib/core/records/trailers.ts';
import { agentGit } from './recorded.ts';
import { repoAt, type TestRepo, writeScript } from './repo.ts';
import { schemaProblems } from './schema.ts';
import { eventually } from './wait.ts';

export const LEDGER = 'refs/notes/agent-log';

/** A bare server and clones of it, in a folder that is removed with the test. */
export interface Team {
  readonly root: string;
  readonly server: TestRepo;
  /** Two clones with git-agent-log, each with somebody's name. */
  readonly a: TestRepo;
  readonly b: TestRepo;
  readonly cloneAs: (name: string, ...flags: string[]) => Promise<TestRepo>;
  /** Puts a hook on the server. */
  readonly serverHook: (name: string, ...lines: string[]) => Promise<void>;
}

export async function makeTeam(objectFormat: 'sha1' | 'sha256' = 'sha1'): Promise<Team> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-team-'));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  const home = join(root, 'home');
  for (const dir of [home, join(root, 'server.git'), join(root, 'seed')]) await mkdir(dir);
  const server = repoAt(join(root, 'server.git'), home);
  await server.git('init', '-q', '--bare', '-b', 'main', `--object-format=${objectFormat}`, '.');
  await server.git('config', 'uploadpack.allowFilter', 'true');
  const seed = repoAt(join(root, 'seed'), home);
  await seed.git('init', '-q', '-b', 'main', `--object-format=${objectFormat}`, '.');
  await identify(seed, 'seed');
  await seed.commit('First', { 'README.md': 'hello\n' });
  await seed.git('push', '-q', server.dir, 'main');
  const cloneAs: Team['cloneAs'] = async (name, ...flags) => {
    await seed.git('clone', '-q', ...flags, `file://${server.dir}`, join(root, name));
    const clone = repoAt(join(root, name), home);
    await identify(clone, name);
    const { code, stderr } = await clone.run(['init', '--agents', 'none']);
    if (code !== 0) throw new Error(stderr);
    return clone;
  };
  const serverHook: Team['serverHook'] = (name, ...lines) =>
    writeScript(join(server.dir, 'hooks', name), ['#!/bin/sh', ...lines, ''].join('\n'));
  return { root, server, a: await cloneAs('a'), b: await cloneAs('b'), cloneAs, serverHook };
}

async function identify(repo: TestRepo, name: string): Promise<void> {
  await repo.git('config', 'user.name', `Person ${name}`);
  await repo.git('config', 'user.email', `${name}@example.com`);
  await repo.git('config', 'gc.auto', '0');
}

let files = 0;

/** An agent's commit on a branch of its own, bound before this returns. Gives its id. */
export async function work(clone: TestRepo, what = 'Change'): Promise<string> {
  files++;
  await clone.git('checkout', '-q', '-B', `work-${files}`);
  await clone.write(`file-${files}`, `${what}\n`);
  await clone.git('add', '-A');
  await agentGit(clone, 'commit', '-q', '-m', what);
  const { code, stderr } = await clone.run(['list', '-n', '1']);
  expect(code, stderr).toBe(0);
  return clone.git('rev-parse', 'HEAD');
}

/** Records that ought to be known everywhere: commit -> digest, from the commits' own messages. */
export async function sealed(clone: TestRepo, commits: readonly string[]): Promise<Map<string, string>> {
  const entries = await Promise.all(
    commits.map(async (commit) => {
      const [digest = ''] = claimedTrailers(await clone.git('log', '-1', '--format=%B', commit)).records;
      expect(digest).toMatch(/^sha256:/);
      return [commit, digest] as const;
    }),
  );
  return new Map(entries);
}

export async function listed(clone: TestRepo): Promise<Map<string, string>> {
  const { stdout, code, stderr } = await clone.run(['list', '--json']);
  expect(code, stderr).toBe(0);
  const records = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { commit: string; record: string });
  expect(new Set(records.map(({ commit }) => commit)).size).toBe(records.length);
  return new Map(records.map(({ commit, record }) => [commit, record]));
}

export interface SyncOutcome {
  readonly received: number;
  readonly pushed: boolean | null;
  readonly races: number;
  readonly vanished: readonly { readonly object: string; readonly records: readonly string[] }[];
  readonly problems: readonly { readonly problem: string; readonly path: string }[];
  readonly unreadable: readonly { readonly object: string; readonly problem: string }[];
}

export async function sync(clone: TestRepo, ...args: string[]): Promise<SyncOutcome> {
  const { code, stdout, stderr } = await clone.run(['sync', '--json', ...args]);
  expect(code, stderr).toBe(0);
  const outcome = JSON.parse(stdout) as SyncOutcome;
  expect(schemaProblems(outcome)).toEqual([]);
  return outcome;
}

/** Brings everybody's commits to everybody, and no records. */
export async function shareBranches({ a, b }: Team): Promise<void> {
  for (const clone of [a, b]) await clone.git('push', '-q', '--no-verify', 'origin', 'refs/heads/work-*');
  for (const clone of [a, b]) await clone.git('fetch', '-q', 'origin');
}

/**
 * Holds when both clones know these records and no others, each commit resolves in both, and clones and server have one
 * ledger.
 */
export async function expectShared(team: Team, commits: readonly string[]): Promise<void> {
  const { a, b, server } = team;
  const wanted = new Map<string, string>();
  await shareBranches(team);
  for (const [commit, digest] of await sealed(a, commits)) wanted.set(commit, digest);
  for (const clone of [a, b, a]) await sync(clone);
  for (const clone of [a, b]) {
    expect(await listed(clone)).toEqual(wanted);
    for (const [commit, digest] of wanted) {
      const { stdout } = await clone.run(['show', commit, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({
        record: digest,
        binding: 'exact',
        sealed: true,
        authorship: 'agent',
      });
    }
    expect(await clone.git('rev-parse', LEDGER)).toBe(await server.git('rev-parse', LEDGER));
  }
}

/** Waits until the server's ledger has a note of each commit: a push may leave it to the background. */
export async function arrived(team: Team, ...commits: readonly string[]): Promise<void> {
  await eventually(async () => {
    for (const commit of commits)
      if ((await team.server.tryGit(['notes', '--ref=agent-log', 'show', commit])).code !== 0) return false;
    return true;
  }, 60_000);
}
