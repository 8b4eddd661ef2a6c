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
 * is, every wanted value is found, and of one named twice the last, as JSON.parse has it. Where a value is no ASCII it
 * does not matter whether the text is UTF-8 that was decoded or its bytes as latin1: what JSON is made of is ASCII.
 */
export class Skimmer {
  readonly #wanted: ReadonlyMap<string, number>;
  /** The names by what `keyOf` tells of them. */
  readonly #byKey: readonly (readonly Wanted[] | undefined)[];
  readonly #spans: number[];
  #text = '';

  /** The names have to be ASCII. */
  constructor(names: readonly string[]) {
    this.#wanted = new Map(names.map((name, at) => [name, at * 2]));
    const byKey: Wanted[][] = [];
    for (const [name, span] of this.#wanted) (byKey[keyOf(name, 0, name.length)] ??= []).push({ name, span });
    this.#byKey = byKey;
    this.#spans = names.flatMap(() => [0, 0]);
  }

  /** Looks through a text, or a part of one. False when it is no object, or one that takes a real parser to read. */
  skim(text: string, start = 0, end: number = text.length): boolean {
    this.#text = text;
    this.#spans.fill(0);
    let at = afterSpace(text, start, end);
    if (at >= end || text.charCodeAt(at) !== OPEN_OBJECT) return false;
    at = afterSpace(text, at + 1, end);
    if (at < end && text.charCodeAt(at) === CLOSE_OBJECT) return isEnd(text, at + 1, end);
    while (at < end) {
      const nameEnd = text.charCodeAt(at) === QUOTE ? text.indexOf('"', at + 1) : -1;
      // A name with an escape may be any name.
      if (nameEnd < 0 || nameEnd >= end || hasEscape(text, at + 1, nameEnd)) return false;
      const span = this.#spanOf(at + 1, nameEnd);
      at = afterSpace(text, nameEnd + 1, end);
      if (text.charCodeAt(at) !== COLON) return false;
      const valueStart = afterSpace(text, at + 1, end);
      at = valueEnd(text, valueStart, end);
      if (at < 0) return false;
      if (span >= 0) {
        this.#spans[span] = valueStart;
        this.#spans[span + 1] = at;
      }
      at = afterSpace(text, at, end);
      if (at >= end) return false;
      const after = text.charCodeAt(at);
      if (after === CLOSE_OBJECT) return isEnd(text, at + 1, end);
      if (after !== COMMA) return false;
      at = afterSpace(text, at + 1, end);
    }
    return false;
  }

  /** The text of a value that was found, as it is written; null when there was none. */
  text(name: string): string | null {
    const span = this.#wanted.get(name) ?? -1;
    const end = this.#spans[span + 1] ?? 0;
    return end === 0 ? null : this.#text.slice(this.#spans[span] ?? 0, end);
  }

  /** Has another look through a value that was found. False when there was none, too. */
  skimValue(name: string, other: Skimmer): boolean {
    const span = this.#wanted.get(name) ?? -1;
    const end = this.#spans[span + 1] ?? 0;
    return end > 0 && other.skim(this.#text, this.#spans[span], end);
  }

  /** Where a name's value is to be kept: -1 for one that is not wanted. No text is made of it: nearly none is. */
  #spanOf(start: number, end: number): number {
    const alike = this.#byKey[keyOf(this.#text, start, end)];
    if (alike === undefined) return -1;
    for (const { name, span } of alike)
      if (name.length === end - start && this.#text.startsWith(name, start)) return span;
    return -1;
  }
}

/** A name, and where its value is kept. */
interface Wanted {
  readonly name: string;
  readonly span: number;
}

/** What few names have in common: how long they are, up to 31, and how they begin. */
function keyOf(text: string, start: number, end: number): number {
  return start === end ? 0 : (text.charCodeAt(start) & 0xff) * 32 + Math.min(end - start, 31);
}

function hasEscape(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) === BACKSLASH) return true;
  return false;
}

/** Where a value ends: behind its last bracket, its closing quote, or before what can't be in a number or a word. */
function valueEnd(text: string, start: number, end: number): number {
  if (start >= end) return -1;
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start + 1, end);
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) return scalarEnd(text, start, end);
  let depth = 0;
  for (let at = start; at < end; ) {
    const letter = text.charCodeAt(at++);
    if (letter === QUOTE) {
      at = stringEnd(text, at, end);
      if (at < 0) return -1;
    } else if (letter === OPEN_OBJECT || letter === OPEN_LIST) depth++;
    else if ((letter === CLOSE_OBJECT || letter === CLOSE_LIST) && --depth === 0) return at;
  }
  return -1;
}

/** Behind the next quote that no backslash escapes. */
function stringEnd(text: string, start: number, end: number): number {
  for (
    let quote = text.indexOf('"', start);
    quote >= 0 && quote < end;
    quote = text.indexOf('"', quote + 1)
  ) {
    if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote + 1;
    let slash = quote;
    while (slash > start && text.charCodeAt(slash - 1) === BACKSLASH) slash--;
    if ((quote - slash) % 2 === 0) return quote + 1;
  }
  return -1;
}

function scalarEnd(text: string, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const letter = text.charCodeAt(at);
    if (letter === COMMA || letter === CLOSE_OBJECT || isSpace(letter)) break;
  }
  return at > start ? at : -1;
}

function afterSpace(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(letter: number): boolean {
  return letter === 32 || letter === 9 || letter === 10 || letter === 13;
}

function isEnd(text: string, at: number, end: number): boolean {
  return afterSpace(text, at, end) === end;
}
