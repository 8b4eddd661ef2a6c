import {
  type Edited,
  type KeyEdit,
  type Keyed,
  type KeyedTable,
  type KeyedText,
  LONGEST_TEXT,
  MOST_DEPTH,
  sameKeyed,
} from './keyed.ts';
import { tableWith } from './merge-keyed.ts';

/** Where a value stands in the text; `members` only of an object. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly members: readonly Member[] | null;
}

interface Member {
  readonly key: string;
  readonly start: number;
  readonly value: Span;
}

/** Reads JSON as it stands in the text; null where it is none, says a key twice, or is too deep or too long. */
export function parseJson(text: string): KeyedText | null {
  const top = spanOf(text);
  const root = top === null ? null : keyedOf(text, top);
  if (top === null || root === null || typeof root === 'string') return null;
  return { text, root, edit: (edits, edited) => edit({ text, top, root }, edits, edited) };
}

function spanOf(text: string): Span | null {
  if (text.length > LONGEST_TEXT) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return new Scanner(text).value(0);
}

/** Of a text that is JSON: so what stands where needs no second look. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Null where it is too deep. */
  value(depth: number): Span | null {
    this.#space();
    const start = this.#at;
    const first = this.#text[start];
    if (first !== '{' && first !== '[') {
      this.#take(first === '"' ? STRING : PLAIN);
      return { start, end: this.#at, members: null };
    }
    if (depth >= MOST_DEPTH) return null;
    this.#at++;
    const members: Member[] = [];
    for (this.#space(); !this.#isAt('}]'); this.#space()) {
      const member = first === '{' ? this.#member(depth) : this.value(depth + 1);
      if (member === null) return null;
      if ('key' in member) members.push(member);
      this.#space();
      if (this.#isAt(',')) this.#at++;
    }
    this.#at++;
    return { start, end: this.#at, members: first === '{' ? members : null };
  }

  #member(depth: number): Member | null {
    const start = this.#at;
    this.#take(STRING);
    const key = JSON.parse(this.#text.slice(start, this.#at)) as string;
    this.#space();
    // The colon.
    this.#at++;
    const value = this.value(depth + 1);
    return value === null ? null : { key, start, value };
  }

  #isAt(letters: string): boolean {
    return letters.includes(this.#text[this.#at] ?? '');
  }

  #space(): void {
    this.#take(SPACE);
  }

  #take(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    pattern.test(this.#text);
    this.#at = Math.max(this.#at, pattern.lastIndex);
  }
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const PLAIN = /[^\s,\]}]+/y;

function keyedOf(text: string, span: Span): Keyed | null {
  if (span.members === null) return text.slice(span.start, span.end);
  const table = new Map<string, Keyed>();
  for (const { key, value } of span.members) {
    const said = keyedOf(text, value);
    if (said === null || table.has(key)) return null;
    table.set(key, said);
  }
  return table;
}

interface Parsed {
  readonly text: string;
  readonly top: Span;
  readonly root: KeyedTable;
}

function edit({ text, top, root }: Parsed, edits: readonly KeyEdit[], { to }: Edited): string | null {
  const wanted = spanOf(to.text);
  if (wanted === null) return null;
  const source = { text: to.text, span: wanted };
  const made =
    text.slice(0, top.start) + objectWith({ text, span: top }, source, edits, 0) + text.slice(top.end);
  const after = parseJson(made);
  return after !== null && sameKeyed(after.root, tableWith(root, to.root, edits)) ? made : null;
}

interface Place {
  readonly text: string;
  readonly span: Span;
}

/** A member with what stands before it since the comma or the brace, and after it up to the next comma. */
interface Piece {
  readonly key: string;
  readonly lead: string;
  readonly body: string;
  readonly trail: string;
}

/** The text of an object with edits made in it. */
function objectWith(here: Place, source: Place, edits: readonly KeyEdit[], depth: number): string {
  const own = (key: string): KeyEdit[] => edits.filter(({ path }) => path[depth] === key);
  const before = piecesOf(here);
  const wanted = piecesOf(source);
  const kept = before.flatMap((piece): Piece[] => {
    const changes = own(piece.key);
    const there = wanted.find(({ key }) => key === piece.key);
    if (changes.length === 0) return [piece];
    if (there === undefined) return [];
    return [{ ...piece, body: bodyWith(here, source, piece, changes, depth) }];
  });
  const isNew = ({ key }: Piece): boolean => !before.some((one) => one.key === key) && own(key).length > 0;
  const pieces = wanted.filter(isNew).reduce((all, piece) => withPiece(all, piece, wanted), kept);
  return `{${joined(pieces, before, wanted, tailOf(before.length > 0 && pieces.length > 0 ? here : source))}}`;
}

function bodyWith(
  here: Place,
  source: Place,
  { key }: Piece,
  changes: readonly KeyEdit[],
  depth: number,
): string {
  const [at, there] = [memberOf(here, key), memberOf(source, key)];
  if (at === undefined || there === undefined) return '';
  const head = here.text.slice(at.start, at.value.start);
  const isWhole = changes.some(({ path }) => path.length === depth + 1);
  if (isWhole) return head + source.text.slice(there.value.start, there.value.end);
  return head + objectWith({ ...here, span: at.value }, { ...source, span: there.value }, changes, depth + 1);
}

function memberOf({ span }: Place, wanted: string): Member | undefined {
  return span.members?.find(({ key }) => key === wanted);
}

function piecesOf({ text, span }: Place): Piece[] {
  let at = span.start + 1;
  return (span.members ?? []).map(({ key, start, value }) => {
    const lead = text.slice(at, start);
    const comma = text.indexOf(',', value.end);
    const isLast = comma < 0 || comma >= span.end || value === span.members?.at(-1)?.value;
    at = comma + 1;
    const trail = isLast ? '' : text.slice(value.end, comma);
    return { key, lead, body: text.slice(start, value.end), trail };
  });
}

/** What stands between the last member and the brace. */
function tailOf({ text, span }: Place): string {
  return text.slice(span.members?.at(-1)?.value.end ?? span.start + 1, span.end - 1);
}

/** Puts a member behind the nearest of those before it that is here. */
function withPiece(pieces: readonly Piece[], piece: Piece, wanted: readonly Piece[]): Piece[] {
  const earlier = wanted.slice(0, wanted.indexOf(piece)).map(({ key }) => key);
  const after = pieces.findLastIndex(({ key }) => earlier.includes(key));
  const neighbour = pieces[after] ?? pieces[0];
  const lead = neighbour?.lead.includes('\n') === true ? neighbour.lead : piece.lead;
  return [...pieces.slice(0, after + 1), { ...piece, lead }, ...pieces.slice(after + 1)];
}

/** On one line, what stands before a member goes by its place: after the brace, or after a comma. */
function joined(
  pieces: readonly Piece[],
  before: readonly Piece[],
  wanted: readonly Piece[],
  tail: string,
): string {
  const first = (before[0] ?? wanted[0])?.lead ?? '';
  const rest = (before[1] ?? wanted[1])?.lead ?? ' ';
  const leadOf = ({ key, lead }: Piece, i: number): string => {
    if (i === 0) return first;
    return key === before[0]?.key && i > 0 ? rest : lead;
  };
  const trailOf = ({ trail }: Piece, i: number): string => (i < pieces.length - 1 ? `${trail},` : tail);
  return pieces.length === 0
    ? tail
    : pieces.map((piece, i) => leadOf(piece, i) + piece.body + trailOf(piece, i)).join('');
}
