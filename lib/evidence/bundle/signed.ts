import { groupBy } from '../../core/lists.ts';
import { isSignature, type StoredRecord } from '../../core/records/record.ts';
import type { SignedRecord } from './evidence.ts';

/** The signed records of one note: signatures stand beside what they sign. */
export function signedOn(records: readonly StoredRecord[]): SignedRecord[] {
  const signatures = groupBy(
    records.filter(isSignature).map(({ record }) => record),
    ({ record }) => record,
  );
  return records.flatMap((stored) => {
    const own = signatures.get(stored.digest);
    return own === undefined ? [] : [{ stored, signatures: own }];
  });
}
