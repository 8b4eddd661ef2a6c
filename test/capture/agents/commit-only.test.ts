import { expect, it } from 'vitest';
import { COMMIT_ONLY } from '../../../lib/capture/agents/commit-only.ts';
import { classify, signalsOf } from '../../../lib/identity/agents/marks.ts';

const PERSON = 'Jane Doe <jane@example.com>';
const examples = COMMIT_ONLY.flatMap(({ name, example }) =>
  Object.entries(example).map(([what, text]) => [name, what, text] as const),
);

it.each(examples)('%s is found by its %s alone: %s', (name, what, text) => {
  const signals = signalsOf({
    author: what === 'author' ? text : PERSON,
    committer: PERSON,
    message: `Subject\n\n${what === 'trailer' ? text : 'Body'}\n`,
  });
  expect(classify(signals)).toBe('agent');
  expect(signals.map(({ agent }) => agent)).toContain(name);
});
