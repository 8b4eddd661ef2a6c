import { parse as parseValues } from 'smol-toml';
import { type Keyed, type KeyedText, LONGEST_TEXT, MOST_DEPTH } from './keyed.ts';
import { keyedLines, type LineDocument, type LineEntry } from './line-document.ts';

/** Reads TOML as it stands in the text; null where it is none, or too deep or too long. */
export function parseToml(text: string): KeyedText | null {
  const document = documentOf(text);
  return document === null ? null : keyedLines(document, documentOf);
}

function documentOf(text: string): LineDocument | null {
  if (text.length > LONGEST_TEXT) return null;
  try {
    parseValues(text, { maxDepth: MOST_DEPTH });
  } catch {
    return null;
  }
  const lines = linesOf(text);
  if (lines === null) return null;
  const root = new Map<string, Keyed>();
  for (const { path, text: said } of lines.lists) setAt(root, path, said);
  for (const { path, value } of lines.entries) if (!setAt(root, path, valueAt(text, value))) return null;
  return { text, root, entries: lines.entries };
}

function valueAt(text: string, value: LineEntry['value']): string | null {
  return value === null ? null : text.slice(value.start, value.end);
}

/** Null makes a table that may be there already. False where something else stands in the way. */
function setAt(root: Map<string, Keyed>, path: readonly string[], value: string | null): boolean {
  let table = root;
  for (const key of value === null ? path : path.slice(0, -1)) {
    const next = table.get(key) ?? new Map<string, Keyed>();
    if (typeof next === 'string') return false;
    table.set(key, next);
    table = next as Map<string, Keyed>;
  }
  if (value !== null) table.set(path.at(-1) ?? '', value);
  return true;
}

interface Lines {
  readonly entries: LineEntry[];
  /** Lists of tables (`[[name]]`), each as all the text that belongs to it. */
  readonly lists: { path: readonly string[]; text: string }[];
}

/** Of a text that is TOML: so what stands where needs no second look. */
function linesOf(text: string): Lines | null {
  const entries: LineEntry[] = [];
  const lists: { path: readonly string[]; text: string }[] = [];
  let table: readonly string[] = [];
  let inList: { path: readonly string[]; text: string } | null = null;
  let at = 0;
  while (at < text.length) {
    const start = at;
    const first = skipSpace(text, at);
    const letter = text[first];
    if (letter === undefined || letter === '\n' || letter === '\r' || letter === '#') {
      at = lineEnd(text, first);
      continue;
    }
    if (letter === '[') {
      const isList = text[first + 1] === '[';
      const { path } = keyAt(text, first + (isList ? 2 : 1));
      at = lineEnd(text, first);
      inList = listFor(lists, path, isList);
      if (inList !== null) inList.text += text.slice(first, at);
      else entries.push({ path, start, end: at, value: null, group: 'tables' });
      table = path;
      continue;
    }
    const key = keyAt(text, first);
    const value = { start: skipSpace(text, key.end + 1), end: 0 };
    value.end = valueEnd(text, value.start);
    at = lineEnd(text, value.end);
    if (value.end <= value.start) return null;
    if (inList !== null) inList.text += text.slice(first, at);
    else entries.push({ path: [...table, ...key.path], start, end: at, value, group: JSON.stringify(table) });
  }
  return { entries, lists };
}

/** What a head begins or goes on with of a list of tables; a table inside of one belongs to it. */
function listFor(
  lists: { path: readonly string[]; text: string }[],
  path: readonly string[],
  isList: boolean,
): { path: readonly string[]; text: string } | null {
  const known = lists.find((list) => list.path.every((key, i) => path[i] === key));
  if (known !== undefined || !isList) return known ?? null;
  const list = { path, text: '' };
  lists.push(list);
  return list;
}

function skipSpace(text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

/** Behind the line feed. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** A key, dotted or not; `end` is where it ends with the space behind it. */
function keyAt(text: string, from: number): { path: string[]; end: number } {
  const path: string[] = [];
  let at = from;
  for (;;) {
    at = skipSpace(text, at);
    const end = text[at] === '"' || text[at] === "'" ? stringEnd(text, at) : bareEnd(text, at);
    path.push(nameOf(text.slice(at, end)));
    at = skipSpace(text, end);
    if (text[at] !== '.') return { path, end: at };
    at++;
  }
}

function nameOf(raw: string): string {
  if (raw.startsWith("'")) return raw.slice(1, -1);
  if (!raw.startsWith('"')) return raw;
  const { name } = parseValues(`name = ${raw}`);
  return typeof name === 'string' ? name : raw;
}

function bareEnd(text: string, at: number): number {
  BARE.lastIndex = at;
  return BARE.test(text) ? BARE.lastIndex : at + 1;
}

const BARE = /[A-Za-z0-9_-]+/y;

function stringEnd(text: string, at: number): number {
  const quote = text[at] ?? '';
  const long = quote.repeat(3);
  if (text.startsWith(long, at)) {
    let end = at + 3;
    while (end < text.length && !text.startsWith(long, end))
      end += quote === '"' && text[end] === '\\' ? 2 : 1;
    end += 3;
    // Up to two quotes may stand right before the three that end it.
    while (text[end] === quote) end++;
    return end;
  }
  let end = at + 1;
  while (end < text.length && text[end] !== quote) end += quote === '"' && text[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** Where a value ends, without a comment behind it. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  let at = from;
  let end = from;
  while (at < text.length) {
    const letter = text[at] ?? '';
    if (depth === 0 && (letter === '\n' || letter === '#')) break;
    if (letter === '#') at = lineEnd(text, at);
    else if (letter === '"' || letter === "'") at = stringEnd(text, at);
    else {
      if (letter === '[' || letter === '{') depth++;
      else if (letter === ']' || letter === '}') depth--;
      at++;
    }
    if (!/\s/.test(text[at - 1] ?? '')) end = at;
  }
  return end;
}
