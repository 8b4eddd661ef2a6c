import { describe, expect, test } from 'vitest';
import { isAgentAddress } from '../../../lib/identity/agents/addresses.ts';
import { type Authors, classify, signalsOf } from '../../../lib/identity/agents/marks.ts';

const JANE = 'Jane Doe <jane@example.com>';
const by = (authors: Partial<Authors>): Authors => ({
  author: JANE,
  committer: JANE,
  message: 'Change\n',
  ...authors,
});
const says = (message: string): Authors => by({ message: `Change\n\n${message}\n` });

/** Marks as they are seen in public repositories, and the agent each tells of. */
const MARKS: readonly (readonly [string, string, Authors])[] = [
  ['Claude co-author', 'claude-code', says('Co-Authored-By: Claude <noreply@anthropic.com>')],
  [
    'Claude co-author with model',
    'claude-code',
    says('Co-Authored-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>'),
  ],
  ['Claude session', 'claude-code', says('Claude-Session: https://claude.ai/code/session_01abc')],
  ['Claude line', 'claude-code', says('🤖 Generated with [Claude Code](https://claude.com/claude-code)')],
  [
    'Claude bot',
    'claude-code',
    by({ author: 'claude[bot] <209825114+claude[bot]@users.noreply.github.com>' }),
  ],
  [
    'Copilot agent',
    'copilot',
    by({ author: 'copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>' }),
  ],
  ['Copilot CLI', 'copilot', says('Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>')],
  ['Copilot session', 'copilot', says('Agent-Logs-Url: https://github.com/o/r/sessions/6f0d')],
  ['Codex co-author', 'codex', says('Co-authored-by: Codex <noreply@openai.com>')],
  [
    'Codex bot',
    'codex',
    by({ committer: 'x <199175422+chatgpt-codex-connector[bot]@users.noreply.github.com>' }),
  ],
  ['Cursor co-author', 'cursor', says('Co-authored-by: Cursor <cursoragent@cursor.com>')],
  ['Codex line', 'codex', says('Generated-by: OpenAI Codex')],
  ['Codex author', 'codex', by({ author: 'Codex <codex@openai.com>' })],
  ['Devin line', 'devin', says('Devin Session: https://app.devin.ai/sessions/1')],
  ['Copilot author', 'copilot', by({ author: 'Copilot <copilot@github.com>' })],
  ['Windsurf', 'windsurf', says('Co-authored-by: Windsurf <noreply@codeium.com>')],
  ['Pi', 'pi', says('Co-authored-by: Pi <noreply@pi.dev>')],
  ['Goose', 'goose', says('Co-authored-by: Goose <opensource@block.xyz>')],
  ['ai-trailers', 'ai-trailers', says('AI-Tool: some-tool')],
  ['Cursor bot', 'cursor', by({ author: 'c <206951365+cursor[bot]@users.noreply.github.com>' })],
  ['Gemini bot', 'gemini', by({ author: 'g <176961590+gemini-code-assist[bot]@users.noreply.github.com>' })],
  [
    'Amazon Q bot',
    'amazon-q',
    by({ author: 'q <208079219+amazon-q-developer[bot]@users.noreply.github.com>' }),
  ],
  ['Continue', 'continue', by({ author: 'c <230936708+continue[bot]@users.noreply.github.com>' })],
  ['Cody', 'cody', by({ author: 'c <201248094+sourcegraph-cody[bot]@users.noreply.github.com>' })],
  ['JetBrains', 'jetbrains-ai', by({ author: 'j <220155983+jetbrains-ai[bot]@users.noreply.github.com>' })],
  ['Cursor line', 'cursor', says('Made-with: Cursor')],
  [
    'Devin author',
    'devin',
    by({ author: 'Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>' }),
  ],
  ['Amp thread', 'amp', says('Amp-Thread-ID: https://ampcode.com/threads/T-1')],
  ['Amp co-author', 'amp', says('Co-authored-by: Amp <amp@ampcode.com>')],
  [
    'Jules',
    'jules',
    by({ author: 'google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>' }),
  ],
  ['Gemini', 'gemini', by({ author: 'Gemini <gemini-cli-agent@google.com>' })],
  ['Amazon Q', 'amazon-q', says('Co-authored-by: Amazon Q <noreply@amazon.com>')],
  ['Aider author', 'aider', by({ author: 'Jane Doe (aider) <jane@example.com>' })],
  ['Aider co-author', 'aider', says('Co-authored-by: aider (gpt-5) <aider@aider.chat>')],
  ['Aider subject', 'aider', by({ message: 'aider: Change\n' })],
  ['opencode', 'opencode', says('Co-authored-by: opencode <noreply@opencode.ai>')],
  ['Cline', 'cline', says('Co-authored-by: cline[bot] <205137888+cline[bot]@users.noreply.github.com>')],
  ['Entire', 'entire', says('Entire-Checkpoint: 0123456789ab')],
  ['gitvow', 'gitvow', says('Gitvow-Session: abc')],
  ['whogitit', 'whogitit', says('AI-Session: abc')],
  ['Replit', 'replit', says('Replit-Commit-Author: Agent')],
  ['aittributor', 'aittributor', says('Ai-assisted: true')],
  ['Assisted-by', 'assisted-by', says('Assisted-by: some-agent:some-model [tool]')],
  ['ours', 'git-agent-log', says(`Agent-Record: sha256:${'a'.repeat(64)}`)],
];

describe('a commit with a mark is an agent’s', () => {
  test.each(MARKS)('%s', (_name, agent, commit) => {
    const signals = signalsOf(commit);
    expect(signals.map((signal) => signal.agent)).toContain(agent);
    expect(classify(signals)).toBe('agent');
  });

  test('also mid-body, behind a bullet, indented and in another case, as squash merges leave it', () => {
    const message =
      'Squash (#12)\n\n* One\n\n  co-authored-by: Claude <noreply@anthropic.com>\n\n* Two\n\nMore text.\n';
    expect(classify(signalsOf(by({ message })))).toBe('agent');
  });
});

describe('what looks like a mark and is none', () => {
  test.each([
    ['a person called Claude', by({ author: 'Claude Monet <claude@example.com>' })],
    ['talk about an agent', says('I asked Claude Code and Cursor about this. Co-authored-by is a trailer.')],
    ['a human co-author', says('Co-authored-by: Max <max@example.com>')],
    ['a reviewer of the kernel', says('Assisted-by: Max Muster')],
    ['a private noreply address', by({ author: 'Jane <12345+jane@users.noreply.github.com>' })],
  ])('%s', (_name, commit) => {
    expect(signalsOf(commit)).toEqual([]);
    expect(classify(signalsOf(commit))).toBe('human');
  });

  test.each([
    ['dependabot', by({ author: 'dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>' })],
    ["a merge of an agent's branch", by({ message: "Merge branch 'claude/fix-login' into main\n" })],
    [
      'a pull request from an agent’s branch',
      by({ message: 'Merge pull request #4 from acme/copilot/fix-1\n' }),
    ],
  ])('%s is unknown, neither agent nor human', (_name, commit) => {
    expect(classify(signalsOf(commit))).toBe('unknown');
  });
});

// Were it to take time by the square of the length, the test would not end in its time.
test('a hostile message costs linear time', () => {
  const message = `${'Co-authored-by: '.repeat(60_000)}<`;
  expect(classify(signalsOf(by({ message })))).toBe('human');
});

test('agents and bots are no sponsors', () => {
  for (const [, , { author }] of MARKS)
    if (author !== JANE && !author.includes('jane@'))
      expect(isAgentAddress(/<(.+)>/.exec(author)?.[1] ?? '')).toBe(true);
  expect(isAgentAddress('jane@example.com')).toBe(false);
});
