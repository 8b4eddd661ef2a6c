import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { GEMINI_CLI, GEMINI_MODEL, type GeminiRun, runGemini } from '../support/clients/gemini-cli.ts';
import { installClient } from '../support/clients/install.ts';
import type { ClientResult } from '../support/clients/run.ts';
import { startGeminiServer } from '../support/models/gemini.ts';
import type { Call, ScriptOptions, Step } from '../support/models/scripted.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { eventually } from '../support/wait.ts';

const CACHE =
  process.env['AGENT_CLIENT_CACHE'] ?? fileURLToPath(new URL('../../.cache/agents', import.meta.url));
const PATIENCE_MS = 300_000;
const TASK = 'Write a small parser, its notes, and commit twice.';

const client = await installClient(CACHE, GEMINI_CLI);
if (!client.ok) process.stderr.write(`SKIPPED: Gemini CLI e2e: ${client.reason}: ${client.detail}\n`);

async function session(
  repo: TestRepo,
  prompt: string,
  script: readonly Step[],
  options: ScriptOptions & Partial<GeminiRun> = {},
): Promise<ClientResult> {
  const { subagentScript, ...more } = options;
  const server = await startGeminiServer(script, subagentScript === undefined ? {} : { subagentScript });
  try {
    const bin = client.ok ? client.bin : '';
    const place = { bin, cwd: repo.dir, home: repo.home, modelUrl: server.url };
    const result = await runGemini({ ...place, prompt, timeoutMs: 120_000, ...more });
    expect(result.timedOut, result.stderr).toBe(false);
    if (more.trusted !== false) {
      expect(result.exitCode, result.stderr).toBe(0);
      expect(server.remaining()).toBe(0);
    }
    return result;
  } finally {
    await server.close();
  }
}

async function shown(repo: TestRepo, commit: string): Promise<ShowDocument> {
  return JSON.parse((await repo.run(['show', commit, '--json'])).stdout) as ShowDocument;
}

/** Its last hook works in the background, and the client does not wait for it. */
function settled(repo: TestRepo): Promise<void> {
  return eventually(
    async () => (await readdir(repo.path('.git/agent-log/spool'))).every((name) => !name.endsWith('.json')),
    60_000,
  );
}

const sessionIdOf = ({ events }: ClientResult): unknown =>
  events.map((event) => event['session_id']).find((id) => typeof id === 'string');

const call = (command: string): Call => ({ tool: 'run_shell_command', input: { command } });
const run: (command: string) => Step = call;

describe.skipIf(!client.ok)('Gemini CLI, unmodified and headless', () => {
  let repo: TestRepo;
  let result: ClientResult;
  let first: ShowDocument;
  let second: ShowDocument;
  let base = '';

  beforeAll(async () => {
    repo = await makeRepo();
    await repo.commit('Say how to work here', { 'GEMINI.md': 'Be brief.\n', 'input.txt': 'alpha\nbeta\n' });
    base = await repo.git('rev-parse', 'HEAD');
    expect((await repo.run(['init', '--agents', 'gemini-cli'])).code).toBe(0);
    const [notes, input, parser] = ['notes.txt', 'input.txt', 'parser.txt'].map((path) => repo.path(path));
    result = await session(repo, TASK, [
      { tool: 'read_file', input: { file_path: input }, text: 'I look at the input first.' },
      { tool: 'write_file', input: { file_path: parser, content: 'parse\n' } },
      {
        ...run('git add -A && git commit -q -m "Add the parser"'),
        text: 'The parser is done, so I commit it.',
      },
      { tool: 'write_file', input: { file_path: notes, content: 'notes\n' } },
      {
        tool: 'replace',
        input: { file_path: notes, old_string: 'notes', new_string: 'better notes', instruction: 'Better' },
      },
      run('printf built > built.txt; exit 3'),
      { calls: [call('echo same'), call('echo same')] },
      { tool: 'read_file', input: { file_path: repo.path('missing.txt') } },
      run('git add -A && git commit -m "Add notes"'),
      { text: 'Done.' },
    ]);
    await settled(repo);
    first = await shown(repo, 'HEAD~1');
    second = await shown(repo, 'HEAD');
  }, PATIENCE_MS);

  afterAll(() => repo.remove());

  test('no hook of git ran: the sweep recorded both commits, late and unsealed, in one transaction', async () => {
    for (const one of [first, second]) {
      expect(one).toMatchObject({ binding: 'exact', sealed: false, capture: { by: 'hooks', late: true } });
      expect(one.integrity).toEqual({ ok: true, problems: [] });
    }
    expect(await repo.git('log', '--format=%(trailers)', 'HEAD~2..')).not.toContain('Agent-');
    expect(second.txn).toBe(first.txn);
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(second.prev).toBe(first.record);
  });

  test('session, model, task and sponsor are the right ones', () => {
    for (const one of [first, second]) {
      expect(one.authorship).toBe('agent');
      expect(one.agent).toMatchObject({ name: 'gemini-cli', sessionId: sessionIdOf(result), chain: [] });
      expect(one.model).toEqual({ provider: 'google', name: GEMINI_MODEL });
      expect(one.task).toMatchObject({ text: TASK });
      expect(one.prompts.map(({ text }) => text)).toEqual([TASK]);
      expect(one.sponsor).toMatchObject({
        name: 'Jane Doe',
        email: 'jane@example.com',
        source: 'git-config',
      });
      expect(one.base).toMatchObject({ commit: base, branch: 'main', dirty: false });
      expect(one.gaps).toEqual([]);
    }
  });

  test('tool calls have names of their own, how they ended and what they wrote', async () => {
    expect(first.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['read_file', 'ok'],
      ['write_file', 'ok'],
      ['run_shell_command', 'ok'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD:parser.txt');
    expect(first.toolCalls[1]).toMatchObject({ files: [{ path: 'parser.txt', blob }] });
    expect(second.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['write_file', 'ok'],
      ['replace', 'ok'],
      ['run_shell_command', 'error'],
      ['run_shell_command', 'ok'],
      ['run_shell_command', 'ok'],
      ['read_file', 'error'],
      ['run_shell_command', 'ok'],
    ]);
    const built = await repo.git('rev-parse', 'HEAD:built.txt');
    expect(second.toolCalls[2]).toMatchObject({ files: [{ path: 'built.txt', blob: built }] });
    const ids = [...first.toolCalls, ...second.toolCalls].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every changed file says whose content it is, and what was read is there', async () => {
    expect(first.files).toMatchObject([{ path: 'parser.txt', by: 'agent' }]);
    expect(second.files.map(({ path, by }) => [path, by])).toEqual([
      ['built.txt', 'shell'],
      ['notes.txt', 'agent'],
    ]);
    const blob = await repo.git('rev-parse', 'HEAD:input.txt');
    expect(first.context).toEqual([{ kind: 'file', uri: 'input.txt', digest: `gitBlob:${blob}` }]);
  });

  test('usage counts every answer once, wherever it ended up', () => {
    const sum = (name: 'inputTokens' | 'outputTokens' | 'cacheReadInputTokens'): number =>
      [first, second].reduce((all, { usage }) => all + (usage?.[name] ?? 0), 0);
    // Ten answers, each with 100 tokens in, 30 of them from a cache, and 10 out.
    expect([sum('inputTokens'), sum('cacheReadInputTokens'), sum('outputTokens')]).toEqual([700, 300, 100]);
    expect(['The parser is done, so I commit it.', 'Done.']).toContain(first.reason?.text);
  });

  test('nothing of ours was committed, and no text is in the ledger', async () => {
    expect(await repo.git('ls-files')).not.toContain('.gemini');
    const ledger = await repo.git('log', '-p', 'refs/notes/agent-log');
    for (const secret of ['small', 'better notes', 'I look at the input'])
      expect(ledger).not.toContain(secret);
  });
});

describe.skipIf(!client.ok)("Gemini CLI's sub-agents, resumed sessions and folders nobody trusts", () => {
  let repo: TestRepo;
  let begun: ClientResult;
  let resumed: ClientResult;

  beforeAll(async () => {
    repo = await makeRepo();
    await repo.git('switch', '-q', '-c', 'topic');
    // Both in the home and here: each event counts once.
    expect((await repo.run(['init', '--agents', 'gemini-cli', '--user'])).code).toBe(0);
    expect((await repo.run(['init', '--agents', 'gemini-cli'])).code).toBe(0);
    const write = { tool: 'write_file', input: { file_path: repo.path('sub.txt'), content: 'sub\n' } };
    const ask = { agent_name: 'generalist', prompt: 'Write sub.txt and commit it' };
    begun = await session(
      repo,
      'Let somebody write it',
      [{ tool: 'invoke_agent', input: ask }, { text: 'Done.' }],
      {
        subagentScript: [
          write,
          run('git add -A && git commit -q -m "By the sub-agent"'),
          { tool: 'complete_task', input: { result: 'I am done.' } },
        ],
      },
    );
    await settled(repo);
    resumed = await session(
      repo,
      'Go on',
      [run('git commit -q --allow-empty -m Resumed'), { text: 'Done.' }],
      {
        extraArgs: ['--resume', 'latest'],
      },
    );
    await settled(repo);
  }, PATIENCE_MS);

  afterAll(() => repo.remove());

  test("a sub-agent's commit is of the session that started it, which is all its hooks tell", async () => {
    const one = await shown(repo, 'HEAD~1');
    expect(one).toMatchObject({ capture: { late: true }, task: { text: 'Let somebody write it' } });
    expect(one.agent).toMatchObject({ name: 'gemini-cli', sessionId: sessionIdOf(begun), chain: [] });
    expect(one.files).toMatchObject([{ path: 'sub.txt', by: 'agent' }]);
    expect(one.toolCalls.filter(({ name }) => name === 'write_file')).toHaveLength(1);
  });

  test('a resumed session goes on in its transaction', async () => {
    const [one, before] = [await shown(repo, 'HEAD'), await shown(repo, 'HEAD~1')];
    expect(sessionIdOf(resumed)).toBe(sessionIdOf(begun));
    expect(one).toMatchObject({ subject: 'Resumed', txn: before.txn, seq: 2, capture: { late: true } });
    expect(one.agent?.sessionId).toBe(sessionIdOf(begun));
    expect(one.prompts.map(({ text }) => text)).toContain('Go on');
  });

  test('in a folder nobody trusts it ends before any hook, and doctor says so', async () => {
    const doctor = await repo.run(['doctor']);
    expect(doctor.stdout).toContain('is no folder it trusts');
    const refused = await session(repo, 'Do it', [{ text: 'Done.' }], { trusted: false });
    expect(refused.exitCode).toBe(55);
    expect(await readdir(repo.path('.git/agent-log/spool'))).toEqual([]);
  });
});
