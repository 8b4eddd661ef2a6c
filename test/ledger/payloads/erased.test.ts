import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErasureRecord, encodeRecord, type StoredRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { foldErasures } from '../../../lib/ledger/payloads/erased.ts';

const TXNS = ['01JD2M0Y5V9Z8K7Q3C4N6T1RWE', '01JD2M0Y5V9Z8K7Q3C4N6T1RWF', '01JD2M0Y5V9Z8K7Q3C4N6T1RWG'];

function tombstone(at: number, txns: readonly string[]): StoredRecord<ErasureRecord> {
  const record: ErasureRecord = {
    schema: 'agent-log/erasure/v1',
    id: newUlid(at),
    txns: txns.map((txn) => ({ txn, entries: 1, keys: 1, bytes: 100 })),
    reason: `reason ${at}`,
    by: { name: 'Jane Doe', email: 'jane@example.com' },
    keyStore: 'refs',
    mayDecrypt: { recipients: [], clones: true },
    recordedAt: new Date(at).toISOString(),
  };
  return encodeRecord(record) as StoredRecord<ErasureRecord>;
}

describe('foldErasures', () => {
  it('of two of one transaction the older one tells, in whatever order they came', () => {
    const stored = fc.array(
      fc
        .tuple(fc.nat(1_000_000), fc.subarray(TXNS, { minLength: 1 }))
        .map(([at, txns]) => tombstone(at, txns)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(stored, fc.func(fc.nat()), (records, weight) => {
        const shuffled = [...records].sort((a, b) => weight(a.digest) - weight(b.digest));
        const [one, other] = [foldErasures(records, []), foldErasures(shuffled, [])];
        for (const txn of TXNS) {
          const ids = records
            .filter(({ record }) => record.txns.some((each) => each.txn === txn))
            .map(({ record }) => record.id);
          expect(one.of(txn)?.digest).toBe(other.of(txn)?.digest);
          expect(one.of(txn)?.record.id).toBe(ids.sort()[0]);
          expect(one.isErased(txn)).toBe(ids.length > 0);
        }
      }),
    );
  });

  it('a signature is of the record it names, and of no other', () => {
    const [signed, other] = [tombstone(1, TXNS.slice(0, 1)), tombstone(2, TXNS.slice(1, 2))];
    const signature = {
      schema: 'agent-log/signature/v1',
      id: newUlid(3),
      record: signed.digest,
      format: 'sshsig',
      publicKey: 'ssh-ed25519 AAAA',
      signature: '-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n',
      recordedAt: new Date(3).toISOString(),
    } as const;
    const { of } = foldErasures([signed, other], [signature]);
    expect(TXNS.map((txn) => of(txn)?.signedBy ?? null)).toEqual(['ssh-ed25519 AAAA', null, null]);
  });
});
