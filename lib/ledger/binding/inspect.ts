import { isReadable, type LineProblem } from '../../core/records/record.ts';
import { type Ledger, readNote } from '../ledger.ts';

/** A line nobody can read as a record. It is kept. */
export interface UnreadableNote {
  readonly object: string;
  readonly problem: LineProblem;
  readonly detail: string;
}

/** Looking at more would take longer than anybody waits for a list of them; `show` names those of a commit. */
const MOST_LOOKED_AT = 20_000;
const MOST_NAMED = 1000;
const READS_AT_ONCE = 100;

/** The lines of some notes that can't be read, as far as there is time to look. */
export async function unreadableLines(
  ledger: Ledger,
  objects: readonly string[],
): Promise<readonly UnreadableNote[]> {
  const named: UnreadableNote[] = [];
  const most = Math.min(objects.length, MOST_LOOKED_AT);
  for (let at = 0; at < most && named.length < MOST_NAMED; at += READS_AT_ONCE) {
    const notes = await Promise.all(
      objects.slice(at, Math.min(at + READS_AT_ONCE, most)).map((object) => readNote(ledger, object)),
    );
    for (const note of notes)
      for (const line of note?.lines ?? [])
        if (!isReadable(line) && note !== null)
          named.push({ object: note.object, problem: line.problem, detail: line.detail });
  }
  return named.slice(0, MOST_NAMED);
}
