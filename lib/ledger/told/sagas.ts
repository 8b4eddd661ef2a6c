import { encodeRecord, isReadable, isSaga, parseLine, type SagaRecord } from '../../core/records/record.ts';
import { latestSagas } from '../../core/records/saga.ts';
import type { Ledger, Note } from '../ledger.ts';
import { type AppendOptions, appendToNotes } from '../notes/append.ts';

/** The reverts across repositories a note tells of, each as far as it has come. */
export function sagasOf(note: Note | null): SagaRecord[] {
  const records = (note?.lines ?? []).filter(isReadable).filter(isSaga);
  return latestSagas(records.map(({ record }) => record));
}

/**
 * Adds how far a revert across repositories has come to the ledger of one of them, on the notes of some of its commits.
 * Nothing is added where the last that was told is the same but for when.
 */
export async function appendSaga(
  ledger: Ledger,
  record: SagaRecord,
  objects: readonly string[],
  options: AppendOptions,
): Promise<void> {
  const { line } = encodeRecord(record);
  const appends = [...new Set(objects)].map((object) => ({
    object,
    lines: (present: readonly string[]) => (isTold(present, record) ? [] : [line]),
  }));
  await appendToNotes(ledger, appends, options);
}

function isTold(present: readonly string[], record: SagaRecord): boolean {
  // Only a line that names the saga can tell of it.
  const told = present.filter((line) => line.includes(record.saga)).map(parseLine);
  return told
    .filter(isReadable)
    .filter(isSaga)
    .some((one) => saying(one.record) === saying(record));
}

function saying({ saga, state, plan, repositories }: SagaRecord): string {
  return JSON.stringify([saga, state, plan, repositories]);
}
