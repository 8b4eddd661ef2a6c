import { type LatinBytes, latinBytes } from '../../core/latin-bytes.ts';
import { MAX_LINE_BYTES } from '../../core/records/record.ts';
import { type LineTaker, treeLines } from '../../git/diffs/grep-lines.ts';
import { openObjectReader } from '../../git/objects/catfile.ts';
import type { Ledger } from '../ledger.ts';
import { objectAtPath } from '../notes/fanout.ts';
import { filesIn, listFiles } from '../reading/scan.ts';
import type { NoteBlob } from './changes.ts';
import { type Fact, type FactsOf, factReader, withoutRepeats } from './facts.ts';
import { Rows, rowSize } from './rows.ts';
import type { Strings } from './strings.ts';

/** Told how many notes were read. */
export type OnProgress = (notes: number) => void;

/** What was read of some notes; `complete` is false where a blob could not be: then there may be more to know. */
export interface ReadNotes {
  readonly rows: Rows;
  readonly complete: boolean;
}

const LONGEST_LINE = 3 * MAX_LINE_BYTES;

/** Rows of every note of the ledger at a commit. Its strings are numbered as they come. */
export async function readAll(
  ledger: Ledger,
  tip: string,
  target: { readonly oidBytes: number; readonly strings: Strings },
  onProgress: OnProgress,
): Promise<ReadNotes> {
  const rows = new Rows(target.oidBytes);
  const listing = listFiles(ledger, tip);
  const gathered = new GatheredNotes(rows, target.strings, onProgress);
  // Whoever awaits it hears of a failure.
  listing.catch(() => undefined);
  await treeLines(ledger.repo, tip, LONGEST_LINE, gathered);
  gathered.close();
  return placed(ledger, gathered, rows, await listing, target.strings);
}

/** So many notes are read between two of which somebody is told. */
const TOLD_EVERY = 256;

/** Makes rows of what the lines of each note tell, and remembers where those of each begin. */
class GatheredNotes implements LineTaker {
  /** The notes' paths, in git's order. */
  readonly paths: string[] = [];
  /** The first row of each; of one more than there are at the end. */
  readonly firsts: number[] = [0];
  readonly #rows: Rows;
  readonly #strings: Strings;
  readonly #onProgress: OnProgress;
  readonly #factsOf = factReader();
  #facts: Fact[] = [];

  constructor(rows: Rows, strings: Strings, onProgress: OnProgress) {
    this.#rows = rows;
    this.#strings = strings;
    this.#onProgress = onProgress;
  }

  file(path: string): void {
    this.close();
    if (this.paths.push(path) % TOLD_EVERY === 0) this.#onProgress(this.paths.length);
  }

  line(said: LatinBytes, start: number, end: number): void {
    for (const fact of this.#factsOf(said, start, end, this.#facts)) this.#facts.push(fact);
  }

  /** After the last line of a note. */
  close(): void {
    const path = this.paths.at(-1);
    if (path === undefined) return;
    const rows = this.#rows;
    const object = objectAtPath(path, (rows.size - rowSize(0)) * 2);
    if (object !== null)
      for (const fact of withoutRepeats(this.#facts)) rows.add(fact, object, '', this.#strings);
    this.firsts.push(rows.count);
    this.#facts = [];
  }
}

/** Says which blob each row is of, and reads what the search left out: empty notes, and what can't be read. */
async function placed(
  ledger: Ledger,
  { paths, firsts }: GatheredNotes,
  rows: Rows,
  listing: string,
  strings: Strings,
): Promise<ReadNotes> {
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
  return { rows, complete: isRead && next === paths.length };
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
