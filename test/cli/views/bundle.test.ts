import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../lib/cli/terminal/io.ts';
import { renderBundle } from '../../../lib/cli/views/bundle.ts';
import { renderVerified } from '../../../lib/cli/views/verify.ts';
import { evidenceDocument, TXN } from '../../support/evidence-document.ts';

type Evidence = Parameters<typeof renderBundle>[0];
type Verified = Parameters<typeof renderVerified>[0];

const evidence: Evidence = {
  document: evidenceDocument({
    txns: ['landed', 'not-landed', 'unknown'].map((state) => ({
      txn: TXN,
      commits: [],
      sponsor: null,
      state: state as 'landed',
    })),
  }),
  notes: [],
  signed: [],
  texts: [],
  targetFiles: [],
  diffs: new Map(),
  proof: null,
  history: null,
  openpgpKeys: new Uint8Array(),
} as unknown as Evidence;

describe('what evidence says of a bundle', () => {
  it('is told whole: wrapped, never cut', () => {
    const drawn = renderBundle(evidence, [], 'evidence.zip', { paint: PLAIN, columns: 80 });
    expect(drawn).not.toContain('…');
    expect(drawn.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const flat = drawn.replaceAll(/\s+/g, ' ');
    expect(flat).toContain(`txns ${TXN} (landed), ${TXN} (not-landed), ${TXN} (unknown) commits`);
    expect(flat).toContain('approvals where policy asks for two; a waiver let it pass.'.slice(-30));
  });

  it('attack: sends no control characters of what is missing', () => {
    const document = evidenceDocument({
      missing: [{ kind: 'text', of: 'a\u001b[2J', why: 'b\nVerify it: evil', exception: null }],
    });
    const drawn = renderBundle({ ...evidence, document }, [], 'x', { paint: PLAIN, columns: 80 });
    expect(drawn).not.toContain('\u001b');
    expect(drawn).not.toMatch(/^Verify it: evil/m);
  });
});

it('verify counts one of a kind as one', () => {
  const document: Verified = {
    subject: { kind: 'all', name: '' },
    ok: true,
    first: null,
    checks: [],
    trusted: [],
    population: { approval: 2, binding: 1, commits: 1, 'foreign entries': 1, 'merge-request': 3, txns: 1 },
  } as unknown as Verified;
  expect(renderVerified(document, PLAIN, 200)).toContain(
    'Looked at: 2 approvals, 1 binding, 1 commit, 1 foreign entry, 3 merge requests, 1 transaction\n',
  );
});
