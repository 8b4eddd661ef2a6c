import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { revertMessage } from '../../../lib/revert/telling/message.ts';

const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const ONE = '1'.repeat(40);

function message(title: string, reason: string | null): string {
  const unit = { commit: ONE, kind: 'commit', members: [ONE], subject: title } as const;
  return revertMessage({
    plan: {
      txns: [TXN],
      units: [{ ...unit, members: [ONE] }],
      dependants: [],
      digest: DIGEST,
      notUndone: [],
      missing: [],
      residue: [],
      leftOut: [],
    },
    verdict: 'clean',
    title,
    reason,
    step: null,
    mergeParents: new Map(),
  });
}

it('reads as git’s own does', () => {
  expect(message('Bump the SDK', 'It broke payments.\nSee T-1.')).toBe(
    [
      `Revert agent txn ${TXN}: "Bump the SDK"`,
      '',
      'Reason: It broke payments.',
      '  See T-1.',
      '',
      `This reverts commit ${ONE}.`,
      '',
      `Reverts-Txn: ${TXN}`,
      'Revert-Scope: full',
      'Revert-Verdict: clean',
      `Revert-Plan: ${DIGEST}`,
      '',
    ].join('\n'),
  );
});

it('R85 trailer injection: neither a title nor a reason becomes a trailer', { timeout: 60_000 }, () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc
      .array(
        fc.constantFrom(
          '\n',
          '\r',
          '\n\n',
          'Reverts-Txn: 01X',
          'Agent-Txn: y',
          '---',
          '# ------------------------ >8',
          ' ',
          '\u2028',
          '"',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(hostile, hostile, (title, reason) => {
      const input = message(title, reason);
      const trailers = execFileSync('git', ['interpret-trailers', '--parse'], { input, encoding: 'utf8' });
      expect(trailers).toBe(
        `Reverts-Txn: ${TXN}\nRevert-Scope: full\nRevert-Verdict: clean\nRevert-Plan: ${DIGEST}\n`,
      );
      expect(input.split('\n').filter((line) => /^(Reverts-Txn|Agent-Txn):/.test(line))).toEqual([
        `Reverts-Txn: ${TXN}`,
      ]);
    }),
    { numRuns: 50 },
  );
});
