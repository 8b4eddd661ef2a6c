import {
  encodeRecord,
  isReadable,
  isRegroup,
  type RegroupRecord,
  type StoredRecord,
} from '../../core/records/record.ts';
import { foldRegroups, type Regrouping } from '../../core/records/regroup.ts';
import { type Ledger, readNote } from '../ledger.ts';
import { type AppendOptions, appendToNotes } from '../notes/append.ts';
import { FIXED_ENTRIES } from '../notes/fixed-entries.ts';

/** Object id of the entry that holds every regroup: one look-up tells them all, whatever is asked for. */
export function regroupKey(ledger: Ledger): string {
  return FIXED_ENTRIES.regroups[ledger.repo.format];
}

/** What everything said afterwards about transactions comes to. */
export async function readRegroups(ledger: Ledger): Promise<Regrouping> {
  const note = await readNote(ledger, regroupKey(ledger));
  const events = (note?.lines ?? []).filter(isReadable).filter(isRegroup);
  return foldRegroups(events.map(({ record }) => record));
}

/** Adds a regroup to the ledger. Gives its digest. */
export async function appendRegroup(
  ledger: Ledger,
  record: RegroupRecord,
  options: AppendOptions,
): Promise<string> {
  const { line, digest }: StoredRecord = encodeRecord(record);
  await appendToNotes(ledger, [{ object: regroupKey(ledger), lines: () => [line] }], options);
  return digest;
}
