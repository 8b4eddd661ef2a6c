import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import {
  commits,
  haveClaude,
  SETUP_MS,
  session,
  shownBySubject,
  stage,
  strike,
  writes,
} from '../support/clients/claude-stage.ts';
import type { TestRepo } from '../support/repo.ts';

const SERVER = fileURLToPath(new URL('../support/mcp-server.mjs', import.meta.url));
const ADDRESS = 'notes://user:pa55word@shelf/first?token=s3cret';

describe.skipIf(!haveClaude('Claude Code: tools and modes'))('Claude Code', () => {
  let repo: TestRepo;
  let withMcp: ShowDocument;
  let unkept: ShowDocument;
  let bare: ShowDocument;

  beforeAll(async () => {
    repo = await stage();
    const config = join(repo.home, 'mcp.json');
    const shelf = { command: process.execPath, args: [SERVER] };
    await writeFile(config, JSON.stringify({ mcpServers: { shelf } }));
    await session(
      repo,
      'Ask the shelf.',
      [
        { tool: 'mcp__shelf__echo', input: { text: 'hello' } },
        { tool: 'ReadMcpResourceTool', input: { server: 'shelf', uri: ADDRESS } },
        writes(repo.path('a.txt'), 'a\n'),
        commits('with mcp'),
        { text: 'Done.' },
      ],
      {
        extraArgs: ['--mcp-config', config],
        allowedTools: ['Bash', 'Write', 'mcp__shelf__echo', 'ReadMcpResourceTool'],
      },
    );
    withMcp = await shownBySubject(repo, 'with mcp');
    const unkeptScript = [writes(repo.path('b.txt'), 'b\n'), commits('unkept'), { text: 'Done.' }];
    await session(repo, 'Keep nothing.', unkeptScript, { extraArgs: ['--no-session-persistence'] });
    unkept = await shownBySubject(repo, 'unkept');
    const bareScript = [commits('bare', 'printf c > c.txt; '), { text: 'Done.' }];
    await session(repo, 'Run no hooks.', bareScript, { extraArgs: ['--bare'] });
    bare = await shownBySubject(repo, 'bare');
  }, SETUP_MS);

  afterAll(() => strike(repo));

  test('calls a tool of an MCP server: its name, and digests of what went in and out', () => {
    expect(withMcp.toolCalls[0]).toMatchObject({
      name: 'mcp__shelf__echo',
      status: 'ok',
      args: '{"text":"hello"}',
    });
    expect(withMcp.toolCalls[0]?.resultDigest).toMatch(/^hmac-sha256:/);
  });

  test('reads a resource of an MCP server: its address, without what it may hide', () => {
    expect(withMcp.context).toMatchObject([{ kind: 'mcp', uri: 'notes://shelf/first' }]);
    expect(withMcp.gaps).toEqual([]);
  });

  test('writes none of that into the ledger, nor anything of an address that may be secret', async () => {
    const ledger = await repo.git('log', '-p', 'refs/notes/agent-log');
    for (const text of ['pa55word', 's3cret', 'heard: hello', 'a note']) expect(ledger).not.toContain(text);
  });

  test('keeps no transcript: recorded through its hooks, and what only a transcript tells is said to be unknown', () => {
    expect(unkept).toMatchObject({
      binding: 'exact',
      sealed: true,
      task: { text: 'Keep nothing.' },
      model: { provider: null, name: null },
      usage: null,
      reason: null,
    });
    expect(unkept.files).toMatchObject([{ path: 'b.txt', by: 'agent' }]);
    expect(unkept.gaps).toEqual([
      'claude-code: no transcript of this session was there at the commit, so model, usage and reason are unknown',
    ]);
  });

  test('runs no hooks: recorded from the environment alone, and that is said', () => {
    expect(bare).toMatchObject({
      binding: 'exact',
      sealed: true,
      authorship: 'agent',
      task: null,
      usage: null,
    });
    expect(bare.agent).toMatchObject({ name: 'claude-code', version: '2.1.330' });
    expect(bare.agent?.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(bare.files).toMatchObject([{ path: 'c.txt', by: 'unseen' }]);
    expect(bare.gaps).toEqual([
      'claude-code: no hook of this session was seen, so its prompts and tool calls are unknown',
    ]);
  });
});
