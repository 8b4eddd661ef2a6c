import type { Run } from './runs.ts';

const SEPARATOR = '\n\u0000\n';

/** A text read in another way, and where its letters are in the text as it is. */
export interface View {
  readonly text: string;
  /** A range of the view as one of the text. */
  readonly range: (start: number, end: number) => { readonly start: number; readonly end: number };
}

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
const ESCAPED = /[nrtbf"'/\\]/;
const UNICODE = /u[0-9a-fA-F]{4}/y;
/** What is this far from every escape is read as it stands, and not again. */
const AROUND = 512;

/** The text with the escapes of strings resolved, once, as far as there are any: null where there are none. */
export function unescaped(text: string): View | null {
  const view = new ViewBuilder(text);
  for (let at = text.indexOf('\\'); at >= 0; ) {
    const length = escapeLength(text, at);
    if (length > 0) view.add(at, at + length, resolve(text.slice(at, at + length)));
    at = text.indexOf('\\', at + Math.max(1, length));
  }
  return view.end();
}

function escapeLength(text: string, at: number): number {
  if (ESCAPED.test(text[at + 1] ?? '')) return 2;
  UNICODE.lastIndex = at + 1;
  return UNICODE.test(text) ? 6 : 0;
}

/** Puts a view together: pieces of the text, what stands for others, and the place each piece comes from. */
class ViewBuilder {
  readonly #text: string;
  readonly #parts: string[] = [];
  readonly #at: number[] = [];
  readonly #from: number[] = [];
  #length = 0;
  #last = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** From `start` to `end` there is `plain` instead. */
  add(start: number, end: number, plain: string): void {
    if (this.#last >= 0 && start - this.#last > 2 * AROUND) {
      this.#copy(this.#last + AROUND);
      this.#put(SEPARATOR);
      this.#last = -1;
    }
    if (this.#last < 0) this.#mark(Math.max(0, start - AROUND));
    this.#copy(start);
    this.#put(plain);
    this.#mark(end);
  }

  end(): View | null {
    if (this.#at.length === 0) return null;
    this.#copy(Math.min(this.#text.length, this.#last + AROUND));
    const position = (of: number): number => {
      const i = Math.max(0, lastAtMost(this.#at, of));
      return (this.#from[i] as number) + of - (this.#at[i] as number);
    };
    // The end is that of its last letter: what is escaped behind it is not part of it.
    return {
      text: this.#parts.join(''),
      range: (start, end) => ({ start: position(start), end: position(end - 1) + 1 }),
    };
  }

  #copy(to: number): void {
    this.#put(this.#text.slice(this.#last, to));
  }

  #put(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  #mark(from: number): void {
    this.#at.push(this.#length);
    this.#from.push(from);
    this.#last = from;
  }
}

function resolve(escape: string): string {
  const letter = escape[1] as string;
  return letter === 'u'
    ? String.fromCharCode(Number.parseInt(escape.slice(2), 16))
    : (LETTERS[letter] ?? letter);
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const PROBE = 24;
const LEAST_ENCODED = 24;

/** What was encoded: its text, and where it stands. */
export interface Encoded {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What is text once it is decoded from base64, also where mail and tools broke it into lines. */
export function decodedRuns(text: string, runs: readonly Run[]): Encoded[] {
  const found: Encoded[] = [];
  for (let i = 0; i < runs.length; i++) {
    const { start } = runs[i] as Run;
    let { end } = runs[i] as Run;
    if (end - start < LEAST_ENCODED || !isEncodedText(text.slice(start, start + PROBE))) continue;
    while (i + 1 < runs.length && isNextLine(text, { start, end }, runs[i + 1] as Run))
      end = (runs[++i] as Run).end;
    end = withLastLine(text, start, end);
    found.push({ text: decode(text.slice(start, end)), start, end });
  }
  return found;
}

/** The rest of what was wrapped may be too short to be a run. */
function withLastLine(text: string, start: number, end: number): number {
  if (end - start < SHORTEST_LINE || text[end - 1] === '=') return end;
  return end + (LAST_LINE.exec(text.slice(end, end + 100))?.[0].length ?? 0);
}

const SHORTEST_LINE = 60;
const LAST_LINE = /^["',\\n]{0,4}\r?\n[ \t"']{0,40}[A-Za-z0-9+/]{1,23}={0,2}(?=[\s"'\\]|$)/;

/** Lines of base64 are of one length, and only the last is shorter. */
function isNextLine(text: string, before: Run, run: Run): boolean {
  return (
    run.start - before.end <= 40 &&
    text[before.end - 1] !== '=' &&
    /^["',\\n]{0,4}\r?\n[ \t"']*$/.test(text.slice(before.end, run.start))
  );
}

/** Whether letters of base64 are text once decoded, by the first of them. */
export function isEncodedText(run: string): boolean {
  return isText(decode(run.slice(0, PROBE)));
}

/** Node takes both alphabets, and leaves out what is in neither. */
function decode(run: string): string {
  return Buffer.from(run, 'base64').toString('latin1');
}

function isText(text: string): boolean {
  return /^[\x09\x0a\x0d\x20-\x7e]+$/.test(text);
}
