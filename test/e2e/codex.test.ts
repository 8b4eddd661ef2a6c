import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { trustableHooks } from '../../lib/capture/install/agents/codex-trust.ts';
import { placeOf, sessionKey } from '../../lib/capture/place.ts';
import type { SessionState } from '../../lib/capture/session/session.ts';
import { loadSession } from '../../lib/capture/session/session-store.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
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

/** The record with what was known after the commit: how the call that made it ended, the last answer. */
async function shown(repo: TestRepo, revision = 'HEAD'): Promise<ShowDocument> {
  await eventually(async () =>
    (await asSealed(repo, revision)).toolCalls.every(({ status }) => status !== 'running'),
  );
  return asSealed(repo, revision);
}

async function asSealed(repo: TestRepo, revision: string): Promise<ShowDocument> {
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
    second = await shown(repo);
    // The end of its own last call is in the record after it.
    first = await asSealed(repo, 'HEAD~1');
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
      ['Bash', 'ok'],
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
    const sum = (name: 'inputTokens' | 'outputTokens' | 'cacheReadInputTokens'): number =>
      [first, second].reduce((all, { usage }) => all + (usage?.[name] ?? 0), 0);
    // Eight model calls, the last after the second commit; each reports 100 tokens in, 30 of them from the cache, and 10 out.
    expect(sum('inputTokens')).toBe(560);
    expect(sum('cacheReadInputTokens')).toBe(240);
    expect(sum('outputTokens')).toBe(80);
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

/** A repository for one run; what is left running in it ends before it goes. */
async function forTest(): Promise<TestRepo> {
  const repo = await initialised();
  onTestFinished(() => repo.remove());
  return repo;
}

function threadOf({ events }: ClientResult): string {
  return String(events.find(({ type }) => type === 'thread.started')?.['thread_id']);
}

async function sessionOf(repo: TestRepo, thread: string): Promise<SessionState | null> {
  return loadSession(placeOf(await findRepository({ cwd: repo.dir })), sessionKey('codex', thread));
}

interface Check {
  check: string;
  state: string;
  says: string;
}

async function doctor(repo: TestRepo, check: string): Promise<Check | undefined> {
  const { stdout } = await repo.run(['doctor', '--json']);
  return (JSON.parse(stdout) as { findings: Check[] }).findings.find((finding) => finding.check === check);
}

const COMMIT_TWICE = [add('a.txt', 'a'), commit('One'), { text: 'Done.' }];

describe.skipIf(!client.ok)('Codex and what it hides', () => {
  test('untrusted hooks: nothing is recorded by them, doctor says so, and the record names the gap', async () => {
    const repo = await forTest();
    const { result } = await run(repo, COMMIT_TWICE, { bypassHookTrust: false });
    expect(result.exitCode, result.stderr).toBe(0);
    const record = await shown(repo);
    expect(record.agent).toMatchObject({ name: 'codex', version: '0.169.0', sessionId: threadOf(result) });
    expect(record.gaps).toEqual([expect.stringContaining('codex: no hook of this session was seen')]);
    expect(record).toMatchObject({ prompts: [], toolCalls: [], binding: 'exact', sealed: true });
    const finding = await doctor(repo, 'codex trust');
    expect(finding).toMatchObject({ state: 'bad', says: expect.stringContaining('skips 8 of our 8 hooks') });
  });

  test('hooks trusted by the digest we compute run, and doctor is content', async () => {
    const repo = await forTest();
    const path = repo.path('.codex', 'hooks.json');
    const extraConfig = trustableHooks(await readFile(path, 'utf8'))
      .map(({ place, hash }) => `[hooks.state."${path}:${place}"]\ntrusted_hash = "${hash}"\n`)
      .join('\n');
    await run(repo, COMMIT_TWICE, { bypassHookTrust: false, extraConfig });
    expect(await shown(repo)).toMatchObject({ gaps: [], task: { text: TASK } });
    expect(await doctor(repo, 'codex trust')).toMatchObject({ state: 'ok' });
    await appendFile(path, '\n');
    expect(await doctor(repo, 'codex trust')).toMatchObject({ state: 'ok' });
  });

  test('the default sandbox keeps it from committing: what it wrote is known when a person does', async () => {
    const repo = await forTest();
    const head = await repo.git('rev-parse', 'HEAD');
    const script = [add('a.txt', 'a'), shell('printf b > b.txt'), commit('One'), { text: 'Done.' }];
    const { result } = await run(repo, script, { sandbox: 'workspace-write' });
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    let session: SessionState | null = null;
    await eventually(async () => {
      session = await sessionOf(repo, threadOf(result));
      return session?.calls.length === 3 && session.said !== null;
    });
    const blob = async (path: string): Promise<string> => repo.git('hash-object', path);
    expect(session).toMatchObject({
      calls: [{ status: 'ok' }, { status: 'ok' }, { name: 'Bash', status: 'error' }],
      writes: new Map([
        [
          'a.txt',
          expect.arrayContaining([expect.objectContaining({ by: 'agent', blob: await blob('a.txt') })]),
        ],
        [
          'b.txt',
          expect.arrayContaining([expect.objectContaining({ by: 'shell', blob: await blob('b.txt') })]),
        ],
      ]),
    });
  });

  test("a sub-agent's commit belongs to the session that started it", async () => {
    const repo = await forTest();
    const wait = shell(
      'for i in $(seq 40); do git log --format=%s | grep -q Sub && break; sleep 0.1; done; sleep 0.3',
    );
    const { result, server } = await run(
      repo,
      [
        { tool: 'multi_agent_v1.spawn_agent', input: { message: 'Write sub.txt and commit.' } },
        wait,
        { text: 'Done.' },
      ],
      { subagentScript: [add('sub.txt', 'sub'), commit('Sub'), { text: 'Sub done.' }] },
    );
    expect(server.remaining(), result.stderr).toBe(0);
    const record = await shown(repo);
    expect(record.subject).toBe('Sub');
    expect(record.agent).toMatchObject({ sessionId: threadOf(result), chain: [{ type: 'default' }] });
    expect(record.agent).not.toMatchObject({ chain: [{ id: threadOf(result) }] });
    expect(record).toMatchObject({ task: { text: TASK }, gaps: [], binding: 'exact', sealed: true });
    expect(record.files).toMatchObject([{ path: 'sub.txt', by: 'agent' }]);
  });

  test('a resumed session goes on; a fork is another, and counts nothing twice', async () => {
    const repo = await forTest();
    const { result } = await run(repo, COMMIT_TWICE);
    await run(repo, [add('b.txt', 'b'), commit('Two'), { text: 'Done.' }], {
      subcommand: ['resume', threadOf(result)],
      prompt: 'Go on.',
    });
    const forked = await run(repo, [add('c.txt', 'c'), commit('Three'), { text: 'Done.' }], {
      subcommand: ['fork', threadOf(result)],
      prompt: 'Try this.',
    });
    const [one, two, three] = [await shown(repo, 'HEAD~2'), await shown(repo, 'HEAD~1'), await shown(repo)];
    expect([one.agent?.sessionId, two.agent?.sessionId]).toEqual([threadOf(result), threadOf(result)]);
    expect(three.agent?.sessionId).toBe(threadOf(forked.result));
    expect(threadOf(forked.result)).not.toBe(threadOf(result));
    expect([one, two, three].map(({ task }) => task?.text)).toEqual([TASK, 'Go on.', 'Try this.']);
    expect([one, two, three].map(({ gaps }) => gaps)).toEqual([[], [], []]);
    // Two answers lead to each commit, a third ends the turn.
    expect([one, two, three].map(({ usage }) => usage?.outputTokens)).toEqual([30, 30, 30]);
  });

  test.each([
    [
      'gpt-6.1-sol',
      [
        {
          tool: 'exec',
          input: {
            input: `await tools.apply_patch(${JSON.stringify('*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch\n')});
              text(JSON.stringify(await tools.exec_command({ cmd: 'git add -A && git commit -q -m One' })));`,
          },
        },
        { text: 'Done.' },
      ],
      'agent',
      ['apply_patch', 'Bash'],
    ],
    [
      'some-unknown-model',
      [shell('printf a > a.txt'), commit('One'), { text: 'Done.' }],
      'shell',
      ['Bash', 'Bash'],
    ],
  ])('%s has other tools, and its hooks tell the same', async (model, script, by, tools) => {
    const repo = await forTest();
    const { result, server } = await run(repo, script, { model });
    expect(server.remaining(), result.stderr).toBe(0);
    const record = await shown(repo);
    expect(record).toMatchObject({ model: { name: model }, gaps: [], files: [{ path: 'a.txt', by }] });
    expect(record.toolCalls.map(({ name }) => name)).toEqual(tools);
    expect(record.usage).not.toBeNull();
  });

  test('a session that keeps no transcript has model and calls, and no usage', async () => {
    const repo = await forTest();
    await run(repo, COMMIT_TWICE, { extraArgs: ['--ephemeral'] });
    const record = await shown(repo);
    expect(record).toMatchObject({ model: { name: MODEL }, usage: null, task: { text: TASK } });
    expect(record.files).toMatchObject([{ path: 'a.txt', by: 'agent' }]);
  });

  test("a server's tool and resource are in the record, and the file it wrote", async () => {
    const repo = await forTest();
    const program = fileURLToPath(new URL('../support/mcp-server.mjs', import.meta.url));
    const { result } = await run(
      repo,
      [
        { tool: 'mcp__files.put', input: { path: repo.path('served.txt') } },
        { tool: 'read_mcp_resource', input: { server: 'files', uri: 'note://one' } },
        commit('Served'),
        { text: 'Done.' },
      ],
      {
        extraConfig: `[mcp_servers.files]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(program)}]\n`,
      },
    );
    expect(result.exitCode, result.stderr).toBe(0);
    const record = await shown(repo);
    expect(record.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['mcp__files__put', 'ok'],
      ['read_mcp_resource', 'ok'],
      ['Bash', 'ok'],
    ]);
    expect(record.files).toMatchObject([{ path: 'served.txt', by: 'shell' }]);
    expect(record.context).toMatchObject([{ kind: 'mcp' }]);
  });

  test('hooks of this clone and of the home at once tell an event once', async () => {
    const repo = await forTest();
    expect((await repo.run(['init', '--agents', 'codex', '--user'])).code).toBe(0);
    await run(repo, COMMIT_TWICE);
    const record = await shown(repo);
    expect(record.prompts).toHaveLength(1);
    expect(record.toolCalls.map(({ name }) => name)).toEqual(['apply_patch', 'Bash']);
    expect(await readFile(join(repo.home, '.codex', 'hooks.json'), 'utf8')).toContain('codex.user look');
  });
});
