import { latinBytes } from '../../core/latin-bytes.ts';
import { pathsAt, sayLines } from '../../git/diffs/grep-lines.ts';
import { LineBatches } from '../../git/diffs/line-batches.ts';
import { openObjectReader } from '../../git/objects/catfile.ts';
import type { Ledger } from '../ledger.ts';
import { objectAtPath } from '../notes/fanout.ts';
import { filesIn, listFiles } from '../reading/scan.ts';
import { INDEX_THREAD } from '../threads.ts';
import type { NoteBlob } from './changes.ts';
import { type Fact, type FactsOf, factReader, withoutRepeats } from './facts.ts';
import { type Gathered, LONGEST_LINE } from './gathered.ts';
import { Gathering } from './gathering.ts';
import type { Rows } from './rows.ts';
import type { Strings } from './strings.ts';

/** Told how many notes were read. */
export type OnProgress = (notes: number) => void;

/** What was read of some notes; `complete` is false where a blob could not be: then there may be more to know. */
export interface ReadNotes {
  readonly rows: Rows;
  readonly complete: boolean;
}

/** Rows of every note of the ledger at a commit, and the strings they name. */
export async function readAll(
  ledger: Ledger,
  tip: string,
  oidBytes: number,
  onProgress: OnProgress,
): Promise<ReadNotes & { readonly strings: Strings }> {
  const listing = listFiles(ledger, tip);
  // Whoever awaits it hears of a failure.
  listing.catch(() => undefined);
  const gathered = await gatherAll(ledger, tip, oidBytes, onProgress);
  return placed(ledger, gathered, await listing);
}

async function gatherAll(
  { repo }: Ledger,
  tip: string,
  oidBytes: number,
  onProgress: OnProgress,
): Promise<Gathered> {
  const onFree = (lines: Buffer): void => batches.free(lines);
  const task = { oidBytes, nameAt: pathsAt(tip) };
  const gathering = new Gathering(task, { program: INDEX_THREAD, onProgress, onFree });
  const batches = new LineBatches(LONGEST_LINE, (lines) => gathering.take(lines));
  try {
    await sayLines(repo, tip, (piece) => batches.take(piece));
    batches.end();
    return await gathering.end();
  } finally {
    gathering.close();
  }
}

/** Says which blob each row is of, and reads what the search left out: empty notes, and what can't be read. */
async function placed(
  ledger: Ledger,
  { paths, firsts, rows, strings }: Gathered,
  listing: string,
): Promise<ReadNotes & { readonly strings: Strings }> {
  const left: NoteBlob[] = [];
  // git lists files in the order in which it searches them.
  let next = 0;
  for (const { path, blob } of filesIn(listing)) {
    if (path === paths[next]) {
      for (let row = firsts[next++] ?? 0; row < (firsts[next] ?? 0); row++) rows.setBlob(row, blob);
      continue;
    }
    const object = objectAtPath(path, blob.length);
    if (object !== null) left.push({ object, blob });
  }
  const isRead = await readSome(ledger, left, rows, strings);
  return { rows, strings, complete: isRead && next === paths.length };
}

/** Adds the rows of some notes. False when a blob could not be read. */
export async function readSome(
  ledger: Ledger,
  notes: readonly NoteBlob[],
  rows: Rows,
  strings: Strings,
): Promise<boolean> {
  const factsOf = factReader();
  let complete = true;
  const many =
    notes.length > FEW ? openObjectReader(ledger.repo, ['-c', 'core.deltaBaseCacheLimit=1g']) : null;
  try {
    const reader = many ?? ledger.reader;
    for (let at = 0; at < notes.length; at += READS_AT_ONCE) {
      const part = notes.slice(at, at + READS_AT_ONCE);
      const found = await Promise.all(part.map(({ blob }) => reader.read(blob)));
      for (const [i, note] of part.entries()) {
        const content = found[i]?.content;
        if (content === undefined) complete = false;
        else
          for (const fact of withoutRepeats(factsIn(content, factsOf)))
            rows.add(fact, note.object, note.blob, strings);
      }
    }
  } finally {
    many?.close();
  }
  return complete;
}

const FEW = 100;
const READS_AT_ONCE = 500;

function factsIn(content: Buffer, factsOf: FactsOf): Fact[] {
  const said = latinBytes(content);
  const facts: Fact[] = [];
  for (let start = 0; start < content.length; ) {
    const found = said.text.indexOf('\n', start);
    const end = found < 0 ? content.length : found;
    facts.push(...factsOf(said, start, end, facts));
    start = end + 1;
  }
  return facts;
}
