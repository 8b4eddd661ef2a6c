import { expect, it } from 'vitest';
import { asksForDryRun } from '../../../lib/capture/commit/command-line.ts';

it.each([
  ['git push --dry-run origin', true],
  ['git push --dry origin', true],
  ['git push -n', true],
  ['git push -qn origin main', true],
  ['git push origin main', false],
  ['git push --no-verify -u origin', false],
  ['git push -- origin -n', false],
  ['git push -on origin', false],
  ['git push origin not-n', false],
])('%s: %s', (line, expected) => {
  expect(asksForDryRun(line.split(' '))).toBe(expected);
});
