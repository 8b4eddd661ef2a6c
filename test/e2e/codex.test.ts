import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/describe.ts';
import { CODEX, type CodexRun, runCodex } from '../support/clients/codex.ts';
import { installClient } from '../support/clients/install.ts';
import type { ClientResult } from '../support/clients/run.ts';
import { startResponsesServer } from '../support/models/openai-responses.ts';
import type { ScriptedServer, ScriptOptions, Step } from '../support/models/scripted.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { eventually } from '../support/wait.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../.cache/agents', import.meta.url));
const MODEL = 'gpt-5.5';
const TASK = 'Write a small parser, its notes, and commit twice.';

const client = await installClient(CACHE, CODEX);
if (!client.ok) process.stderr.write(`SKIPPED: Codex e2e: ${client.reason}: ${client.detail}\n`);

const patch = (...lines: string[]): Step => ({
  tool: 'apply_patch',
  input: { input: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n') },
});
const shell = (cmd: string): Step => ({ tool: 'exec_command', input: { cmd } });
const add = (path: string, text: string): Step => patch(`*** Add File: ${path}`, `+${text}`);
const commit = (message: string): Step => shell(`git add -A && git commit -q -m "${message}"`);

async function run(
  repo: TestRepo,
  script: readonly Step[],
  options: Partial<CodexRun> & ScriptOptions = {},
): Promise<{ result: ClientResult; server: ScriptedServer }> {
  const { subagentScript, ...rest } = options;
  const server = await startResponsesServer(script, subagentScript === undefined ? {} : { subagentScript });
  try {
    const result = await runCodex({
      bin: client.ok ? client.bin : '',
      cwd: repo.dir,
      home: repo.home,
      modelUrl: server.url,
      prompt: TASK,
      model: MODEL,
      timeoutMs: 60_000,
      ...rest,
    });
    return { result, server };
  } finally {
    await server.close();
  }
}

async function initialised(): Promise<TestRepo> {
  const repo = await makeRepo();
  await repo.commit('Begin', { 'input.txt': 'alpha\n' });
  const { code, stderr } = await repo.run(['init', '--agents', 'codex']);
  expect(code, stderr).toBe(0);
  return repo;
}

async function shown(repo: TestRepo, revision = 'HEAD'): Promise<ShowDocument> {
  return JSON.parse((await repo.run(['show', revision, '--json'])).stdout) as ShowDocument;
}

/** The background work of the last hooks ends before the folder goes. */
async function leave(repo: TestRepo): Promise<void> {
  await eventually(async () => (await repo.tryGit(['notes', '--ref=agent-log', 'list'])).code === 0);
  await repo.remove();
}

describe.skipIf(!client.ok)('Codex, unmodified and headless', () => {
  let repo: TestRepo;
  let result: ClientResult;
  let server: ScriptedServer;
  let first: ShowDocument;
  let second: ShowDocument;
  let base = '';

  beforeAll(async () => {
    repo = await initialised();
    base = await repo.git('rev-parse', 'HEAD');
    ({ result, server } = await run(repo, [
      { ...add('parser.txt', 'parse'), text: 'I write the parser first.' },
      patch('*** Update File: not-there.txt', '@@', '-a', '+b'),
      { ...commit('Add the parser'), text: 'The parser is done, so I commit it.' },
      patch(
        '*** Update File: parser.txt',
        '*** Move to: lib/parser.txt',
        '@@',
        '-parse',
        '+parse better',
        '*** Add File: notes.txt',
        '+notes',
        '*** Delete File: input.txt',
      ),
      shell('printf built > built.txt'),
      shell('ls /does/not/exist'),
      commit('Add notes'),
      { text: 'Done.' },
    ]));
    first = await shown(repo, 'HEAD~1');
    second = await shown(repo);
  });

  afterAll(() => leave(repo));

  test('the client ran the whole script', () => {
    expect(result.timedOut).toBe(false);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(server.remaining()).toBe(0);
  });

  test('session, model, task, base and sponsor are the right ones', () => {
    const sessionId = result.events.find(({ type }) => type === 'thread.started')?.['thread_id'];
    for (const one of [first, second]) {
      expect(one.authorship).toBe('agent');
      expect(one.agent).toMatchObject({ name: 'codex', version: '0.169.0', sessionId, chain: [] });
      expect(one.model).toEqual({ provider: 'openai', name: MODEL });
      expect(one.task).toMatchObject({ text: TASK });
      expect(one.prompts.map(({ text }) => text)).toEqual([TASK]);
      expect(one.sponsor).toMatchObject({
        name: 'Jane Doe',
        email: 'jane@example.com',
        source: 'git-config',
      });
      expect(one.base).toMatchObject({ commit: base, branch: 'main', dirty: false });
      expect(one.integrity).toEqual({ ok: true, problems: [] });
      expect(one.gaps).toEqual([]);
    }
  });

  test('both commits are bound exactly, sealed, and in one transaction', () => {
    for (const one of [first, second]) expect(one).toMatchObject({ binding: 'exact', sealed: true });
    expect(second.txn).toBe(first.txn);
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(second.prev).toBe(first.record);
  });

  test('tool calls come with how they ended, also those no hook tells the end of', async () => {
    expect(first.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['apply_patch', 'ok'],
      ['apply_patch', 'error'],
      ['Bash', 'running'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD~1:parser.txt');
    expect(first.toolCalls[0]).toMatchObject({ files: [{ path: 'parser.txt', blob }] });
    expect(second.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['Bash', 'ok'],
      ['apply_patch', 'ok'],
      ['Bash', 'ok'],
      ['Bash', 'error'],
      ['Bash', 'running'],
    ]);
    expect(second.toolCalls[0]?.id).toBe(first.toolCalls[2]?.id);
  });

  test('files are whose they are', async () => {
    expect(first.files.map(({ path, by }) => [path, by])).toEqual([['parser.txt', 'agent']]);
    expect(second.files.map(({ path, by }) => [path, by])).toEqual([
      ['built.txt', 'shell'],
      ['input.txt', 'agent'],
      ['lib/parser.txt', 'agent'],
      ['notes.txt', 'agent'],
      ['parser.txt', 'agent'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD:lib/parser.txt');
    expect(second.toolCalls[1]?.files).toContainEqual({ path: 'lib/parser.txt', blob });
    expect(second.toolCalls[1]?.files).toContainEqual({ path: 'input.txt', blob: null, deleted: true });
  });

  test('usage and the reason come from the rollout', () => {
    const sum = (name: string): number =>
      [first, second].reduce(
        (all, { usage }) => all + ((usage as Record<string, number> | null)?.[name] ?? 0),
        0,
      );
    // Seven model calls lead to the two commits; each reports 100 tokens in, 30 of them from the cache, and 10 out.
    expect(sum('inputTokens')).toBe(490);
    expect(sum('cacheReadInputTokens')).toBe(210);
    expect(sum('outputTokens')).toBe(70);
    expect(first.reason?.text).toBe('The parser is done, so I commit it.');
  });

  test("the note's line hashes to the trailer's digest", async () => {
    const trailer = await repo.git('log', '-1', '--format=%(trailers:key=Agent-Record,valueonly)');
    const note = await repo.git('notes', '--ref=agent-log', 'show', 'HEAD');
    const line = note.split('\n').find((text) => text.includes('agent-log/execution/v1')) ?? '';
    expect(`sha256:${createHash('sha256').update(line).digest('hex')}`).toBe(trailer.trim());
  });

  test('nothing of ours was committed, and Codex had no word to say about our hooks', async () => {
    expect(await repo.git('ls-files')).not.toContain('.codex');
    const said = result.events.flatMap(({ item }) => {
      const { type, message } = (item ?? {}) as Record<string, string>;
      return type === 'error' && !message?.includes('--dangerously-bypass-hook-trust') ? [message] : [];
    });
    expect(said).toEqual([]);
  });
});
