import { appendPrivately, makeFolder, readRegularFile } from '../../ledger/notes/files.ts';
import type { Mended } from '../../ledger/sync/mend.ts';
import type { Place } from '../place.ts';

/** Something a hook could not do. Hooks never fail a commit; this is where what they left undone can be read. */
export interface JournalEntry {
  readonly at: string;
  readonly hook: string;
  readonly problem: string;
}

const MAX_JOURNAL_BYTES = 4 * 1024 * 1024;

export async function writeJournal(place: Place, entry: JournalEntry): Promise<void> {
  await makeFolder(place.dir);
  await appendPrivately(place.journal, `${JSON.stringify(entry)}\n`);
}

export function tellMended(place: Place, hook: string, { was, now }: Mended): Promise<void> {
  const problem = `objects of the ledger were gone: it was put back from ${was} to ${now}, and the records of the last day are bound again`;
  return writeJournal(place, { at: new Date().toISOString(), hook, problem });
}

/** The newest entries, oldest first. */
export async function readJournal(place: Place, count: number): Promise<JournalEntry[]> {
  const text = (await readRegularFile(place.journal, MAX_JOURNAL_BYTES))?.toString('utf8') ?? '';
  return text.split('\n').filter(Boolean).slice(-count).flatMap(parseEntry);
}

function parseEntry(line: string): JournalEntry[] {
  try {
    return [JSON.parse(line) as JournalEntry];
  } catch {
    return [{ at: '', hook: '', problem: `an unreadable journal line of ${line.length} characters` }];
  }
}
