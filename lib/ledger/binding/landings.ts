import {
  encodeRecord,
  isLanding,
  isReadable,
  type LandingRecord,
  parseLine,
} from '../../core/records/record.ts';
import type { Ledger, Note } from '../ledger.ts';
import { type AppendOptions, appendToNotes, type NoteAppend } from '../notes/append.ts';

/** The landings a note tells of, of its own commit and of those its records went to, oldest first. */
export function landingsOf(note: Note | null): LandingRecord[] {
  const landings = (note?.lines ?? []).filter(isReadable).filter(isLanding);
  return landings.map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Adds landings to the ledger, each to the notes of both its commits, so that either leads to the other without a search.
 * What is known already is not added again. Gives the commits whose note changed.
 */
export function appendLandings(
  ledger: Ledger,
  landings: readonly LandingRecord[],
  options: AppendOptions,
): Promise<string[]> {
  const appends = landings.flatMap((landing): NoteAppend[] => {
    const { line } = encodeRecord(landing);
    const lines = (present: readonly string[]): string[] =>
      present.some((one) => tellsTheSame(one, landing)) ? [] : [line];
    return [landing.commit, landing.from].map((object) => ({ object, lines }));
  });
  return appendToNotes(ledger, appends, options);
}

/** One record lands in one commit once, whoever found it and however often. */
function tellsTheSame(line: string, landing: LandingRecord): boolean {
  if (!line.includes(landing.record) || !line.includes(landing.commit)) return false;
  const parsed = parseLine(line);
  return (
    isReadable(parsed) &&
    isLanding(parsed) &&
    parsed.record.record === landing.record &&
    parsed.record.commit === landing.commit
  );
}
