import { describe, expect, it } from 'vitest';
import { dueOf, fingerprintOf, severityOf } from '../../../lib/core/records/exception.ts';
import { START, TXN } from '../../support/events.ts';

const type = 'policy-violation';

describe('a fingerprint', () => {
  it('is the same for the same gap, in every clone and version', () => {
    expect(fingerprintOf({ type, txn: TXN, rule: 'deps' })).toBe(
      '0b2c2b7f18c8f5852c19097ff5213fa9092b8d01d9b6bc617ada65d198eb0d11',
    );
  });

  it('is of the transaction first, then the commit, then the merge request', () => {
    const commit = 'a'.repeat(40);
    const mr = 'https://example.com/team/repo/-/merge_requests/7';
    const of = (about: { txn: string | null; commit?: string; mr?: string }): string =>
      fingerprintOf({ type, ...about });
    expect(of({ txn: TXN, commit, mr })).toBe(of({ txn: TXN }));
    expect(of({ txn: null, commit, mr })).toBe(of({ txn: null, commit }));
    expect(new Set([of({ txn: TXN }), of({ txn: null, commit }), of({ txn: null, mr })]).size).toBe(3);
  });

  it('tells types and rules apart', () => {
    const all = [
      fingerprintOf({ type, txn: TXN }),
      fingerprintOf({ type, txn: TXN, rule: 'a' }),
      fingerprintOf({ type, txn: TXN, rule: 'b' }),
      fingerprintOf({ type: 'decision-error', txn: TXN }),
    ];
    expect(new Set(all).size).toBe(4);
  });
});

it('is a step worse where files of a risk class are concerned, and has its time', () => {
  expect([severityOf('identity-unclear'), severityOf('identity-unclear', ['iam'])]).toEqual([
    'medium',
    'high',
  ]);
  expect(severityOf('record-invalid', ['iam'])).toBe('critical');
  expect(dueOf('high', START)).toBe('2026-01-31T00:00:00.000Z');
  expect(dueOf('info', START)).toBeNull();
});
