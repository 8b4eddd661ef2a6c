import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { claimedTrailers } from '../../lib/core/records/trailers.ts';
import { PROGRAM, repoAt, type TestRepo } from '../support/repo.ts';
import { LEDGER, listed, makeTeam, sync, type Team } from '../support/team.ts';
import { eventually } from '../support/wait.ts';

/** Two minutes, as long as records must survive this at least; less for a quick look. */
const SECONDS = Number(process.env['AGENT_LOG_CONVERGENCE_SECONDS'] ?? 120);
const WRITERS_PER_CLONE = 4;

interface Storm {
  /** Digests of records that were on disk at some moment: that is the acknowledgement. */
  readonly acknowledged: Set<string>;
  killed: number;
  commits: number;
  pushes: number;
  syncs: number;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Serves the bare repository by processes of its own: what is killed here is never the server. */
async function serve(team: Team): Promise<string> {
  const port = await freePort();
  const daemon = spawn(
    'git',
    [
      'daemon',
      '--reuseaddr',
      '--listen=127.0.0.1',
      `--port=${port}`,
      '--export-all',
      '--enable=receive-pack',
      `--base-path=${team.root}`,
    ],
    { env: team.server.env, detached: true, stdio: 'ignore' },
  );
  onTestFinished(() => killGroup(daemon));
  const url = `git://127.0.0.1:${port}/server.git`;
  await eventually(async () => (await team.a.tryGit(['ls-remote', url])).code === 0);
  return url;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It was done already.
  }
}

function noteAcknowledged(clone: TestRepo, storm: Storm): void {
  try {
    for (const name of readdirSync(clone.path('.git', 'agent-log', 'pending')))
      if (/^[0-9a-f]{64}$/.test(name)) storm.acknowledged.add(`sha256:${name}`);
  } catch {
    // Not there before the first seal.
  }
}

/** Runs something, and kills it with all it started in some of all cases, at whatever moment. */
async function runUntilKilled(
  worktree: TestRepo,
  program: string,
  args: readonly string[],
  storm: Storm,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, {
    cwd: worktree.dir,
    env: { ...worktree.env, ...env },
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (Math.random() < 0.4) {
    const killer = setTimeout(() => {
      storm.killed++;
      killGroup(child);
    }, Math.random() * 1500);
    await ended;
    clearTimeout(killer);
  } else await ended;
}

/** An agent in a worktree of its own: commits through the hooks, pushes and syncs at random. */
async function writer(
  clone: TestRepo,
  worktree: TestRepo,
  name: string,
  until: number,
  storm: Storm,
): Promise<void> {
  const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: `session-${name}` };
  for (let i = 0; Date.now() < until; i++) {
    // What a killed git leaves behind is git's own: a person would remove it by hand.
    const tidy = `c=$(git rev-parse --git-common-dir) g=$(git rev-parse --git-dir)
      rm -f "$g"/*.lock "$c/refs/heads/${name}.lock" "$c/refs/remotes/origin/${name}.lock"; git reset -q`;
    await worktree.exec('sh', ['-c', tidy]);
    await worktree.write(`file-${name}-${i}`, `${i}\n`);
    const dice = Math.random();
    await runUntilKilled(
      worktree,
      'sh',
      ['-c', `git add -A && git commit -q -m "Change ${i} of ${name}"`],
      storm,
      env,
    );
    storm.commits++;
    noteAcknowledged(clone, storm);
    if (dice < 0.4) {
      await runUntilKilled(worktree, 'git', ['push', '-q', 'origin', name], storm, env);
      storm.pushes++;
    } else if (dice < 0.8) {
      const way = dice < 0.5 ? ['--push'] : dice < 0.6 ? ['--fetch'] : [];
      await runUntilKilled(worktree, PROGRAM, ['sync', ...way], storm);
      storm.syncs++;
    } else if (dice < 0.85) await runUntilKilled(worktree, 'git', ['fetch', '-q'], storm);
  }
}

/** Commits that came about, by the record their message names. */
async function namedRecords(clone: TestRepo): Promise<Map<string, string>> {
  const log = await clone.git('log', '--branches', '--format=%H%x00%B%x01');
  const commits = log.split('\x01').map((part) => part.trim().split('\0') as [string, string?]);
  return new Map(
    commits.flatMap(([oid, body]) => claimedTrailers(body ?? '').records.map((digest) => [digest, oid])),
  );
}

it(
  `8 writers in two clones commit, push and sync for ${SECONDS} s while they are killed: all have the same, and all that was acknowledged`,
  async () => {
    const team = await makeTeam();
    const url = await serve(team);
    const storm: Storm = { acknowledged: new Set(), killed: 0, commits: 0, pushes: 0, syncs: 0 };
    const clones = [team.a, team.b];
    const until = Date.now() + SECONDS * 1000;
    const writers: Promise<void>[] = [];
    const watch = setInterval(() => clones.forEach((clone) => noteAcknowledged(clone, storm)), 3);
    onTestFinished(() => clearInterval(watch));
    for (const [c, clone] of clones.entries()) {
      await clone.git('remote', 'set-url', 'origin', url);
      for (let n = 0; n < WRITERS_PER_CLONE; n++) {
        const name = `writer-${c}-${n}`;
        await clone.git('worktree', 'add', '-q', '-b', name, join(team.root, name));
        writers.push(writer(clone, repoAt(join(team.root, name), clone.home), name, until, storm));
      }
    }
    await Promise.all(writers);
    clearInterval(watch);
    clones.forEach((clone) => noteAcknowledged(clone, storm));
    // What hooks left running in the background, and locks that are young enough to be somebody's.
    await sleep(8000);

    const named = new Map<string, string>();
    for (const clone of clones) for (const [digest, oid] of await namedRecords(clone)) named.set(digest, oid);
    for (const clone of [...clones, ...clones]) await sync(clone);
    const [one, other] = [await listed(team.a), await listed(team.b)];
    expect(one).toEqual(other);
    for (const clone of clones)
      expect(await clone.git('rev-parse', LEDGER)).toBe(await team.server.git('rev-parse', LEDGER));

    expect(storm.killed).toBeGreaterThan(SECONDS / 12);
    expect(named.size).toBeGreaterThan(SECONDS / 6);
    expect(storm.pushes * storm.syncs).toBeGreaterThan(0);
    // Every commit that came about has its record, and no other commit has one.
    expect(new Map([...one].map(([commit, digest]) => [digest, commit]))).toEqual(named);
    // What was acknowledged and is in no ledger waits for a commit that was killed.
    const left = new Set(
      clones.flatMap((clone) =>
        readdirSync(clone.path('.git', 'agent-log', 'pending')).map((name) => `sha256:${name}`),
      ),
    );
    expect([...storm.acknowledged].filter((digest) => !named.has(digest) && !left.has(digest))).toEqual([]);
    expect([...left].filter((digest) => named.has(digest))).toEqual([]);
    for (const repo of [...clones, team.server])
      expect((await repo.tryGit(['fsck', '--no-dangling'])).code).toBe(0);
  },
  SECONDS * 1000 + 240_000,
);
