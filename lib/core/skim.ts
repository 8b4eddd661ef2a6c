const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Finds some top-level values of a JSON object in its text, without making values of all the others: of a record of
 * three kilobytes an index wants two hundred bytes. What `skim` says yes to need not be valid JSON; but of a text that
 * is, every wanted value is found, and of one named twice the last, as JSON.parse has it.
 */
export class Skimmer {
  readonly #names: ReadonlyMap<string, number>;
  readonly #longestName: number;
  readonly #spans: number[];
  #text = '';

  constructor(names: readonly string[]) {
    this.#names = new Map(names.map((name, at) => [name, at * 2]));
    this.#longestName = Math.max(...names.map(({ length }) => length));
    this.#spans = names.flatMap(() => [0, 0]);
  }

  /** Looks through one text. False when it is no object, or one that takes a real parser to read. */
  skim(text: string): boolean {
    this.#text = text;
    this.#spans.fill(0);
    let at = afterSpace(text, 0);
    if (text.charCodeAt(at) !== OPEN_OBJECT) return false;
    at = afterSpace(text, at + 1);
    if (text.charCodeAt(at) === CLOSE_OBJECT) return isEnd(text, at + 1);
    for (;;) {
      const nameEnd = text.charCodeAt(at) === QUOTE ? text.indexOf('"', at + 1) : -1;
      // A name with an escape may be any name.
      if (nameEnd < 0 || text.charCodeAt(nameEnd - 1) === BACKSLASH) return false;
      const span = this.#find(at + 1, nameEnd);
      if (span === null) return false;
      at = afterSpace(text, nameEnd + 1);
      if (text.charCodeAt(at) !== COLON) return false;
      const start = afterSpace(text, at + 1);
      const end = valueEnd(text, start);
      if (end < 0) return false;
      if (span >= 0) {
        this.#spans[span] = start;
        this.#spans[span + 1] = end;
      }
      at = afterSpace(text, end);
      if (text.charCodeAt(at) === CLOSE_OBJECT) return isEnd(text, at + 1);
      if (text.charCodeAt(at) !== COMMA) return false;
      at = afterSpace(text, at + 1);
    }
  }

  /** The text of a value that was found, as it is written; null when there was none. */
  text(name: string): string | null {
    const span = this.#names.get(name) ?? -1;
    const end = this.#spans[span + 1] ?? 0;
    return end === 0 ? null : this.#text.slice(this.#spans[span] ?? 0, end);
  }

  /** Where a name's value is to be kept: -1 for one that is not wanted, null for one with an escape in it. */
  #find(start: number, end: number): number | null {
    const name = this.#text.slice(start, end);
    if (name.includes('\\')) return null;
    return end - start > this.#longestName ? -1 : (this.#names.get(name) ?? -1);
  }
}

/** Where a value ends: behind its last bracket, its closing quote, or before what can't be in a number or a word. */
function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start + 1);
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) return scalarEnd(text, start);
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const letter = text.charCodeAt(at++);
    if (letter === QUOTE) {
      at = stringEnd(text, at);
      if (at < 0) return -1;
    } else if (letter === OPEN_OBJECT || letter === OPEN_LIST) depth++;
    else if ((letter === CLOSE_OBJECT || letter === CLOSE_LIST) && --depth === 0) return at;
  }
  return -1;
}

/** Behind the next quote that no backslash escapes. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let slash = end;
    while (slash > start && text.charCodeAt(slash - 1) === BACKSLASH) slash--;
    if ((end - slash) % 2 === 0) return end + 1;
  }
  return -1;
}

function scalarEnd(text: string, start: number): number {
  let at = start;
  for (let letter = text.charCodeAt(at); at < text.length; letter = text.charCodeAt(++at))
    if (letter === COMMA || letter === CLOSE_OBJECT || isSpace(letter)) break;
  return at > start ? at : -1;
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(letter: number): boolean {
  return letter === 32 || letter === 9 || letter === 10 || letter === 13;
}

function isEnd(text: string, at: number): boolean {
  return afterSpace(text, at) === text.length;
}
