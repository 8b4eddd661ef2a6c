import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordDigest } from '../../lib/core/digest.ts';
import { isExecution, isReadable, parseLine } from '../../lib/core/records/record.ts';
import { claimedTrailers } from '../../lib/core/records/trailers.ts';
import { makeRepo, repoAt, type TestRepo } from '../support/repo.ts';

const WRITER = fileURLToPath(new URL('../support/append-writer.mjs', import.meta.url));
const REF = '--ref=agent-log';

let repo: TestRepo;
beforeEach(async () => {
  repo = await makeRepo();
});
afterEach(() => repo.remove());

/** Digests of the execution records in a note, as git shows it. */
async function recordsShown(object: string): Promise<string[]> {
  const { code, stdout } = await repo.tryGit(['notes', REF, 'show', object]);
  if (code !== 0) return [];
  const parsed = stdout.split('\n').filter(Boolean).map(parseLine);
  expect(
    parsed.filter((line) => !isReadable(line)),
    `unreadable lines on ${object}`,
  ).toEqual([]);
  return parsed.filter((line) => isReadable(line) && isExecution(line)).map(({ digest }) => digest);
}

async function listed(): Promise<{ commit: string; record: string }[]> {
  const { code, stdout, stderr } = await repo.run(['list', '--json']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { commit: string; record: string });
}

describe('200 records from 16 processes', () => {
  it.each(['each on a commit of its own', 'all on five commits'])(
    'are all there, none twice: %s',
    async (how) => {
      const ids = Array.from({ length: 200 }, (_, i) =>
        createHash('sha1')
          .update(how.startsWith('each') ? `object ${i}` : `object ${i % 5}`)
          .digest('hex'),
      );
      // Blobs of these contents, so that git finds the objects its own command is asked about.
      const contents = new Map<string, string>();
      for (let i = 0; i < (how.startsWith('each') ? 200 : 5); i++) {
        const { stdout } = await repo.exec('git', ['hash-object', '-w', '--stdin'], { input: `object ${i}` });
        contents.set(createHash('sha1').update(`object ${i}`).digest('hex'), stdout.trim());
      }
      const objects = ids.map((id) => contents.get(id) ?? '');
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, w) =>
          repo.exec(process.execPath, [
            WRITER,
            repo.dir,
            `writer-${w}`,
            ...objects.filter((__, i) => i % 16 === w),
          ]),
        ),
      );
      expect(outcomes.map(({ stderr }) => stderr).join('')).toBe('');
      const acknowledged = outcomes
        .flatMap(({ stdout }) => stdout.trim().split('\n'))
        .map((line) => line.split(' ') as [string, string]);
      expect(acknowledged).toHaveLength(200);

      const shown = await Promise.all([...new Set(objects)].map(recordsShown));
      expect(shown.flat().sort()).toEqual(acknowledged.map(([, digest]) => digest).sort());
      expect((await listed()).map(({ commit, record }) => `${commit} ${record}`).sort()).toEqual(
        acknowledged.map((pair) => pair.join(' ')).sort(),
      );
      expect(await repo.git('rev-list', '--count', 'refs/notes/agent-log')).toBe('200');
      expect(await repo.git('fsck', '--no-dangling')).toBe('');
    },
  );
});

interface Storm {
  readonly seen: Set<string>;
  killed: number;
  commits: number;
}

/** Everything that waits at this moment: a file of its name in pending/ is the acknowledgement. */
function notePending(seen: Set<string>): void {
  try {
    for (const name of readdirSync(repo.path('.git', 'agent-log', 'pending')))
      if (/^[0-9a-f]{64}$/.test(name)) seen.add(`sha256:${name}`);
  } catch {
    // Not there before the first seal.
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It was done already.
  }
}

/** One agent in its own worktree: commits as Claude Code's shell would, and is killed at random moments. */
async function agent(worktree: TestRepo, number: number, until: number, storm: Storm): Promise<void> {
  for (let i = 0; Date.now() < until; i++) {
    // What a killed git leaves behind is git's own: a person would remove it by hand.
    const tidy = `c=$(git rev-parse --git-common-dir) g=$(git rev-parse --git-dir)
      rm -f "$g"/*.lock "$c/refs/heads/agent-${number}.lock"; git reset -q`;
    await worktree.exec('sh', ['-c', tidy]);
    await worktree.write(`file-${number}-${i}`, `${i}\n`);
    const child = spawn('sh', ['-c', `git add -A && git commit -q -m "Change ${i} of ${number}"`], {
      cwd: worktree.dir,
      env: { ...worktree.env, CLAUDE_CODE_SESSION_ID: `session-${number}`, CLAUDECODE: '1' },
      detached: true,
      stdio: 'ignore',
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    if (Math.random() < 0.7) {
      // Up to twice as long as a commit takes: what it left running in the background dies as often as it does.
      await sleep(Math.random() * 900);
      killGroup(child);
      storm.killed++;
    }
    await ended;
    storm.commits++;
    notePending(storm.seen);
  }
}

describe('kill -9 at random moments of commits that are sealed, bound and appended', () => {
  it('loses no acknowledged record, and doubles none', async () => {
    expect((await repo.run(['init', '--agents', 'none'])).code).toBe(0);
    const worktrees: TestRepo[] = [];
    for (let n = 0; n < 4; n++) {
      const dir = repo.path('..', `agent-${n}`);
      await repo.git('worktree', 'add', '-q', '-b', `agent-${n}`, dir);
      await mkdir(dir, { recursive: true });
      worktrees.push(repoAt(dir, repo.home));
    }
    const storm: Storm = { seen: new Set(), killed: 0, commits: 0 };
    const watch = setInterval(() => notePending(storm.seen), 3);
    const until = Date.now() + 25_000;
    await Promise.all(worktrees.map((worktree, n) => agent(worktree, n, until, storm)));
    clearInterval(watch);
    await sleep(1500);

    const first = await repo.run(['list']);
    expect(first.stderr).toBe('');
    expect(first.code).toBe(0);
    const left = new Set<string>();
    notePending(left);

    const log = await repo.git('log', '--all', '--not', '--glob=refs/notes', '--format=%H%x00%B%x01');
    const commits = log.split('\x01').map((part) => part.trim().split('\0') as [string, string?]);
    const named = new Map(
      commits.flatMap(([oid, body]) => claimedTrailers(body ?? '').records.map((digest) => [digest, oid])),
    );
    expect(storm.killed).toBeGreaterThan(10);
    expect(named.size).toBeGreaterThan(20);

    // What waits on is what no commit names: its commit was killed.
    expect([...left].filter((digest) => named.has(digest))).toEqual([]);
    const records = await listed();
    expect(records).toHaveLength(new Set(records.map(({ record }) => record)).size);
    const bound = new Map(records.map(({ record, commit }) => [record, commit]));
    expect([...named].filter(([digest, oid]) => bound.get(digest) !== oid)).toEqual([]);
    expect([...storm.seen].filter((digest) => !bound.has(digest) && !left.has(digest))).toEqual([]);

    for (const [digest, oid] of named) {
      const { code, stdout } = await repo.run(['show', oid, '--raw']);
      expect(code).toBe(0);
      const lines = stdout.split('\n').filter((line) => recordDigest(line) === digest);
      expect(lines, `${oid} names ${digest}`).toHaveLength(1);
      expect(await recordsShown(oid)).toEqual([digest]);
    }
    for (const [digest, oid] of [...named].slice(0, 10)) {
      const shown = JSON.parse((await repo.run(['show', oid, '--json'])).stdout) as object;
      expect(shown).toMatchObject({
        record: digest,
        binding: 'exact',
        sealed: true,
        authorship: 'agent',
        integrity: { ok: true },
      });
    }
    for (const digest of left) {
      const text = readFileSync(repo.path('.git', 'agent-log', 'pending', digest.slice(7)), 'utf8');
      expect(recordDigest(text.split('\n', 1)[0] ?? '')).toBe(digest);
    }
    expect(await repo.git('fsck', '--no-dangling')).toBe('');
    expect((await repo.run(['list', '--json'])).stdout.split('\n').filter(Boolean)).toHaveLength(
      records.length,
    );
  });

  it('leaves a record waiting whose binder dies while it waits for the ledger', async () => {
    expect((await repo.run(['init', '--agents', 'none'])).code).toBe(0);
    const lock = repo.path('.git', 'refs', 'notes', 'agent-log.lock');
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, '');
    await repo.write('file', 'x');
    const child = spawn('sh', ['-c', 'git add -A && git commit -q -m Change'], {
      cwd: repo.dir,
      env: { ...repo.env, CLAUDECODE: '1' },
      detached: true,
      stdio: 'ignore',
    });
    await new Promise<void>((resolve) => child.once('close', () => resolve()));
    await sleep(1500);
    killGroup(child);
    await rm(lock);
    const [digest = ''] = claimedTrailers(await repo.git('log', '-1', '--format=%B')).records;
    expect(digest).toMatch(/^sha256:/);
    const seen = new Set<string>();
    notePending(seen);
    expect([...seen]).toEqual([digest]);
    expect(await listed()).toMatchObject([{ record: digest, commit: await repo.git('rev-parse', 'HEAD') }]);
    expect(await recordsShown('HEAD')).toEqual([digest]);
  });
});
