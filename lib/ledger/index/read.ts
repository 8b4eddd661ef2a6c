import { MAX_LINE_BYTES } from '../../core/record.ts';
import { treeLines } from '../../git/diffs/grep-lines.ts';
import { openObjectReader } from '../../git/objects/catfile.ts';
import type { Ledger } from '../ledger.ts';
import { objectAtPath } from '../notes/fanout.ts';
import { type ListedNote, listNotes } from '../reading/scan.ts';
import type { NoteBlob } from './changes.ts';
import { type Fact, factReader, withoutRepeats } from './facts.ts';
import { Rows } from './rows.ts';
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
  const listing = listNotes(ledger, tip);
  const seen = new Map<string, RowRange>();
  const factOf = factReader();
  const note = new OpenNote((path, facts) => {
    const object = objectAtPath(path, tip.length);
    const first = rows.count;
    if (object !== null) for (const fact of facts) rows.add(fact, object, '', target.strings);
    seen.set(path, { first, end: rows.count });
  });
  for await (const lines of treeLines(ledger.repo, tip, LONGEST_LINE)) {
    for (const { path, line } of lines) note.add(path, factOf(line));
    onProgress(seen.size);
  }
  note.close();
  return placed(ledger, rows, seen, await listing, target.strings);
}

/** The rows of one note: from the first to before the end. */
interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Gathers what the lines of one note tell, until those of the next begin. */
class OpenNote {
  readonly #done: (path: string, facts: readonly Fact[]) => void;
  #path: string | null = null;
  #facts: Fact[] = [];

  constructor(done: (path: string, facts: readonly Fact[]) => void) {
    this.#done = done;
  }

  add(path: string, facts: readonly Fact[]): void {
    if (path !== this.#path) this.close();
    this.#path = path;
    this.#facts.push(...facts);
  }

  close(): void {
    if (this.#path !== null) this.#done(this.#path, withoutRepeats(this.#facts));
    this.#facts = [];
  }
}

/** Says which blob each row is of, and reads what the search left out: empty notes, and what can't be read. */
async function placed(
  ledger: Ledger,
  rows: Rows,
  seen: ReadonlyMap<string, RowRange>,
  listed: readonly ListedNote[],
  strings: Strings,
): Promise<ReadNotes> {
  const left: NoteBlob[] = [];
  for (const { path, object, blob } of listed) {
    const range = seen.get(path);
    if (range === undefined) left.push({ object, blob });
    else for (let row = range.first; row < range.end; row++) rows.setBlob(row, blob);
  }
  return { rows, complete: await readSome(ledger, left, rows, strings) };
}

/** Adds the rows of some notes. False when a blob could not be read. */
export async function readSome(
  ledger: Ledger,
  notes: readonly NoteBlob[],
  rows: Rows,
  strings: Strings,
): Promise<boolean> {
  const factOf = factReader();
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
          for (const fact of withoutRepeats(factsOf(content, factOf)))
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

function* linesIn(content: Buffer): Generator<Buffer> {
  for (let start = 0; start < content.length; ) {
    const found = content.indexOf(10, start);
    const end = found < 0 ? content.length : found;
    yield content.subarray(start, end);
    start = end + 1;
  }
}

function factsOf(content: Buffer, factOf: (line: Buffer) => readonly Fact[]): Fact[] {
  return [...linesIn(content)].flatMap(factOf);
}
