import { encodeRecord, isReadable, isRevert, type RevertRecord } from '../core/record.ts';
import { type AppendOptions, appendToNotes } from './append.ts';
import type { Ledger, Note } from './ledger.ts';

/** The reverts a note tells of: that its commit makes, or that undid it. Oldest first. */
export function revertsOf(note: Note | null): RevertRecord[] {
  const reverts = (note?.lines ?? []).filter(isReadable).filter(isRevert);
  return reverts.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Adds a revert to the ledger, on the notes of its own commits and of every commit it undid. */
export async function appendRevert(
  ledger: Ledger,
  record: RevertRecord,
  options: AppendOptions,
): Promise<void> {
  const { line } = encodeRecord(record);
  const objects = new Set([record.commit, ...(record.commits ?? []), ...record.units, ...record.dependants]);
  await appendToNotes(
    ledger,
    [...objects].map((object) => ({ object, lines: () => [line] })),
    options,
  );
}
