import type { ExecutionRecord, StoredRecord } from '../core/records/record.ts';
import { type IsMadeAs, landedRecords } from '../ledger/binding/landed.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { scanLedger } from '../ledger/reading/scan.ts';
import type { BoundTo } from './attest/work.ts';

export interface WantedRecord {
  readonly stored: StoredRecord<ExecutionRecord>;
  /** The commit the ledger binds it to; null when it binds it to none. */
  readonly bound: BoundTo | null;
}

/** Every record once. Of a range (`only`) also what landed in it; of the whole ledger each is told where it was made. */
export async function* wantedRecords(
  ledger: Ledger,
  only: ReadonlySet<string> | null,
): AsyncGenerator<WantedRecord> {
  const written = new Set<string>();
  for await (const one of boundRecords(ledger, only)) {
    if (written.has(one.stored.digest)) continue;
    written.add(one.stored.digest);
    yield one;
  }
}

async function* boundRecords(ledger: Ledger, only: ReadonlySet<string> | null): AsyncGenerator<WantedRecord> {
  const made = new Set<string>();
  for await (const { object, stored, binding } of scanLedger(ledger, only)) {
    if (only !== null) made.add(`${stored.digest} ${object}`);
    const bound = binding === null ? null : { commit: object, grade: binding.grade, sealed: binding.sealed };
    yield { stored, bound };
  }
  if (only === null) return;
  const isMadeAs: IsMadeAs = (digest, commit) => made.has(`${digest} ${commit}`);
  for await (const { object, stored, grade, sealed } of landedRecords(ledger, only, isMadeAs))
    yield { stored, bound: { commit: object, grade, sealed } };
}
