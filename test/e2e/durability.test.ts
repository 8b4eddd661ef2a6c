import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeOf, sessionKey } from '../../lib/capture/place.ts';
import type { SessionState } from '../../lib/capture/session.ts';
import { loadSession } from '../../lib/capture/session-store.ts';
import { findRepository } from '../../lib/git/repository.ts';
import type { ShowDocument } from '../../lib/ledger/describe.ts';
import { AGENT_ENV, agentCommit, recorded } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';
import { ask, toolWrites } from '../support/spool.ts';

async function shown(repo: TestRepo, revision = 'HEAD'): Promise<ShowDocument> {
  const { code, stdout, stderr } = await repo.run(['show', revision, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as ShowDocument;
}

/** Commits that have a record, oldest first, and what is known of each: nothing may gain a record but these. */
async function records(repo: TestRepo): Promise<{ commit: string; record: string; txn: string }[]> {
  const { code, stdout, stderr } = await repo.run(['list', '--json']);
  expect(code, stderr).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { commit: string; record: string; txn: string })
    .reverse();
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
    // The hook that binds does not run: so the lock is there before it is looked for.
    const post = repo.path('.git/hooks/post-commit');
    await mkdir(post);
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
