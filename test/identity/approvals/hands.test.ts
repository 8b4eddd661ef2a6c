import { expect, it } from 'vitest';
import { handsIn } from '../../../lib/identity/approvals/hands.ts';

it('whoever wrote, committed or co-wrote a commit had a hand in it, whatever form the name has', () => {
  const message =
    'Fix\n\nBody\n\nCo-authored-by: Jane Doe <jane@example.com>\n  co-authored-by: <x@example.com>\n';
  expect(handsIn({ author: 'John <john@example.com>', committer: 'nobody', message })).toEqual([
    { name: 'John', email: 'john@example.com' },
    { name: 'nobody', email: 'nobody' },
    { name: 'Jane Doe', email: 'jane@example.com' },
    { name: '', email: 'x@example.com' },
  ]);
});
