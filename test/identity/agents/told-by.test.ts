import { expect, it } from 'vitest';
import { signalsOf } from '../../../lib/identity/agents/marks.ts';
import { toldBy } from '../../../lib/identity/agents/told-by.ts';

const JANE = 'Jane Doe <jane@example.com>';
const told = (message: string, author = JANE) =>
  toldBy(message, signalsOf({ message, author, committer: JANE }));

it.each([
  ['S\n\nCo-Authored-By: Claude <noreply@anthropic.com>', 'claude-code', null],
  ['S\n\nCo-authored-by: aider (gpt-4o) <aider@aider.chat>', 'aider', 'gpt-4o'],
  ['S\n\nAssisted-by: opencode:qwen-3 [tools]', 'opencode', 'qwen-3'],
  ['S\n\nEntire-Checkpoint: a3b2c4d5e6f7\nCo-authored-by: Codex <noreply@openai.com>', 'codex', null],
  ['S\n\nEntire-Checkpoint: a3b2c4d5e6f7', null, null],
  ['S\n\nMade-with: Cursor', 'cursor', null],
  ['S', null, null],
])('%j is by %s, model %s', (message, agent, model) => {
  expect(told(message)).toEqual({ agent, model });
});

it('takes the author before those who are thanked', () => {
  const author = 'Copilot <198982749+Copilot@users.noreply.github.com>';
  expect(told('S\n\nCo-authored-by: Codex <noreply@openai.com>', author).agent).toBe('copilot');
});
