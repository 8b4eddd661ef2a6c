import type { Edited, KeyEdit, KeyedTable, KeyedText } from './keyed.ts';
import { sameKeyed } from './keyed.ts';
import { tableWith } from './merge-keyed.ts';

/** A key that stands on lines of its own. Offsets are in letters; lines are taken whole, with their line feed. */
export interface LineEntry {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
  /** The value alone, where it is one text. */
  readonly value: { readonly start: number; readonly end: number } | null;
  /** What it is part of: entries of one group stand together, and a new one goes among them. */
  readonly group: string;
}

/** A document of lines: TOML, or YAML in block style. */
export interface LineDocument {
  readonly text: string;
  readonly root: KeyedTable;
  /** In the order of the text; an entry that contains others comes before them. */
  readonly entries: readonly LineEntry[];
}

export function keyedLines(document: LineDocument, parse: (text: string) => LineDocument | null): KeyedText {
  const { text, root } = document;
  return { text, root, edit: (edits, edited) => edit(document, edits, edited, parse) };
}

/** Letters of the text that become others. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function edit(
  here: LineDocument,
  edits: readonly KeyEdit[],
  { from, to }: Edited,
  parse: (text: string) => LineDocument | null,
): string | null {
  const [old, source] = [parse(from.text), parse(to.text)];
  if (old === null || source === null) return null;
  const gone = (what: KeyEdit['what']): KeyEdit[] => edits.filter((one) => one.what === what);
  const splices = [
    ...removals(here, gone('remove'), ownComments(old, source)),
    ...gone('replace').map((one) => replacement(here, source, one)),
    ...additions(here, source, gone('add'), ownComments(source, old)),
  ];
  if (splices.includes(null)) return null;
  const made = spliced(
    here.text,
    splices.filter((splice) => splice !== null),
  );
  const after = made === null ? null : parse(made);
  const wanted = tableWith(here.root, source.root, edits);
  return after !== null && sameKeyed(after.root, wanted) ? made : null;
}

function spliced(text: string, splices: readonly Splice[]): string | null {
  const inOrder = [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
  let made = '';
  let at = 0;
  for (const { start, end, text: put } of inOrder) {
    if (start < at) return null;
    made += text.slice(at, start) + put;
    at = end;
  }
  return made + text.slice(at);
}

/** A comment right above a key is its own where only the document with the key has that line. */
function ownComments(having: LineDocument, other: LineDocument): (line: string) => boolean {
  const [mine, theirs] = [new Set(having.text.split('\n')), new Set(other.text.split('\n'))];
  return (line) => mine.has(line) && !theirs.has(line);
}

function withComments(text: string, start: number, isOwn: (line: string) => boolean): number {
  let from = start;
  for (;;) {
    const above = text.lastIndexOf('\n', from - 2) + 1;
    const line = text.slice(above, from - 1);
    if (from === 0 || !/^\s*#/.test(line) || !isOwn(line)) return from;
    from = above;
  }
}

function isUnder(path: readonly string[], top: readonly string[]): boolean {
  return top.every((key, i) => path[i] === key);
}

function removals(
  { text, entries }: LineDocument,
  edits: readonly KeyEdit[],
  isOwn: (line: string) => boolean,
): Splice[] {
  const going = entries.filter(({ path }) => edits.some((one) => isUnder(path, one.path)));
  const spans: { start: number; end: number }[] = [];
  for (const { start: key, end } of going) {
    const start = withComments(text, key, isOwn);
    const last = spans.at(-1);
    if (last === undefined || text.slice(last.end, start).trim() !== '') spans.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return spans.map((span) => ({ ...withoutGap(text, span), text: '' }));
}

/** Of blank lines on both sides only one side's stay. */
function withoutGap(
  text: string,
  { start, end }: { start: number; end: number },
): { start: number; end: number } {
  const before = /(?:(?<=\n)[ \t]*\r?\n)*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const after = /^(?:[ \t]*\r?\n)*/.exec(text.slice(end))?.[0].length ?? 0;
  if (end + after === text.length) return { start: start - before, end };
  return { start, end: before > 0 || start === 0 ? end + after : end };
}

function replacement(here: LineDocument, source: LineDocument, { path }: KeyEdit): Splice | null {
  const [at, there] = [entryOf(here, path), entryOf(source, path)];
  if (at?.value == null || there?.value == null) return null;
  return { ...at.value, text: source.text.slice(there.value.start, there.value.end) };
}

function entryOf({ entries }: LineDocument, path: readonly string[]): LineEntry | undefined {
  return entries.find((one) => one.path.length === path.length && isUnder(one.path, path));
}

/** Lines of the source that are to come, each block behind the entry it stands behind there. */
function additions(
  here: LineDocument,
  source: LineDocument,
  edits: readonly KeyEdit[],
  isOwn: (line: string) => boolean,
): (Splice | null)[] {
  const coming = new Map<LineEntry, KeyEdit>();
  for (const entry of source.entries) {
    const wanted = edits.find(({ path }) => isUnder(entry.path, path));
    if (wanted !== undefined) coming.set(entry, wanted);
  }
  return blocksOf(source, coming).map(({ first, end }) => {
    const at = placeFor(here, source, first, coming);
    const from = withComments(source.text, first.start, isOwn);
    return at === null ? null : inserted(here.text, source.text, { at, from, end });
  });
}

interface Block {
  readonly first: LineEntry;
  readonly end: number;
}

/** Neighbours that come because of the same edit, as one. */
function blocksOf({ entries }: LineDocument, coming: ReadonlyMap<LineEntry, KeyEdit>): Block[] {
  const blocks: Block[] = [];
  let before: KeyEdit | undefined;
  for (const entry of entries) {
    const edit = coming.get(entry);
    const last = blocks.at(-1);
    if (edit !== undefined && edit === before && last !== undefined)
      blocks[blocks.length - 1] = { ...last, end: Math.max(last.end, entry.end) };
    else if (edit !== undefined) blocks.push({ first: entry, end: entry.end });
    before = edit;
  }
  return blocks;
}

function inserted(
  here: string,
  source: string,
  { at, from, end }: { at: number; from: number; end: number },
): Splice {
  const lines = source.slice(from, end);
  const before = /(?:(?<=\n)[ \t]*\r?\n)*$/.exec(source.slice(0, from))?.[0] ?? '';
  const after = /^(?:[ \t]*\r?\n)*/.exec(source.slice(end))?.[0] ?? '';
  const body = lines.endsWith('\n') ? lines : `${lines}\n`;
  if (at === 0) return { start: 0, end: 0, text: body + after };
  if (here[at - 1] !== '\n') return { start: at, end: at, text: `\n${before}${body.replace(/\r?\n$/, '')}` };
  return { start: at, end: at, text: before + body };
}

/** Behind the nearest entry before it in its group that is here, else before the nearest after it. */
function placeFor(
  here: LineDocument,
  source: LineDocument,
  entry: LineEntry,
  coming: ReadonlyMap<LineEntry, KeyEdit>,
): number | null {
  const group = source.entries.filter((one) => one.group === entry.group && !coming.has(one));
  const before = group.filter(({ end }) => end <= entry.start).reverse();
  for (const one of before) {
    const at = entryOf(here, one.path);
    if (at !== undefined) return endOf(here, at);
  }
  const next = group.find(({ start }) => start >= entry.end);
  const at = next === undefined ? undefined : entryOf(here, next.path);
  if (at !== undefined) return at.start;
  const owner = source.entries.find(({ path }) => isOwner(path, entry));
  const head = owner === undefined || before.length > 0 ? undefined : entryOf(here, owner.path);
  return head !== undefined && head.value === null ? firstLineEnd(here.text, head.start) : null;
}

function isOwner(path: readonly string[], { path: own, group }: LineEntry): boolean {
  return group !== '' && path.length < own.length && isUnder(own, path) && JSON.stringify(path) === group;
}

/** Where an entry ends with all that belongs to it: a TOML table's keys follow its head. */
function endOf({ entries }: LineDocument, entry: LineEntry): number {
  const name = JSON.stringify(entry.path);
  return entries
    .filter(({ group }) => entry.value === null && group === name)
    .reduce((end, one) => Math.max(end, one.end), entry.end);
}

function firstLineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end + 1;
}
