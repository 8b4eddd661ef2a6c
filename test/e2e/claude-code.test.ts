import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { CLAUDE_CODE, runClaude } from '../support/clients/claude-code.ts';
import { installClient } from '../support/clients/install.ts';
import type { ClientResult } from '../support/clients/run.ts';
import { type ModelServer, startModelServer } from '../support/models/anthropic.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { eventually } from '../support/wait.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../.cache/agents', import.meta.url));
const MODEL = 'claude-sonnet-4-5-20250929';
const TASK = 'Write a small parser, its notes, and commit twice.';

const client = await installClient(CACHE, CLAUDE_CODE);
if (!client.ok) process.stderr.write(`SKIPPED: Claude Code e2e: ${client.reason}: ${client.detail}\n`);

describe.skipIf(!client.ok)('Claude Code, unmodified and headless', () => {
  let repo: TestRepo;
  let server: ModelServer;
  let result: ClientResult;
  let first: ShowDocument;
  let second: ShowDocument;
  let base = '';

  beforeAll(async () => {
    repo = await makeRepo();
    await repo.commit('Say how to work here', { 'CLAUDE.md': 'Be brief.\n', 'input.txt': 'alpha\nbeta\n' });
    base = await repo.git('rev-parse', 'HEAD');
    expect((await repo.run(['init'])).code).toBe(0);
    server = await startModelServer([
      { tool: 'Read', input: { file_path: repo.path('input.txt') }, text: 'I look at the input first.' },
      { tool: 'Write', input: { file_path: repo.path('parser.txt'), content: 'parse\n' } },
      {
        tool: 'Bash',
        input: { command: 'git add -A && git commit -q -m "Add the parser"' },
        text: 'The parser is done, so I commit it.',
      },
      { tool: 'Write', input: { file_path: repo.path('notes.txt'), content: 'notes\n' } },
      {
        tool: 'Edit',
        input: { file_path: repo.path('notes.txt'), old_string: 'notes', new_string: 'better notes' },
      },
      { tool: 'Bash', input: { command: 'printf built > built.txt' } },
      { tool: 'Bash', input: { command: 'git add -A && git commit -m "Add notes"' } },
      { text: 'Done.' },
    ]);
    const bin = client.ok ? client.bin : '';
    result = await runClaude({
      bin,
      cwd: repo.dir,
      home: repo.home,
      modelUrl: server.url,
      prompt: TASK,
      model: MODEL,
      timeoutMs: 90_000,
    });
    first = JSON.parse((await repo.run(['show', 'HEAD~1', '--json'])).stdout) as ShowDocument;
    second = JSON.parse((await repo.run(['show', 'HEAD', '--json'])).stdout) as ShowDocument;
  });

  afterAll(async () => {
    await server.close();
    // The background work of its last hooks ends before its folder goes.
    await eventually(async () => (await repo.tryGit(['notes', '--ref=agent-log', 'list'])).code === 0);
    await repo.remove();
  });

  test('the client ran the whole script', () => {
    expect(result.timedOut).toBe(false);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(server.remaining()).toBe(0);
  });

  test('session, model, task and sponsor are the right ones', () => {
    const sessionId = result.events.map((event) => event['session_id']).find((id) => typeof id === 'string');
    for (const shown of [first, second]) {
      expect(shown.authorship).toBe('agent');
      expect(shown.agent).toMatchObject({ name: 'claude-code', version: '2.1.330', sessionId });
      expect(shown.model).toEqual({ provider: 'anthropic', name: MODEL });
      expect(shown.task).toMatchObject({ text: TASK });
      expect(shown.prompts.map(({ text }) => text)).toEqual([TASK]);
      expect(shown.sponsor).toEqual({
        name: 'Jane Doe',
        email: 'jane@example.com',
        source: 'git-config',
        verified: false,
      });
      expect(shown.base).toMatchObject({ commit: base, branch: 'main', dirty: false });
      expect(shown.integrity).toEqual({ ok: true, problems: [] });
      expect(shown.gaps).toEqual([]);
    }
  });

  test('both commits are bound exactly, sealed, and in one transaction', () => {
    for (const shown of [first, second]) expect(shown).toMatchObject({ binding: 'exact', sealed: true });
    expect(second.txn).toBe(first.txn);
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(second.prev).toBe(first.record);
  });

  test('tool calls come with their files and digests', async () => {
    expect(first.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['Read', 'ok'],
      ['Write', 'ok'],
      ['Bash', 'running'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD:parser.txt');
    expect(first.toolCalls[1]).toMatchObject({ files: [{ path: 'parser.txt', blob }] });
    expect(first.toolCalls[2]?.args).toContain('git commit -q');
    for (const call of [...first.toolCalls, ...second.toolCalls])
      expect(call.argsDigest).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(second.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['Bash', 'ok'],
      ['Write', 'ok'],
      ['Edit', 'ok'],
      ['Bash', 'ok'],
      ['Bash', 'ok'],
    ]);
    const built = await repo.git('rev-parse', 'HEAD:built.txt');
    expect(second.toolCalls[3]).toMatchObject({ files: [{ path: 'built.txt', blob: built }] });
  });

  test('every changed file says whose content it is', () => {
    expect(first.files).toMatchObject([{ path: 'parser.txt', by: 'agent' }]);
    expect(second.files.map(({ path, by }) => [path, by])).toEqual([
      ['built.txt', 'shell'],
      ['notes.txt', 'agent'],
    ]);
  });

  test('what the agent read is there, with blob ids', async () => {
    const blob = await repo.git('rev-parse', 'HEAD:input.txt');
    expect(first.context).toContainEqual({ kind: 'file', uri: 'input.txt', digest: `gitBlob:${blob}` });
    expect(first.context).toContainEqual(expect.objectContaining({ kind: 'instructions', uri: 'CLAUDE.md' }));
  });

  test('usage and the reason come from the transcript', () => {
    const sum = (name: string): number =>
      [first, second].reduce((all, { usage }) => all + (usage?.[name] ?? 0), 0);
    // Eight model calls, the last after the second commit; each reports 100 tokens in and 10 out.
    expect(sum('inputTokens')).toBe(800);
    expect(sum('outputTokens')).toBe(80);
    expect(first.reason?.text).toBe('The parser is done, so I commit it.');
  });

  test("the note's line hashes to the trailer's digest", async () => {
    for (const commit of ['HEAD~1', 'HEAD']) {
      const trailer = await repo.git('log', '-1', '--format=%(trailers:key=Agent-Record,valueonly)', commit);
      const note = await repo.git('notes', '--ref=agent-log', 'show', commit);
      const line = note.split('\n').find((text) => text.includes('agent-log/execution/v1')) ?? '';
      expect(`sha256:${createHash('sha256').update(line).digest('hex')}`).toBe(trailer.trim());
    }
  });

  test('nothing of ours was committed, and no text is in the ledger', async () => {
    expect(await repo.git('ls-files')).not.toContain('.claude');
    const ledger = await repo.git('log', '-p', 'refs/notes/agent-log');
    for (const secret of [TASK, 'better notes', 'I look at the input']) expect(ledger).not.toContain(secret);
  });
});
