import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import {
  commits,
  haveClaude,
  MODEL,
  SETUP_MS,
  session,
  shownBySubject,
  stage,
  strike,
  writes,
} from '../support/clients/claude-stage.ts';
import type { TestRepo } from '../support/repo.ts';

const TASK = 'Have somebody write the parser, then write its notes.';

/** Starts a sub-agent; the client runs it in the background, after the main loop has stopped. */
function delegates(prompt: string, input: Record<string, unknown> = {}) {
  const asked = { description: 'a part of the work', prompt, subagent_type: 'general-purpose', ...input };
  return { tool: 'Agent', input: asked };
}

const inputTokens = ({ usage }: ShowDocument): number => usage?.['inputTokens'] ?? 0;

describe.skipIf(!haveClaude('Claude Code: sub-agents'))('a sub-agent of Claude Code', () => {
  let repo: TestRepo;
  let bySub: ShowDocument;
  let byMain: ShowDocument;
  let apart: ShowDocument;
  let merged: ShowDocument;
  let id: string;

  beforeAll(async () => {
    repo = await stage();
    const { sessionId } = await session(
      repo,
      TASK,
      [
        delegates('Write the parser and commit it.'),
        { text: 'I wait for it.' },
        writes(repo.path('notes.txt'), 'notes\n'),
        { ...commits('Add notes'), text: 'The notes are mine.' },
        { text: 'Done.' },
      ],
      {
        subagent: [
          writes(repo.path('parser.txt'), 'parse\n'),
          { ...commits('Add the parser', 'sleep 0.5; '), text: 'The parser is the helper’s.' },
          { text: 'It is there.' },
        ],
      },
    );
    bySub = await shownBySubject(repo, 'Add the parser');
    byMain = await shownBySubject(repo, 'Add notes');
    id = sessionId;
    await session(
      repo,
      'Have it done in a worktree, then merge it.',
      [
        delegates('Write the lexer and commit it.', { isolation: 'worktree', model: 'haiku' }),
        { text: 'I wait for it.' },
        { tool: 'Bash', input: { command: MERGE } },
        { text: 'Merged.' },
      ],
      {
        subagent: [
          { tool: 'Bash', input: { command: 'printf lex > lexer.txt' } },
          commits('Add the lexer'),
          { text: 'It is there.' },
        ],
      },
    );
    apart = await shownBySubject(repo, 'Add the lexer');
    merged = await shownBySubject(repo, 'Merge the lexer');
  }, SETUP_MS);

  afterAll(() => strike(repo));

  test('is named in the record of its own commit, and not in that of the main loop', () => {
    expect(bySub.agent).toMatchObject({ sessionId: id, chain: [{ type: 'general-purpose', model: MODEL }] });
    expect(byMain.agent).toMatchObject({ sessionId: id, chain: [] });
    const [helper] = bySub.agent?.chain ?? [];
    expect(bySub.toolCalls.map(({ name, agentId }) => [name, agentId])).toEqual([
      ['Agent', undefined],
      ['Write', helper?.id],
      ['Bash', helper?.id],
    ]);
  });

  test('commits after the main loop has stopped, in the transaction of the prompt that started it', () => {
    for (const shown of [bySub, byMain]) {
      expect(shown).toMatchObject({ binding: 'exact', sealed: true, task: { text: TASK } });
      expect(shown.gaps).toEqual([]);
    }
    expect(byMain).toMatchObject({ txn: bySub.txn, seq: 2, prev: bySub.record });
  });

  test('gives model, usage and reason through a transcript of its own', () => {
    expect(bySub.reason?.text).toBe('The parser is the helper’s.');
    expect(byMain.reason?.text).toBe('The notes are mine.');
    // Five calls of the main loop and three of the helper; the last came after the last commit.
    expect(inputTokens(bySub) + inputTokens(byMain)).toBe(800);
  });

  test('in a worktree of its own belongs to the same transaction, under its own model', () => {
    expect(apart.agent?.chain).toMatchObject([{ type: 'general-purpose', model: 'claude-haiku-5-5' }]);
    expect(apart.model).toEqual({ provider: 'anthropic', name: 'claude-haiku-5-5' });
    expect(apart.files).toMatchObject([{ path: 'lexer.txt', by: 'shell' }]);
    expect(apart.base).toMatchObject({ branch: 'main' });
    expect(merged.model).toEqual({ provider: 'anthropic', name: MODEL });
    expect(merged.txn).toBe(apart.txn);
    expect(apart.txn).not.toBe(bySub.txn);
    expect(merged).toMatchObject({ seq: 2, prev: apart.record, binding: 'exact' });
  });

  test('is known by its transcript, which lies beside that of the session', async () => {
    const projects = `${repo.home}/.claude/projects`;
    const [project = ''] = await readdir(projects);
    expect(await readdir(`${projects}/${project}/${id}/subagents`)).toContain(
      `agent-${String(bySub.agent?.chain?.[0]?.id)}.jsonl`,
    );
  });
});

const MERGE =
  'git merge -q --no-ff -m "Merge the lexer" $(git for-each-ref --format="%(refname:short)" "refs/heads/worktree-*")';
