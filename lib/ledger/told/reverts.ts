import {
  encodeRecord,
  isReadable,
  isReland,
  isRevert,
  type RelandRecord,
  type RevertRecord,
} from '../../core/records/record.ts';
import type { Ledger, Note } from '../ledger.ts';
import { type AppendOptions, appendToNotes } from '../notes/append.ts';

/** The reverts a note tells of: that its commit makes, or that undid it. Oldest first. */
export function revertsOf(note: Note | null): RevertRecord[] {
  const reverts = (note?.lines ?? []).filter(isReadable).filter(isRevert);
  return reverts.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The times a note's commit was brought back, or brought others back. Oldest first. */
export function relandsOf(note: Note | null): RelandRecord[] {
  const relands = (note?.lines ?? []).filter(isReadable).filter(isReland);
  return relands.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Adds a re-land to the ledger, on the notes of its own commit, of the reverts it took back and of what it brought back. */
export async function appendReland(
  ledger: Ledger,
  record: RelandRecord,
  options: AppendOptions,
): Promise<void> {
  const { line } = encodeRecord(record);
  const objects = new Set([record.commit, ...record.reverts, ...record.units]);
  await appendToNotes(
    ledger,
    [...objects].map((object) => ({ object, lines: () => [line] })),
    options,
  );
}

/**
 * Adds a revert to the ledger, on the notes of its own commits, of every commit of the branch it undid, and of the commits whose
 * work was in these (`held`).
 */
export async function appendRevert(
  ledger: Ledger,
  record: RevertRecord,
  held: readonly string[],
  options: AppendOptions,
): Promise<void> {
  const { line } = encodeRecord(record);
  const { commit, commits = [], units, dependants } = record;
  const objects = new Set([commit, ...commits, ...units, ...dependants, ...held]);
  await appendToNotes(
    ledger,
    [...objects].map((object) => ({ object, lines: () => [line] })),
    options,
  );
}
