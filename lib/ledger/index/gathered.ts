import type { LatinBytes } from '../../core/latin-bytes.ts';
import { MAX_LINE_BYTES } from '../../core/records/record.ts';
import { type LineTaker, tellLines } from '../../git/diffs/grep-lines.ts';
import { objectAtPath } from '../notes/fanout.ts';
import { type Fact, type FactsOf, factReader, withoutRepeats } from './facts.ts';
import { Rows } from './rows.ts';
import { Strings } from './strings.ts';

/** Longer lines are no records. In bytes. */
export const LONGEST_LINE: number = 3 * MAX_LINE_BYTES;

export interface GatherTask {
  readonly oidBytes: number;
  /** Where the path of a note begins in what git says of it. */
  readonly nameAt: number;
}

/** What the lines of some notes tell. */
export interface Gathered {
  /** The notes' paths, in git's order. */
  readonly paths: readonly string[];
  /** The first row of each; of one more than there are at the end. */
  readonly firsts: readonly number[];
  /** What blobs they are of is not known yet. */
  readonly rows: Rows;
  readonly strings: Strings;
}

/** Gathers what whole lines tell that git said, batch after batch. */
export function gatherer({ oidBytes, nameAt }: GatherTask): (lines: Buffer) => Gathered {
  const factsOf = factReader();
  return (lines) => {
    const notes = new GatheredNotes(oidBytes, factsOf);
    tellLines(lines, { nameAt, longest: LONGEST_LINE }, notes);
    return notes.end();
  };
}

/** Puts what was gathered of batches together, in their order. A note may have come in several. */
export function joinGathered(oidBytes: number, parts: readonly Gathered[]): Gathered {
  const [paths, firsts]: [string[], number[]] = [[], []];
  const [rows, strings] = [new Rows(oidBytes), new Strings()];
  for (const part of parts) {
    const ids = part.strings.all.map((text) => strings.idOf(text));
    for (const [i, path] of part.paths.entries()) {
      if (i === 0 && path === paths.at(-1)) continue;
      paths.push(path);
      firsts.push(rows.count + (part.firsts[i] ?? 0));
    }
    rows.append(part.rows, ids);
  }
  return { paths, firsts: [...firsts, rows.count], rows, strings };
}

/** Makes rows of what the lines of each note tell, and remembers where those of each begin. */
class GatheredNotes implements LineTaker {
  readonly #paths: string[] = [];
  readonly #firsts: number[] = [0];
  readonly #oidBytes: number;
  readonly #rows: Rows;
  readonly #strings = new Strings();
  readonly #factsOf: FactsOf;
  #facts: Fact[] = [];

  constructor(oidBytes: number, factsOf: FactsOf) {
    this.#oidBytes = oidBytes;
    this.#rows = new Rows(oidBytes);
    this.#factsOf = factsOf;
  }

  file(path: string): void {
    this.#close();
    this.#paths.push(path);
  }

  line(said: LatinBytes, start: number, end: number): void {
    for (const fact of this.#factsOf(said, start, end, this.#facts)) this.#facts.push(fact);
  }

  end(): Gathered {
    this.#close();
    return { paths: this.#paths, firsts: this.#firsts, rows: this.#rows, strings: this.#strings };
  }

  /** After the last line of a note. */
  #close(): void {
    const path = this.#paths.at(-1);
    if (path === undefined) return;
    const object = objectAtPath(path, this.#oidBytes * 2);
    if (object !== null)
      for (const fact of withoutRepeats(this.#facts)) this.#rows.add(fact, object, '', this.#strings);
    this.#firsts.push(this.#rows.count);
    this.#facts = [];
  }
}
