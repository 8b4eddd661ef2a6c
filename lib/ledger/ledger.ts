import { parseNote } from '../core/records/note.ts';
import type { ParsedLine } from '../core/records/record.ts';
import { type ObjectReader, openObjectReader } from '../git/objects/catfile.ts';
import { readTree, type TreeEntry } from '../git/objects/objects.ts';
import type { Repository } from '../git/repository/repository.ts';
import { candidatePaths } from './notes/fanout.ts';

export const LEDGER_REF = 'refs/notes/agent-log';

/** The ledger of one repository. Close it when done: it may hold a git process. */
export interface Ledger {
  readonly repo: Repository;
  readonly reader: ObjectReader;
  readonly indexing: Indexing;
  /** Notes that were read, by object, where nobody writes any meanwhile. */
  readonly notes?: Map<string, Promise<Note | null>>;
  /** Objects whose notes name records, where that is known without asking git: the notes above are all there are. */
  readonly naming?: (digests: readonly string[]) => readonly string[];
  close(): void;
}

/** How long the derived index may keep somebody waiting. */
export interface Indexing {
  /** Notes to read at most before an answer; are there more, it is looked for without the index. */
  readonly most: number;
  /** Make an index where there is none: seconds, in a ledger of 100,000 records. */
  readonly build: boolean;
  /** Rows that may lie beside those that are sorted, before all are sorted anew. */
  readonly beside?: number;
  /** Told how many notes were read, and null at the end. */
  readonly onProgress?: (notes: number | null) => void;
}

/** What a hook has time for. */
const IN_PASSING: Indexing = { most: 200, build: false };

/** Whoever waits for an answer waits for the index, and has it from then on. */
export const THOROUGH: Indexing = { most: Number.POSITIVE_INFINITY, build: true };

/** One object's note, as stored. */
export interface Note {
  readonly object: string;
  readonly text: string;
  readonly lines: readonly ParsedLine[];
  /** More than one: two writers disagreed on fan-out. All were read; the next append repairs it. */
  readonly paths: readonly string[];
}

export function openLedger(repo: Repository, indexing: Indexing = IN_PASSING): Ledger {
  const reader = openObjectReader(repo);
  return { repo, reader, indexing, close: () => reader.close() };
}

/** The commit the ledger is at; null when there is no ledger yet. */
export async function ledgerTip(ledger: Pick<Ledger, 'reader'>): Promise<string | null> {
  return (await ledger.reader.read(`${LEDGER_REF}^{commit}`))?.oid ?? null;
}

/** Reads the note of an object, wherever its fan-out put it. Null when there is none. */
export function readNote(
  ledger: Pick<Ledger, 'reader' | 'notes'>,
  object: string,
  tip: string = LEDGER_REF,
): Promise<Note | null> {
  const notes = tip === LEDGER_REF ? ledger.notes : undefined;
  const known = notes?.get(object);
  if (known !== undefined) return known;
  const read = readNoteAt(ledger, object, tip);
  notes?.set(object, read);
  return read;
}

async function readNoteAt(ledger: Pick<Ledger, 'reader'>, object: string, tip: string): Promise<Note | null> {
  const paths = candidatePaths(object);
  const found = await Promise.all(paths.map((path) => ledger.reader.read(`${tip}:${path}`)));
  const here = paths.flatMap((path, i) =>
    found[i]?.type === 'blob' ? [{ path, text: found[i].content.toString('utf8') }] : [],
  );
  if (here.length === 0) return null;
  const text = joinTexts(here.map((part) => part.text));
  return { object, text, lines: parseNote(text), paths: here.map((part) => part.path) };
}

/** Trees of the ledger at one commit, each read once. */
export function ledgerTrees(
  ledger: Ledger,
  tip: string | null,
): (prefix: string) => Promise<TreeEntry[] | null> {
  const trees = new Map<string, Promise<TreeEntry[] | null>>();
  return (prefix) => {
    if (tip === null) return Promise.resolve(null);
    const known = trees.get(prefix);
    if (known) return known;
    const tree = readTree(ledger.reader, `${tip}:${prefix.replace(/\/$/, '')}`);
    trees.set(prefix, tree);
    return tree;
  };
}

export function joinTexts(texts: readonly string[]): string {
  return texts.reduce((all, text) => (all === '' || all.endsWith('\n') ? all + text : `${all}\n${text}`), '');
}
