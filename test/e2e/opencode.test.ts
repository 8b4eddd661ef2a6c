import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { installClient } from '../support/clients/install.ts';
import { OPENCODE, OPENCODE_MODEL, runOpencode } from '../support/clients/opencode.ts';
import type { ClientResult } from '../support/clients/run.ts';
import { startChatServer } from '../support/models/openai-chat.ts';
import type { RecordedRequest, ScriptedServer, Step } from '../support/models/scripted.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { eventually } from '../support/wait.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../.cache/agents', import.meta.url));
/** It unpacks and starts a server for each run; on a busy machine that takes a while. */
const PATIENCE_MS = 300_000;
const TASK = 'Write a small "parser", its notes, and commit twice.';

const client = await installClient(CACHE, OPENCODE);
if (!client.ok) process.stderr.write(`SKIPPED: opencode e2e: ${client.reason}: ${client.detail}\n`);

interface Session {
  readonly server: ScriptedServer;
  readonly result: ClientResult;
}

async function session(
  repo: TestRepo,
  prompt: string,
  script: readonly Step[],
  options: { subagentScript?: readonly Step[]; extraArgs?: readonly string[] } = {},
): Promise<Session> {
  const { extraArgs = [], ...scripts } = options;
  const server = await startChatServer(script, { ...scripts, isSubagent });
  try {
    const bin = client.ok ? client.bin : '';
    const place = { bin, cwd: repo.dir, home: repo.home, modelUrl: server.url };
    const result = await runOpencode({ ...place, prompt, extraArgs, timeoutMs: 120_000 });
    expect(result.timedOut, result.stderr).toBe(false);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(server.remaining()).toBe(0);
    await settled(repo);
    return { server, result };
  } finally {
    await server.close();
  }
}

/** The background work of its last hook is done. */
function settled(repo: TestRepo): Promise<void> {
  const spool = repo.path('.git/agent-log/spool');
  return eventually(async () => (await readdir(spool)).every((name) => !name.endsWith('.json')), 60_000);
}

/** opencode names the session that started another in a header. */
function isSubagent({ headers }: RecordedRequest): boolean {
  return headers['x-parent-session-id'] !== undefined;
}

async function shown(repo: TestRepo, commit: string): Promise<ShowDocument> {
  return JSON.parse((await repo.run(['show', commit, '--json'])).stdout) as ShowDocument;
}

function sessionIdOf({ result }: Session): unknown {
  return result.events.map((event) => event['sessionID']).find((id) => typeof id === 'string');
}

describe.skipIf(!client.ok)('opencode, unmodified and headless', () => {
  let repo: TestRepo;
  let ran: Session;
  let first: ShowDocument;
  let second: ShowDocument;
  let base = '';

  beforeAll(async () => {
    repo = await makeRepo();
    await repo.commit('Say how to work here', { 'AGENTS.md': 'Be brief.\n', 'input.txt': 'alpha\nbeta\n' });
    base = await repo.git('rev-parse', 'HEAD');
    expect((await repo.run(['init', '--agents', 'opencode'])).code).toBe(0);
    const [notes, input, parser] = ['notes.txt', 'input.txt', 'parser.txt'].map((path) => repo.path(path));
    ran = await session(repo, TASK, [
      { tool: 'read', input: { filePath: input }, text: 'I look at the input first.' },
      { tool: 'write', input: { filePath: parser, content: 'parse\n' } },
      {
        tool: 'bash',
        input: { command: 'git add -A && git commit -q -m "Add the parser"', description: 'Commits' },
        text: 'The parser is done, so I commit it.',
      },
      { tool: 'write', input: { filePath: notes, content: 'notes\n' } },
      { tool: 'edit', input: { filePath: notes, oldString: 'notes', newString: 'better notes' } },
      { tool: 'bash', input: { command: 'printf built > built.txt; exit 3', description: 'Builds' } },
      { tool: 'read', input: { filePath: repo.path('missing.txt') } },
      { tool: 'bash', input: { command: 'git add -A && git commit -m "Add notes"', description: 'Commits' } },
      { text: 'Done.' },
    ]);
    first = await shown(repo, 'HEAD~1');
    second = await shown(repo, 'HEAD');
  }, PATIENCE_MS);

  afterAll(() => repo.remove());

  test('session, model, task and sponsor are the right ones', () => {
    for (const one of [first, second]) {
      expect(one.authorship).toBe('agent');
      expect(one.agent).toMatchObject({ name: 'opencode', version: '1.18.33', sessionId: sessionIdOf(ran) });
      expect(one.model).toEqual({ provider: 'scripted', name: OPENCODE_MODEL });
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

  test('tool calls come with how they ended and what they wrote', async () => {
    // How the committing call ended is told in the next record, or added to its own: in both it is one call.
    const calls = new Map([...first.toolCalls, ...second.toolCalls].map((call) => [call.id, call]));
    expect([...calls.values()].map(({ name, status }) => [name, status])).toEqual([
      ['read', 'ok'],
      ['write', 'ok'],
      ['bash', 'ok'],
      ['write', 'ok'],
      ['edit', 'ok'],
      ['bash', 'error'],
      ['read', 'error'],
      ['bash', 'ok'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD:parser.txt');
    expect(first.toolCalls[1]).toMatchObject({ files: [{ path: 'parser.txt', blob }] });
    expect(first.toolCalls[2]?.args).toContain('git commit -q');
    const built = await repo.git('rev-parse', 'HEAD:built.txt');
    const build = second.toolCalls.find(({ status, name }) => name === 'bash' && status === 'error');
    expect(build).toMatchObject({ files: [{ path: 'built.txt', blob: built }] });
  });

  test('every changed file says whose content it is', () => {
    expect(first.files).toMatchObject([{ path: 'parser.txt', by: 'agent' }]);
    expect(second.files.map(({ path, by }) => [path, by])).toEqual([
      ['built.txt', 'shell'],
      ['notes.txt', 'agent'],
    ]);
  });

  test('what the agent read is there', () => {
    expect(first.context).toContainEqual(expect.objectContaining({ kind: 'file', uri: 'input.txt' }));
    expect(first.context).toContainEqual(expect.objectContaining({ kind: 'instructions', uri: 'AGENTS.md' }));
  });

  test('usage counts every answer once, the reason is what was said with the commit', () => {
    // An answer ends after its tools: two before the first commit, the rest after it or when the session ended.
    expect(first.usage).toMatchObject({ inputTokens: 140, outputTokens: 20, cacheReadInputTokens: 60 });
    expect(second.usage).toMatchObject({ inputTokens: 490, outputTokens: 70, cacheReadInputTokens: 210 });
    expect(first.reason?.text).toBe('The parser is done, so I commit it.');
  });

  test('nothing of ours was committed, and no text is in the ledger', async () => {
    expect(await repo.git('ls-files')).not.toContain('.opencode');
    const ledger = await repo.git('log', '-p', 'refs/notes/agent-log');
    for (const secret of ['small', 'better notes', 'I look at the input'])
      expect(ledger).not.toContain(secret);
  });
});

describe.skipIf(!client.ok)("opencode's sub-agents, resumed and forked sessions", () => {
  let repo: TestRepo;
  let root: Session;
  let forked: Session;
  const commit = (message: string): Step => ({
    tool: 'bash',
    input: { command: `git add -A && git commit -q -m "${message}"`, description: 'Commits' },
  });
  const write = (path: string): Step => ({
    tool: 'write',
    input: { filePath: repo.path(path), content: `${path}\n` },
  });

  beforeAll(async () => {
    repo = await makeRepo();
    await repo.git('switch', '-q', '-c', 'topic');
    // The same plugin twice, as in a repository whose user has it everywhere: each event counts once.
    expect((await repo.run(['init', '--agents', 'opencode', '--user'])).code).toBe(0);
    expect((await repo.run(['init', '--agents', 'opencode'])).code).toBe(0);
    const task = { description: 'Parser', prompt: 'Write sub.txt and commit it', subagent_type: 'general' };
    root = await session(repo, 'Let somebody write it', [{ tool: 'task', input: task }, { text: 'Done.' }], {
      subagentScript: [write('sub.txt'), commit('By the sub-agent'), { text: 'I am done.' }],
    });
    const id = String(sessionIdOf(root));
    await session(repo, 'Go on', [write('more.txt'), commit('Resumed'), { text: 'Done.' }], {
      extraArgs: ['--session', id],
    });
    const again = ['--session', id, '--fork'];
    forked = await session(repo, 'Another way', [write('fork.txt'), commit('Forked'), { text: 'Done.' }], {
      extraArgs: again,
    });
  }, PATIENCE_MS);

  afterAll(() => repo.remove());

  test("a sub-agent's commit is of the session that started it, and names it", async () => {
    const one = await shown(repo, 'HEAD~2');
    const sub = { id: expect.stringMatching(/^ses_/) as string, type: 'general' };
    expect(one).toMatchObject({
      sealed: true,
      binding: 'exact',
      task: { text: 'Let somebody write it' },
      gaps: [],
    });
    expect(one.agent).toMatchObject({ sessionId: sessionIdOf(root), chain: [sub] });
    const calls = one.toolCalls.map(({ name, status, agentId }) => [name, status, agentId !== undefined]);
    expect(calls).toEqual([
      ['write', 'ok', true],
      ['task', 'ok', false],
      ['bash', 'ok', true],
    ]);
    expect(one.files).toMatchObject([{ path: 'sub.txt', by: 'agent' }]);
  });

  test('a resumed session goes on in its transaction, and counts nothing twice', async () => {
    const [one, before] = [await shown(repo, 'HEAD~1'), await shown(repo, 'HEAD~2')];
    expect(one).toMatchObject({ sealed: true, txn: before.txn, seq: 2, prev: before.record });
    expect(one.agent?.sessionId).toBe(sessionIdOf(root));
    expect(one.prompts.map(({ text }) => text)).toEqual(['Go on']);
    // Two answers of the first run and three of its sub-agent; then three of this run.
    expect(before.usage).toMatchObject({ inputTokens: 350, outputTokens: 50 });
    expect(one.usage).toMatchObject({ inputTokens: 210, outputTokens: 30 });
  });

  test('a fork is a session of its own, without what it inherited', async () => {
    const [one, before] = [await shown(repo, 'HEAD'), await shown(repo, 'HEAD~1')];
    expect(one).toMatchObject({ sealed: true, seq: 1, task: { text: 'Another way' } });
    expect(one.agent?.sessionId).toBe(sessionIdOf(forked));
    expect(one.agent?.sessionId).not.toBe(before.agent?.sessionId);
    expect(one.txn).not.toBe(before.txn);
    expect(one.toolCalls.map(({ name }) => name)).toEqual(['write', 'bash']);
    expect(one.usage).toMatchObject({ inputTokens: 210, outputTokens: 30 });
  });
});
