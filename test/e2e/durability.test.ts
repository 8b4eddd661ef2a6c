import { appendFile, cp, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placeOf, sessionKey } from '../../lib/capture/place.ts';
import type { SessionState } from '../../lib/capture/session/session.ts';
import { loadSession } from '../../lib/capture/session/session-store.ts';
import { recordDigest } from '../../lib/core/digest.ts';
import { claimedTrailers } from '../../lib/core/records/trailers.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { FAKETIME, noMounts, noStrace, openMounts, traced, withFault } from '../support/faults.ts';
import { AGENT_ENV, agentCommit, agentGit, recorded } from '../support/recorded.ts';
import { PROGRAM, repoAt, type TestRepo, writeScript } from '../support/repo.ts';
import { ask, payload, toolWrites } from '../support/spool.ts';
import { eventually, untilNobodyWorksIn } from '../support/wait.ts';

const APPEND_MANY = fileURLToPath(new URL('../support/append-many.mjs', import.meta.url));
const WRITER = fileURLToPath(new URL('../support/append-writer.mjs', import.meta.url));
const BIND = [PROGRAM, 'hook', 'bind', 'test'];
const DRAIN = [PROGRAM, 'hook', 'drain', 'stop'];

async function shown(repo: TestRepo, revision = 'HEAD'): Promise<ShowDocument> {
  const { code, stdout, stderr } = await repo.run(['show', revision, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as ShowDocument;
}

/** Commits that have a record, oldest first, and what is known of each: nothing may gain a record but these. */
async function records(repo: TestRepo): Promise<Listed[]> {
  const { code, stdout, stderr } = await repo.run(['list', '--json']);
  expect(code, stderr).toBe(0);
  return parsed(stdout).reverse();
}

interface Listed {
  readonly commit: string;
  readonly record: string;
  readonly txn: string;
}

function parsed(stdout: string): Listed[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Listed);
}

async function pending(repo: TestRepo): Promise<string[]> {
  const names = await readdir(repo.path('.git/agent-log/pending')).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => `sha256:${name}`);
}

async function session(repo: TestRepo): Promise<SessionState | null> {
  const place = placeOf(await findRepository({ cwd: repo.dir }));
  return loadSession(place, sessionKey('claude-code', AGENT_ENV['CLAUDE_CODE_SESSION_ID'] ?? ''));
}

/** The model answers: ten tokens. */
async function answers(repo: TestRepo, id: string): Promise<void> {
  const usage = { input_tokens: 1, output_tokens: 10 };
  const message = { id, model: 'some-model', usage, content: [] };
  await appendFile(
    join(repo.home, 'transcript.jsonl'),
    `${JSON.stringify({ type: 'assistant', timestamp: new Date().toISOString(), message })}\n`,
  );
}

const log = (repo: TestRepo, name: string): string => repo.path('.git/agent-log', name);

describe('a lock another process holds for longer than a commit waits', () => {
  it('keeps no commit from its record, and nothing the other process does is lost', async () => {
    const repo = await recorded();
    await ask(repo, 'Write two files.');
    await answers(repo, 'm1');
    await toolWrites(repo, 'a.txt', 'a\n');
    const spooled = await readdir(log(repo, 'spool'));
    await writeFile(log(repo, 'lock'), `${process.pid}\n\n${hostname()}`);
    const one = await agentCommit(repo, 'One');
    expect(await pending(repo)).toHaveLength(1);
    // As the process that holds the lock knew them when it began.
    expect(await readdir(log(repo, 'spool'))).toEqual(spooled);
    expect(await session(repo)).toBeNull();
    expect((await readdir(log(repo, ''))).filter((name) => name.startsWith('aside'))).toEqual([]);
    await writeFile(log(repo, 'lock'), '999999999');

    const first = await shown(repo, one);
    expect(first).toMatchObject({ binding: 'exact', sealed: true, seq: 1, prev: null });
    expect(first).toMatchObject({ task: { text: 'Write two files.' } });
    expect(first.files).toMatchObject([{ path: 'a.txt', by: 'agent' }]);
    expect(first).toMatchObject({ gaps: [], usage: { outputTokens: 10 } });
    await answers(repo, 'm2');
    await toolWrites(repo, 'b.txt', 'b\n');
    const two = await agentCommit(repo, 'Two');
    const second = await shown(repo, two);
    expect(second).toMatchObject({ binding: 'exact', sealed: true, txn: first.txn, seq: 2 });
    expect(second).toMatchObject({ prev: first.record, task: { text: 'Write two files.' } });
    expect(second.files).toMatchObject([{ path: 'b.txt', by: 'agent' }]);
    // What the first record holds is not told again.
    expect(second.toolCalls.map(({ id }) => id)).not.toContain(first.toolCalls[0]?.id);
    expect((await records(repo)).map(({ commit }) => commit)).toEqual([one, two]);
    expect(await pending(repo)).toEqual([]);
    expect(second.usage).toMatchObject({ outputTokens: 10 });
    expect(await readFile(log(repo, 'journal.jsonl'), 'utf8').catch(() => '')).toBe('');
  });

  it('keeps a record that is bound until it was counted', async () => {
    const repo = await recorded();
    await ask(repo, 'Write.');
    // So the lock is there before it is looked for.
    await withoutBinding(repo);
    const one = await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
    await writeFile(log(repo, 'lock'), `${process.pid}\n\n${hostname()}`);
    await repo.run(['hook', 'bind', 'test']);
    expect(await pending(repo)).toHaveLength(1);
    await writeFile(log(repo, 'lock'), '999999999');
    const two = await agentCommit(repo, 'Two', { 'b.txt': 'b\n' });
    const [first, second] = [await shown(repo, one), await shown(repo, two)];
    expect(second).toMatchObject({ txn: first.txn, seq: 2, prev: first.record });
    expect((await records(repo)).map(({ commit }) => commit)).toEqual([one, two]);
    expect(await pending(repo)).toEqual([]);
  });
});

/** Commits that name a record, by its digest. */
async function named(repo: TestRepo): Promise<Map<string, string>> {
  const log = await repo.git('log', '--all', '--not', '--glob=refs/notes', '--format=%H%x00%B%x01');
  const commits = log.split('\x01').map((part) => part.trim().split('\0') as [string, string?]);
  return new Map(
    commits.flatMap(([oid, body]) => claimedTrailers(body ?? '').records.map((digest) => [digest, oid])),
  );
}

/**
 * Every record in `acknowledged` can be read with the bytes its digest is of; every commit that names one has it, exactly,
 * sealed and once; and no commit has one that is not among `commits`.
 */
async function expectNothingLost(
  repo: TestRepo,
  acknowledged: ReadonlySet<string>,
  commits: ReadonlySet<string>,
): Promise<void> {
  await records(repo);
  const all = await records(repo);
  const bound = new Map(all.map(({ record, commit }) => [record, commit]));
  expect(bound.size).toBe(all.length);
  expect(all.filter(({ commit }) => !commits.has(commit))).toEqual([]);
  const names = await named(repo);
  expect([...names].filter(([digest, commit]) => bound.get(digest) !== commit)).toEqual([]);
  for (const commit of new Set(names.values()))
    expect(await shown(repo, commit)).toMatchObject({
      binding: 'exact',
      sealed: true,
      txn: expect.any(String),
      others: [],
      integrity: { ok: true },
    });
  const waiting = new Set([...(await pending(repo)), ...(await unused(repo))]);
  expect([...acknowledged].filter((digest) => !bound.has(digest) && !waiting.has(digest))).toEqual([]);
  for (const digest of waiting) expect(recordDigest(await waitingLine(repo, digest))).toBe(digest);
  expect(await repo.git('fsck', '--no-dangling')).toBe('');
}

async function unused(repo: TestRepo): Promise<string[]> {
  const names = await readdir(log(repo, 'unused')).catch(() => []);
  return names.map((name) => `sha256:${name}`);
}

async function waitingLine(repo: TestRepo, digest: string): Promise<string> {
  const name = digest.slice('sha256:'.length);
  const text = await readFile(log(repo, `pending/${name}`), 'utf8').catch(() =>
    readFile(log(repo, `unused/${name}`), 'utf8'),
  );
  return text.split('\n', 1)[0] ?? '';
}

/** Keeps the hook that binds from being put in place, so that a test can bind when it likes. */
async function withoutBinding(repo: TestRepo): Promise<void> {
  await writeScript(repo.path('.git/hooks/post-commit'), '#!/bin/sh\nexit 0\n');
}

const SYNCS = 'fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat';

describe.skipIf(noStrace !== null)(`what an acknowledgement promises ${noStrace ?? ''}`, () => {
  it('a record is on disk, and its name, before the commit goes on', async () => {
    const repo = await recorded();
    await withoutBinding(repo);
    await repo.write('a.txt', 'a\n');
    await repo.git('add', '-A');
    const commit = ['git', 'commit', '-q', '-m', 'One'];
    const { outcome, lines } = await traced(repo, SYNCS, commit, AGENT_ENV);
    expect(outcome.code, outcome.stderr).toBe(0);
    const [digest = ''] = await pending(repo);
    const name = `${repo.path('.git/agent-log/pending')}/${digest.slice(7)}`;
    const at = (what: RegExp): number => lines.findIndex((line) => what.test(line));
    const order = [
      at(new RegExp(`^fsync\\(\\d+<${name}\\.[^>]*\\.tmp>\\) += 0`)),
      at(new RegExp(`^rename\\(.*"${name}"\\) = 0`)),
      at(new RegExp(`^fsync\\(\\d+<${repo.path('.git/agent-log/pending')}>\\) += 0`)),
      // The message with the trailers, and the branch: the rest of the commit.
      at(/^rename\(.*refs\/heads\/main"\) = 0/),
    ];
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it.each([
    ['loose objects', 1],
    ['a pack', 150],
  ])('an append is on disk before the waiting record goes: %s', async (_what, count) => {
    const repo = await recorded();
    await withoutBinding(repo);
    await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
    const program = ['node', APPEND_MANY, repo.dir, String(count)];
    const { outcome, lines } = await traced(repo, SYNCS, count === 1 ? BIND : program);
    expect(outcome.code, outcome.stderr).toBe(0);
    const done = (what: RegExp): string[] => lines.filter((line) => what.test(line));
    const last = (what: RegExp): number => lines.findLastIndex((line) => what.test(line));
    // Every object's content by itself, under whatever name it had first.
    const synced = new Set(done(/^fsync\(/).map((line) => /<([^>]*)>/.exec(line)?.[1]));
    const linked = done(/^link\("[^"]*objects\//).map((line) => /^link\("([^"]*)"/.exec(line)?.[1] ?? '');
    expect(linked.length).toBeGreaterThanOrEqual(count === 1 ? 3 : 2);
    const absolute = linked.map((path) => (path.startsWith('/') ? path : repo.path(path)));
    expect(absolute.filter((path) => !synced.has(path))).toEqual([]);
    // Their names: each folder after its last object came.
    for (const folder of new Set(absolute.map((path) => path.slice(0, path.lastIndexOf('/')))))
      expect(last(new RegExp(`^fsync\\(\\d+<${folder}>\\)`))).toBeGreaterThan(
        last(new RegExp(`^link\\(.*objects`)),
      );
    const order = [
      last(/^fsync\(\d+<[^>]*refs\/notes\/agent-log\.lock>\)/),
      last(/^rename\(.*refs\/notes\/agent-log"\) = 0/),
      last(new RegExp(`^fsync\\(\\d+<${repo.path('.git/refs/notes')}>\\)`)),
      ...(count === 1 ? [last(/^rename\("[^"]*pending\/[0-9a-f]{64}", "[^"]*bound\//)] : []),
    ];
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

function killedAt(...nth: number[]): { calls: string; nth: string; does: string }[] {
  return ['fsync', 'rename', 'link', 'unlink', 'mkdir', 'write'].flatMap((calls) =>
    nth.map((n) => ({ calls, nth: String(n), does: 'signal=SIGKILL' })),
  );
}

describe.skipIf(noStrace !== null)(`kill -9 at every kind of step ${noStrace ?? ''}`, () => {
  it.each([
    ['sealing, with git itself', null, killedAt(1, 2, 4, 9)],
    ['binding', BIND, killedAt(1, 2, 4)],
    ['taking in what was spooled', DRAIN, killedAt(1, 3)],
  ])('%s loses nothing that was acknowledged, and doubles nothing', async (_what, command, faults) => {
    const repo = await recorded();
    await withoutBinding(repo);
    await ask(repo, 'Write.');
    const acknowledged = new Set<string>();
    for (const [i, fault] of faults.entries()) {
      await toolWrites(repo, `f${i}.txt`, `${i}\n`);
      await repo.git('add', '-A');
      const commit = ['git', 'commit', '-q', '-m', `Change ${i}`];
      if (command === null) await withFault(repo, fault, commit, AGENT_ENV);
      else await agentGit(repo, ...commit.slice(1));
      for (const digest of await pending(repo)) acknowledged.add(digest);
      if (command !== null) await withFault(repo, fault, command);
      // What a killed git leaves is git's own: a person would take it away.
      await repo.exec('sh', ['-c', 'rm -f .git/*.lock .git/refs/heads/*.lock; git reset -q']);
    }
    // git writes HEAD's log before it moves the branch: killed in between, a commit is the agent's and on no branch.
    const made = await repo.git('log', '--reflog', '--format=%H', 'HEAD', '--not', '--glob=refs/notes');
    const commits = new Set(made.split('\n'));
    expect(acknowledged.size).toBeGreaterThan(command === null ? 5 : faults.length - 1);
    commits.delete(await repo.git('rev-list', '--max-parents=0', 'HEAD'));
    await expectNothingLost(repo, acknowledged, commits);
    const one = await agentCommit(repo, 'After all', { 'last.txt': 'x\n' });
    const record = await shown(repo, one);
    expect(record).toMatchObject({ binding: 'exact', sealed: true, task: { text: 'Write.' } });
    expect((await readdir(log(repo, ''))).filter((name) => name.includes('damaged'))).toEqual([]);
  });
});

/** Fills a file system until this many kilobytes are left. */
const fill = (folder: string, leave: number): string =>
  `dd if=/dev/zero of=${folder}/filler bs=1k >/dev/null 2>&1; dd if=/dev/null of=${folder}/filler bs=1k \
   seek=$(( $(stat -c %s ${folder}/filler) / 1024 - ${leave} )) 2>/dev/null`;

/** Puts a small file system in the place of a folder, with what was in it. */
const small = (folder: string, size: string): string =>
  `mkdir -p ${folder} ../kept && cp -a ${folder}/. ../kept && mount -t tmpfs -o mode=700,size=${size} none ${folder} &&
   cp -a ../kept/. ${folder} && rm -rf ../kept`;

const asAgentHere = Object.entries(AGENT_ENV)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ');
const write = (repo: TestRepo, path: string, text: string): string =>
  JSON.stringify(
    payload(repo, 'PostToolUse', {
      tool_name: 'Write',
      tool_input: { file_path: repo.path(path), content: text },
      tool_use_id: `toolu_${path}`,
      tool_response: { type: 'create', filePath: repo.path(path), content: text },
    }),
  );

describe.skipIf(noMounts !== null)(`a disk that is full ${noMounts ?? ''}`, () => {
  // From nothing to enough for all: so every step of a commit is the first that fails, in one round or another.
  const ROOM = [0, 4, 8, 12, 16, 24, 32, 48, 64, 96];

  it.each([
    ['where the hooks keep what they know', '.git/agent-log', '1m'],
    ['where the ledger is', '.git/objects', '1m'],
    ['where its ref is', '.git/refs/notes', '128k'],
  ])('%s: what is acknowledged stays, and the rest is named', async (_what, folder, size) => {
    const repo = await recorded();
    await ask(repo, 'Write.');
    await agentCommit(repo, 'Before', { 'a.txt': 'a\n' });
    await records(repo);
    const mounts = await openMounts(repo);
    onTestFinished(() => mounts.end());
    expect(await mounts.sh(small(folder, size))).toMatchObject({ code: 0, stderr: '' });
    const list = async (): Promise<Listed[]> => parsed((await mounts.sh(`${PROGRAM} list --json`)).stdout);
    const before = await list();
    expect(before).toHaveLength(1);
    const acknowledged = new Set<string>();
    const told: string[] = [];
    for (const [i, room] of ROOM.entries()) {
      // The object of the commit itself finds room elsewhere, but where that is what is full.
      await mounts.sh(`${fill(folder, room)}; printf '%s\\n' ${i} >f${i}.txt; git add -A`);
      const hook = `.git/agent-log/bin/spool claude-code`;
      expect(await mounts.sh(hook, AGENT_ENV, write(repo, `f${i}.txt`, `${i}\n`))).toMatchObject({ code: 0 });
      const { code, stderr } = await mounts.sh(`${asAgentHere} git commit -q -m 'Change ${i}'`);
      if (folder !== '.git/objects') expect(code, stderr).toBe(0);
      const waits = await mounts.sh('ls .git/agent-log/pending');
      for (const name of waits.stdout.split('\n').filter(Boolean)) acknowledged.add(`sha256:${name}`);
      const body = await mounts.sh(`git log -1 --format='%s%n%B'`);
      for (const digest of claimedTrailers(body.stdout).records) acknowledged.add(digest);
      if (code === 0) told.push(`${body.stdout}${stderr}`);
      await mounts.sh(`rm -f ${folder}/filler .git/*.lock`);
    }
    // Room again: what waits is bound, and every record is there with its bytes.
    await list();
    const after = await list();
    const all = new Map(after.map(({ record, commit }) => [record, commit]));
    expect(all.size).toBe(after.length);
    const still = (await mounts.sh('ls .git/agent-log/pending .git/agent-log/unused 2>/dev/null')).stdout;
    const gone = [...acknowledged].filter(
      (digest) =>
        digest.startsWith('sha256:') &&
        !/tmp/.test(digest) &&
        !all.has(digest) &&
        !still.includes(digest.slice(7)),
    );
    expect(gone).toEqual([]);
    expect(after).toEqual(expect.arrayContaining(before));
    // A commit with no record to its name said why.
    const silent = told.filter(
      (text) => claimedTrailers(text).records.length === 0 && !/git-agent-log: /.test(text),
    );
    expect(silent).toEqual([]);
    for (const { commit, record } of after) {
      const raw = await mounts.sh(`${PROGRAM} show ${commit} --raw`);
      expect(raw.stdout.split('\n').filter((line) => recordDigest(line) === record)).toHaveLength(1);
    }
    const left = await mounts.sh(
      `find .git/agent-log .git/hooks -name '*.damaged-*' -o -name '*.tmp' -o -size 0 -name post-commit`,
    );
    expect(left.stdout).toBe('');
    const last = await mounts.sh(
      `echo z >z.txt; git add -A; ${asAgentHere} git commit -q -m Last && ${PROGRAM} show --json`,
    );
    expect(JSON.parse(last.stdout)).toMatchObject({
      binding: 'exact',
      sealed: true,
      integrity: { ok: true },
    });
    expect((await mounts.sh('git fsck --no-dangling')).stdout).toBe('');
  });
});

describe.skipIf(noMounts !== null)(`a file system that is read-only ${noMounts ?? ''}`, () => {
  const readOnly = (folder: string): string =>
    `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`;

  it.each(['.git', '.git/agent-log', '.git/refs', '.git/objects'])(
    '%s: what waits can be read, and is bound when it can be written again',
    async (folder) => {
      const repo = await recorded();
      await withoutBinding(repo);
      const one = await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
      const [digest] = await pending(repo);
      const mounts = await openMounts(repo);
      onTestFinished(() => mounts.end());
      expect(await mounts.sh(readOnly(folder))).toMatchObject({ code: 0, stderr: '' });
      const { code, stdout, stderr } = await mounts.sh(`${PROGRAM} show --json`);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(folder === '.git/agent-log' ? /^/ : /warning: .*could not be taken in/);
      expect(JSON.parse(stdout)).toMatchObject({ record: digest, sealed: true, integrity: { ok: true } });
      const commit = await mounts.sh(`${asAgentHere} git commit -q --allow-empty -m Two`);
      expect(commit.code).toBe(folder === '.git/agent-log' ? 0 : 128);
      expect(commit.stderr).not.toMatch(/\n\s+at /);
      mounts.end();
      const acknowledged = new Set([digest ?? '']);
      await expectNothingLost(repo, acknowledged, new Set([one]));
      expect((await records(repo)).map(({ commit }) => commit)).toEqual([one]);
    },
  );
});

describe('a lock that a killed process left', () => {
  it.each([
    ['of ours', '.git/agent-log/lock', '999999999\n\n'],
    [
      'of ours, whose process id is another process by now',
      '.git/agent-log/lock',
      `${process.pid}\n1\n${hostname()}`,
    ],
    ['of ours, with nothing in it', '.git/agent-log/lock', ''],
    ["of git's, on the ledger", '.git/refs/notes/agent-log.lock', ''],
    ["of git's, on the packed refs", '.git/packed-refs.lock', ''],
  ])('%s: keeps no record from its commit', async (_what, path, text) => {
    const repo = await recorded();
    await agentCommit(repo, 'Before', { 'a.txt': 'a\n' });
    // What the commit started in the background would take the lock away before it is as old as it is to be.
    await untilNobodyWorksIn(repo.dir);
    await mkdir(repo.path('.git/refs/notes'), { recursive: true });
    await writeFile(repo.path('.git/left'), text);
    const old = Date.now() / 1000 - 20;
    await utimes(repo.path('.git/left'), old, old);
    await rename(repo.path('.git/left'), repo.path(path));
    const one = await agentCommit(repo, 'One', { 'b.txt': 'b\n' });
    expect(await shown(repo, one)).toMatchObject({ binding: 'exact', sealed: true, integrity: { ok: true } });
    // Whoever came first may still be at it.
    await untilNobodyWorksIn(repo.dir);
    expect((await records(repo)).map(({ commit }) => commit)).toContain(one);
    expect(await pending(repo)).toEqual([]);
  });
});

describe.skipIf(FAKETIME === null)(
  `a clock that jumps ${FAKETIME === null ? '(no libfaketime)' : ''}`,
  () => {
    const at = (offset: string): Record<string, string> => ({
      LD_PRELOAD: FAKETIME ?? '',
      FAKETIME: offset,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
    });

    it.each([
      ['hours back, between a seal and its binding', ['+0h', '-5h']],
      ['hours ahead, between a seal and its binding', ['+0h', '+5h']],
      ['back between two records, again and again', ['+3h', '+1h', '-2h', '-9h']],
      ['years ahead, and back', ['+0h', '+4000d', '+0h', '+1h']],
    ])(
      '%s: every record finds its commit, and their order is that of the transaction',
      async (_what, offsets) => {
        const repo = await recorded();
        await ask(repo, 'Write.');
        await withoutBinding(repo);
        await repo.git('switch', '-q', '-c', 'topic');
        const commits: string[] = [];
        for (const [i, offset] of offsets.entries()) {
          await repo.write(`f${i}.txt`, `${i}\n`);
          await repo.git('add', '-A');
          const commit = await repo.tryGit(['commit', '-q', '-m', `Change ${i}`], {
            env: { ...AGENT_ENV, ...at(offset) },
          });
          expect(commit).toMatchObject({ code: 0, stderr: '' });
          commits.push(await repo.git('rev-parse', 'HEAD'));
          // The clock jumps before the record gets its commit.
          const bind = await repo.exec(BIND[0] ?? '', BIND.slice(1), { env: at(offsets[i + 1] ?? '+0h') });
          expect(bind).toMatchObject({ code: 0, stderr: '' });
        }
        const all = await Promise.all(commits.map((commit) => shown(repo, commit)));
        expect(all.map(({ binding, sealed, seq }) => [binding, sealed, seq])).toEqual(
          commits.map((_, i) => ['exact', true, i + 1]),
        );
        expect(new Set(all.map(({ txn }) => txn)).size).toBe(1);
        expect(all.map(({ prev }) => prev)).toEqual([null, ...all.slice(0, -1).map(({ record }) => record)]);
        const txn = await repo.run(['show', all[0]?.txn ?? '', '--json']);
        const inOrder = (JSON.parse(txn.stdout) as { commits: { commit: string }[] }).commits;
        expect(inOrder.map(({ commit }) => commit)).toEqual(commits);
        await expectNothingLost(repo, new Set(all.map(({ record }) => record ?? '')), new Set(commits));
      },
    );

    it('an editor left open while it jumps: the record set aside is taken back', async () => {
      const repo = await recorded();
      await withoutBinding(repo);
      const editor = `sh -c '${PROGRAM} hook bind test' -`;
      const slow = await repo.exec('sh', ['-c', 'git add -A; git commit -q -e -m One --allow-empty'], {
        env: {
          ...AGENT_ENV,
          GIT_EDITOR: `env LD_PRELOAD=${FAKETIME} FAKETIME=+3h FAKETIME_DONT_FAKE_MONOTONIC=1 ${editor}`,
        },
      });
      expect(slow).toMatchObject({ code: 0, stderr: '' });
      expect(await pending(repo)).toEqual([]);
      expect(await unused(repo)).toHaveLength(1);
      await repo.run(['hook', 'bind', 'test']);
      const head = await repo.git('rev-parse', 'HEAD');
      expect((await records(repo)).map(({ commit }) => commit)).toEqual([head]);
      expect(await shown(repo)).toMatchObject({ binding: 'exact', sealed: true });
      expect(await unused(repo)).toEqual([]);
    });
  },
);

describe('a repository that is moved or copied while a record waits', () => {
  it('binds it where it is now, and in both', async () => {
    const repo = await recorded();
    await withoutBinding(repo);
    const one = await agentCommit(repo, 'One', { 'a.txt': 'a\n' });
    const acknowledged = new Set(await pending(repo));
    const copy = repoAt(repo.path('../copy'), repo.home);
    await cp(repo.dir, copy.dir, { recursive: true });
    const moved = repoAt(repo.path('../moved'), repo.home);
    await rename(repo.dir, moved.dir);
    for (const place of [moved, copy]) await expectNothingLost(place, acknowledged, new Set([one]));
    const two = await agentCommit(moved, 'Two', { 'b.txt': 'b\n' });
    expect(await shown(moved, two)).toMatchObject({
      binding: 'exact',
      sealed: true,
      integrity: { ok: true },
    });
    await moved.git('fetch', '-q', copy.dir, 'refs/notes/agent-log:refs/agent-log/remotes/copy/ledger');
  });
});

describe('git gc, prune and repack at the same time as appends', () => {
  it.each([
    ['git gc', 'git gc -q'],
    ['git prune', 'git prune --expire=1.hour.ago'],
    ['git repack and pack-refs', 'git repack -adq && git pack-refs --all --prune'],
  ])('%s takes nothing of the ledger', async (_what, tidying) => {
    const repo = await recorded();
    const blobs = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        repo.exec('git', ['hash-object', '-w', '--stdin'], { input: `o${i}` }),
      ),
    );
    const objects = blobs.map(({ stdout }) => stdout.trim());
    const stop = new AbortController();
    const tidied = (async () => {
      let rounds = 0;
      for (; !stop.signal.aborted; rounds++)
        await repo.exec('sh', ['-c', `${tidying} 2>/dev/null; sleep 0.02`]);
      return rounds;
    })();
    const writers = await Promise.all(
      [0, 1].map((w) =>
        repo.exec(process.execPath, [
          WRITER,
          repo.dir,
          `writer-${w}`,
          ...objects.filter((_, i) => i % 2 === w),
        ]),
      ),
    );
    stop.abort();
    expect(await tidied).toBeGreaterThan(2);
    const acknowledged = writers.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(writers.map(({ stderr }) => stderr).join('')).toBe('');
    expect(acknowledged).toHaveLength(40);
    const listed = (await records(repo)).map(({ commit, record }) => `${commit} ${record}`);
    expect(listed.sort()).toEqual(acknowledged.sort());
    expect(await repo.git('fsck', '--no-dangling')).toBe('');
  });
});

describe('objects of the last append that are gone (git gc --prune=now promises nothing to who writes meanwhile)', () => {
  // All names before the first is gone: one leads to the next.
  const gone = async (repo: TestRepo, ...names: string[]): Promise<void> => {
    const oids = await repo.git('rev-parse', ...names.map((name) => `refs/notes/agent-log${name}`));
    for (const oid of oids.split('\n')) await rm(repo.path('.git/objects', oid.slice(0, 2), oid.slice(2)));
  };

  it.each([
    ['the commit', ['^{commit}']],
    ['the commit and its tree', ['^{commit}', '^{tree}']],
    ['the tree', ['^{tree}']],
    ['all of them', ['^{commit}', '^{tree}', ':NOTE']],
  ])('%s: the ledger is put back to where it was whole, and has every record again', async (_what, names) => {
    const repo = await recorded();
    await ask(repo, 'Write.');
    const commits: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      commits.push(await agentCommit(repo, name, { [`${name}.txt`]: `${name}\n` }));
      await records(repo);
      await eventually(async () => (await pending(repo)).length === 0);
    }
    const before = await records(repo);
    const notes = await repo.git('ls-tree', '-r', '--name-only', 'refs/notes/agent-log');
    const note = notes.split('\n').find((path) => path.replaceAll('/', '') === commits[2]) ?? '';
    await gone(repo, ...names.map((name) => name.replace('NOTE', note)));
    expect((await repo.tryGit(['ls-tree', '-r', 'refs/notes/agent-log'])).code).toBe(128);
    const four = await agentCommit(repo, 'd', { 'd.txt': 'd\n' });
    await eventually(async () => (await records(repo)).length === 4);
    const after = await records(repo);
    expect(after.slice(0, 3)).toEqual(before);
    expect(after.map(({ commit }) => commit)).toEqual([...commits, four]);
    for (const commit of [...commits, four])
      expect(await shown(repo, commit)).toMatchObject({ binding: 'exact', sealed: true, others: [] });
    expect(await repo.git('fsck', '--no-dangling', '--no-reflogs')).toBe('');
    expect(await readFile(log(repo, 'journal.jsonl'), 'utf8')).toContain('objects of the ledger were gone');
    expect(await repo.git('reflog', '-1', '--format=%gs', 'refs/notes/agent-log')).not.toBe('');
  });

  it('pruned in the moment the ref has moved: they are written again before the waiting record goes', async () => {
    const repo = await recorded();
    await withoutBinding(repo);
    await agentCommit(repo, 'a', { 'a.txt': 'a\n' });
    await writeScript(
      repo.path('.git/hooks/reference-transaction'),
      `#!/bin/sh
[ "$1" = committed ] && [ ! -e .git/pruned ] || exit 0
while read -r old new ref; do
  [ "$ref" = refs/notes/agent-log ] || continue
  : >.git/pruned
  for oid in $(git rev-list --objects "$new" | cut -d' ' -f1); do
    rm -f ".git/objects/$(echo "$oid" | cut -c1-2)/$(echo "$oid" | cut -c3-)"
  done
done
`,
    );
    expect(await repo.exec(BIND[0] ?? '', BIND.slice(1))).toMatchObject({ code: 0, stderr: '' });
    expect(await repo.read('.git/pruned')).toBe('');
    expect(await pending(repo)).toEqual([]);
    expect(await records(repo)).toHaveLength(1);
    expect(await repo.git('fsck', '--no-dangling')).toBe('');
    expect(await repo.git('reflog', '--format=%gs', 'refs/notes/agent-log')).not.toContain('mend');
  });

  it('all of them, read and never written to again: whoever reads next finds every record', async () => {
    const repo = await recorded();
    for (const name of ['a', 'b']) {
      await agentCommit(repo, name, { [`${name}.txt`]: `${name}\n` });
      // Each in an append of its own.
      await records(repo);
    }
    const before = await records(repo);
    expect(before).toHaveLength(2);
    await gone(repo, '^{commit}');
    expect(await records(repo)).toEqual(before);
  });

  it('and no older state known: said, with what to do, and what is acknowledged waits', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'a', { 'a.txt': 'a\n' });
    await records(repo);
    await gone(repo, '^{commit}');
    await withoutBinding(repo);
    await agentCommit(repo, 'b', { 'b.txt': 'b\n' });
    const { stderr } = await repo.run(['list']);
    expect(stderr).toMatch(/leads to objects that are not there/);
    expect(await pending(repo)).toHaveLength(1);
  });
});
