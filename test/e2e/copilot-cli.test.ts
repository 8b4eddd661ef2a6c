import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type OnlyTranscript, transcriptGap } from '../../lib/capture/session/transcript-gap.ts';
import type { ExecutionRecord } from '../../lib/core/records/record.ts';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { COPILOT_CLI, type CopilotRun, runCopilot, sessionIdOf } from '../support/clients/copilot-cli.ts';
import { installClient } from '../support/clients/install.ts';
import type { ClientResult } from '../support/clients/run.ts';
import { startChatServer } from '../support/models/openai-chat.ts';
import type { ScriptedServer, Step } from '../support/models/scripted.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { eventually } from '../support/wait.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../.cache/agents', import.meta.url));
const MODEL = 'scripted-model-1';
const TASK = 'Write a small parser, its notes, and commit twice.';

const client = await installClient(CACHE, COPILOT_CLI);
if (!client.ok) process.stderr.write(`SKIPPED: Copilot CLI e2e: ${client.reason}: ${client.detail}\n`);

const shell = (command: string): Step => ({ tool: 'bash', input: { command, description: 'run' } });
const commit = (message: string): Step => shell(`git add -A && git commit -q -m "${message}"`);
const create = (repo: TestRepo, path: string, text: string): Step => ({
  tool: 'create',
  input: { path: repo.path(path), file_text: text },
});

async function run(
  repo: TestRepo,
  script: readonly Step[],
  options: Partial<CopilotRun> & { subagentScript?: readonly Step[] } = {},
): Promise<{ result: ClientResult; server: ScriptedServer }> {
  const { subagentScript = [], ...rest } = options;
  const server = await startChatServer(script, {
    subagentScript,
    isSubagent: ({ headers }) => headers['x-interaction-type'] === 'conversation-subagent',
  });
  try {
    const result = await runCopilot({
      bin: client.ok ? client.bin : '',
      cwd: repo.dir,
      home: repo.home,
      modelUrl: server.url,
      prompt: TASK,
      model: MODEL,
      timeoutMs: 90_000,
      ...rest,
    });
    return { result, server };
  } finally {
    await server.close();
  }
}

async function initialised(...args: string[]): Promise<TestRepo> {
  const repo = await makeRepo();
  await repo.commit('Begin', { 'input.txt': 'alpha\n' });
  const { code, stderr } = await repo.run(['init', '--agents', 'copilot-cli', ...args]);
  expect(code, stderr).toBe(0);
  return repo;
}

async function forTest(...args: string[]): Promise<TestRepo> {
  const repo = await initialised(...args);
  onTestFinished(() => repo.remove());
  return repo;
}

/** The record with what was known after the commit: how the call that made it ended, model and usage. */
async function shown(repo: TestRepo, revision = 'HEAD'): Promise<ShowDocument> {
  await eventually(async () =>
    (await asSealed(repo, revision)).toolCalls.every(({ status }) => status !== 'running'),
  );
  return asSealed(repo, revision);
}

async function asSealed(repo: TestRepo, revision: string): Promise<ShowDocument> {
  return JSON.parse((await repo.run(['show', revision, '--json'])).stdout) as ShowDocument;
}

/**
 * Copilot writes its transcript when it likes: the record is exact in naming what it then did not know, and `show` in
 * naming what is unknown by now. Nothing else may be unknown.
 */
async function expectOnlyTranscriptGap(repo: TestRepo, revision = 'HEAD'): Promise<void> {
  const one = await asSealed(repo, revision);
  const [line = ''] = (await repo.run(['show', revision, '--raw'])).stdout.split('\n');
  const { capture, model } = JSON.parse(line) as ExecutionRecord;
  const late = capture.gaps.length > 0;
  expect(capture.gaps).toEqual(late ? [transcriptGap('copilot-cli', unknownOf(model.name, null))] : []);
  expect(one.gaps).toEqual(
    late ? [transcriptGap('copilot-cli', unknownOf(one.model?.name ?? null, one.usage))] : [],
  );
}

function unknownOf(model: string | null, usage: unknown): OnlyTranscript[] {
  return [
    ...(model === null ? ['model' as const] : []),
    ...(usage === null ? ['usage' as const] : []),
    'reason',
  ];
}

/** Waits for what only the end of the session tells. */
async function sessionOver(repo: TestRepo): Promise<void> {
  await eventually(async () => (await asSealed(repo, 'HEAD')).usage !== null);
}

describe.skipIf(!client.ok)('Copilot CLI, unmodified and headless', () => {
  let repo: TestRepo;
  let result: ClientResult;
  let server: ScriptedServer;
  let first: ShowDocument;
  let second: ShowDocument;
  let base = '';

  beforeAll(async () => {
    repo = await initialised();
    base = await repo.git('rev-parse', 'HEAD');
    const path = repo.path('parser.txt');
    ({ result, server } = await run(repo, [
      { tool: 'view', input: { path: repo.path('input.txt') }, text: 'I look at the input first.' },
      create(repo, 'parser.txt', 'parse\n'),
      { ...commit('Add the parser'), text: 'The parser is done, so I commit it.' },
      { tool: 'edit', input: { path, old_str: 'parse', new_str: 'parse better' } },
      create(repo, 'notes.txt', 'notes\n'),
      { tool: 'view', input: { path: repo.path('not-there.txt') } },
      { calls: [shell('printf built > built.txt'), shell('printf built > built.txt')].flatMap(asCall) },
      shell('ls not-there'),
      // Nobody is there to allow a path outside: it is denied, and no hook tells.
      shell('ls /does/not/exist'),
      commit('Add notes'),
      { text: 'Done.' },
    ]));
    second = await shown(repo);
    // The end of its own last call is in the record after it.
    first = await asSealed(repo, 'HEAD~1');
  });

  afterAll(async () => {
    await eventually(async () => (await repo.tryGit(['notes', '--ref=agent-log', 'list'])).code === 0);
    await repo.remove();
  });

  test('the client ran the whole script', () => {
    expect(result.timedOut).toBe(false);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(server.remaining()).toBe(0);
  });

  test('session, version, task, base and sponsor are the right ones', async () => {
    for (const one of [first, second]) {
      expect(one.authorship).toBe('agent');
      expect(one.agent).toMatchObject({
        name: 'copilot-cli',
        version: '1.0.102',
        sessionId: sessionIdOf(result),
      });
      expect(one.task).toMatchObject({ text: TASK });
      expect(one.prompts.map(({ text }) => text)).toEqual([TASK]);
      expect(one.sponsor).toMatchObject({ name: 'Jane Doe', source: 'git-config' });
      expect(one.base).toMatchObject({ commit: base, branch: 'main', dirty: false });
      expect(one.integrity).toEqual({ ok: true, problems: [] });
    }
    await sessionOver(repo);
    for (const revision of ['HEAD~1', 'HEAD']) await expectOnlyTranscriptGap(repo, revision);
  });

  test('both commits are bound exactly, sealed, and in one transaction', () => {
    for (const one of [first, second]) expect(one).toMatchObject({ binding: 'exact', sealed: true });
    expect(second.txn).toBe(first.txn);
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(second.prev).toBe(first.record);
  });

  test('tool calls have names of their own, also two alike at once, and say how they ended', () => {
    expect(first.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['view', 'ok'],
      ['create', 'ok'],
      ['bash', 'running'],
    ]);
    expect(second.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['bash', 'ok'],
      ['edit', 'ok'],
      ['create', 'ok'],
      ['view', 'error'],
      ['bash', 'ok'],
      ['bash', 'ok'],
      ['bash', 'error'],
      ['bash', 'unknown'],
      ['bash', 'ok'],
    ]);
    expect(new Set(second.toolCalls.map(({ id }) => id)).size).toBe(9);
    expect(second.toolCalls[0]?.id).toBe(first.toolCalls[2]?.id);
  });

  test('files are whose they are', async () => {
    expect(first.files.map(({ path, by }) => [path, by])).toEqual([['parser.txt', 'agent']]);
    expect(second.files.map(({ path, by }) => [path, by])).toEqual([
      ['built.txt', 'shell'],
      ['notes.txt', 'agent'],
      ['parser.txt', 'agent'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD:parser.txt');
    expect(second.toolCalls[1]?.files).toContainEqual({ path: 'parser.txt', blob });
    expect(first.context).toMatchObject([{ kind: 'file', uri: 'input.txt' }]);
  });

  test('model and usage are in the record once the session is over', async () => {
    const known = async (): Promise<number> =>
      [await asSealed(repo, 'HEAD~1'), await shown(repo)].reduce(
        (sum, { usage }) => sum + (usage?.outputTokens ?? 0),
        0,
      );
    await eventually(async () => (await known()) > 0);
    expect(await shown(repo)).toMatchObject({ model: { name: MODEL } });
    // Eleven answers of ten tokens; the last may be written too late for anybody to read.
    expect([100, 110]).toContain(await known());
  });

  test('nothing of ours was committed', async () => {
    expect(await repo.git('ls-files')).not.toContain('.github');
  });
});

function asCall(step: Step): { tool: string; input: Record<string, unknown> }[] {
  return 'tool' in step ? [{ tool: step.tool, input: step.input }] : [];
}

describe.skipIf(!client.ok)('Copilot CLI and what it hides', () => {
  test("a sub-agent's commit, in whose environment is an unknown session, belongs to the one that started it", async () => {
    const repo = await forTest();
    const { result, server } = await run(
      repo,
      [
        {
          tool: 'task',
          input: {
            prompt: 'Write sub.txt and commit.',
            agent_type: 'general-purpose',
            description: 'd',
            name: 'one',
          },
        },
        { text: 'Done.' },
      ],
      { subagentScript: [create(repo, 'sub.txt', 'sub\n'), commit('Sub'), { text: 'Sub done.' }] },
    );
    expect(server.remaining(), result.stderr).toBe(0);
    const record = await shown(repo);
    expect(record.subject).toBe('Sub');
    expect(record.agent).toMatchObject({
      sessionId: sessionIdOf(result),
      chain: [{ type: 'general-purpose' }],
    });
    expect(record).toMatchObject({ task: { text: TASK }, binding: 'exact', sealed: true });
    expect(record.files).toMatchObject([{ path: 'sub.txt', by: 'agent' }]);
    await sessionOver(repo);
    await expectOnlyTranscriptGap(repo);
  });

  test("Claude Code's hooks and its own, in clone and home, tell an event once", async () => {
    const repo = await forTest();
    for (const args of [['--shared'], [], ['--user']])
      expect((await repo.run(['init', '--agents', 'claude-code,copilot-cli', ...args])).code).toBe(0);
    const script = [
      create(repo, 'a.txt', 'a\n'),
      { tool: 'view', input: { path: repo.path('none.txt') } },
      shell('true'),
      shell('true'),
      commit('One'),
      { text: 'Done.' },
    ];
    const { result } = await run(repo, script);
    expect(result.exitCode, result.stderr).toBe(0);
    const record = await shown(repo);
    expect(record.agent?.name).toBe('copilot-cli');
    expect(record.prompts).toHaveLength(1);
    expect(record.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['create', 'ok'],
      ['view', 'error'],
      ['bash', 'ok'],
      ['bash', 'ok'],
      ['bash', 'ok'],
    ]);
    expect(record.files).toContainEqual(expect.objectContaining({ path: 'a.txt', by: 'agent' }));
  });

  test("with Claude Code's hooks alone, the session is Copilot's all the same", async () => {
    const repo = await makeRepo();
    onTestFinished(() => repo.remove());
    expect((await repo.run(['init'])).code).toBe(0);
    const { result } = await run(repo, [shell('printf a > a.txt'), commit('One'), { text: 'Done.' }]);
    await sessionOver(repo);
    const record = await shown(repo);
    expect(record.agent).toMatchObject({ name: 'copilot-cli', sessionId: sessionIdOf(result) });
    expect(record).toMatchObject({ task: { text: TASK }, files: [{ path: 'a.txt', by: 'shell' }] });
    expect(record).toMatchObject({ model: { name: MODEL }, usage: expect.anything() });
    await expectOnlyTranscriptGap(repo);
  });

  test('a folder nobody trusts: the record names the gap, doctor says why; hooks in the home run all the same', async () => {
    const repo = await forTest();
    await run(repo, [create(repo, 'a.txt', 'a\n'), commit('One'), { text: 'Done.' }], { trust: false });
    expect((await shown(repo)).gaps).toEqual([
      expect.stringContaining('copilot-cli: no hook of this session was seen'),
    ]);
    const { stdout } = await repo.run(['doctor']);
    expect(stdout).toMatch(/copilot-cli trust +this folder is not among those Copilot trusts/);
    expect((await repo.run(['init', '--agents', 'copilot-cli', '--user'])).code).toBe(0);
    await run(repo, [create(repo, 'b.txt', 'b\n'), commit('Two'), { text: 'Done.' }], { trust: false });
    expect(await shown(repo)).toMatchObject({ task: { text: TASK } });
    await sessionOver(repo);
    await expectOnlyTranscriptGap(repo);
  });

  test('a resumed session goes on', async () => {
    const repo = await forTest('--user');
    const { result } = await run(repo, [create(repo, 'a.txt', 'a\n'), commit('One'), { text: 'Done.' }]);
    const id = sessionIdOf(result) ?? '';
    await run(repo, [create(repo, 'b.txt', 'b\n'), commit('Two'), { text: 'Done.' }], {
      prompt: 'Go on.',
      trust: false,
      extraArgs: [`--resume=${id}`],
    });
    const [one, two] = [await shown(repo, 'HEAD~1'), await shown(repo)];
    expect([one.agent?.sessionId, two.agent?.sessionId]).toEqual([id, id]);
    expect([one.task?.text, two.task?.text]).toEqual([TASK, 'Go on.']);
    // What came late of the first turn is known by now.
    expect(two).toMatchObject({ model: { name: MODEL }, usage: expect.anything(), gaps: [] });
  });

  test("a server's tool is in the record, and the file it wrote", async () => {
    const repo = await forTest();
    const program = fileURLToPath(new URL('../support/mcp-server.mjs', import.meta.url));
    const files = { type: 'local', command: process.execPath, args: [program], tools: ['*'] };
    const script = [
      { tool: 'files-put', input: { path: repo.path('served.txt') } },
      commit('Served'),
      { text: 'Done.' },
    ];
    await run(repo, script, {
      extraArgs: ['--additional-mcp-config', JSON.stringify({ mcpServers: { files } })],
    });
    const record = await shown(repo);
    expect(record.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['files-put', 'ok'],
      ['bash', 'ok'],
    ]);
    expect(record.files).toMatchObject([{ path: 'served.txt', by: 'shell' }]);
  });
});
