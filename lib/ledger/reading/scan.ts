import { parseNote } from '../../core/records/note.ts';
import type {
  BindingRecord,
  ExecutionRecord,
  LandingRecord,
  StoredRecord,
} from '../../core/records/record.ts';
import { isBinding, isExecution, isLanding, isReadable, isSupplement } from '../../core/records/record.ts';
import { completed } from '../../core/records/supplement.ts';
import { type ObjectReader, openObjectReader } from '../../git/objects/catfile.ts';
import { runGit } from '../../git/process/runner.ts';
import { joinTexts, LEDGER_REF, type Ledger, type Note, readNote } from '../ledger.ts';
import { objectAtPath } from '../notes/fanout.ts';
import { oncePerSource } from '../notes/once.ts';

/** A record of the ledger with the object its note is on, and how it was bound to it. */
export interface ScannedRecord {
  readonly object: string;
  readonly stored: StoredRecord<ExecutionRecord>;
  /** The record with what became known of it later. */
  readonly known: ExecutionRecord;
  readonly binding: BindingRecord | null;
  /** Where its work went, or is said to have gone, oldest first. */
  readonly landings: readonly LandingRecord[];
}

const READS_AT_ONCE = 500;

/** Every execution record, note by note in the ledger's order; `only` keeps the notes of some objects. */
export async function* scanLedger(
  ledger: Ledger,
  only: ReadonlySet<string> | null = null,
): AsyncGenerator<ScannedRecord> {
  for await (const { object, lines } of allNotes(ledger, only)) yield* recordsOf(object, lines);
}

/** Every note in the ledger's order; `only` keeps those of some objects. */
export async function* allNotes(
  ledger: Ledger,
  only: ReadonlySet<string> | null = null,
): AsyncGenerator<Note> {
  const notes = byObject((await listNotes(ledger)).filter(({ object }) => only === null || only.has(object)));
  // Records resemble each other and are stored as deltas: a small cache would undo the same chain again and again.
  const reader = openObjectReader(ledger.repo, ['-c', 'core.deltaBaseCacheLimit=1g']);
  try {
    for (let at = 0; at < notes.length; at += READS_AT_ONCE) {
      const part = notes.slice(at, at + READS_AT_ONCE);
      const texts = await Promise.all(part.map(([, found]) => readText(reader, found)));
      for (const [i, text] of texts.entries()) {
        const [object = '', found = []] = part[i] ?? [];
        yield { object, text, lines: parseNote(text), paths: found.map(({ path }) => path) };
      }
    }
  } finally {
    reader.close();
  }
}

/** Over so many notes it is quicker to list the whole ledger once than to look for each. */
const MANY = 300;

/** The notes of some objects: those there are. */
export async function* notesOn(ledger: Ledger, objects: readonly string[]): AsyncGenerator<Note> {
  if (objects.length > MANY) yield* allNotes(ledger, new Set(objects));
  else
    for (const note of await Promise.all(objects.map((object) => readNote(ledger, object))))
      if (note !== null) yield note;
}

/** The execution records of some notes, each looked for by itself. */
export async function* recordsOnNotes(
  ledger: Ledger,
  objects: Iterable<string>,
): AsyncGenerator<ScannedRecord> {
  const all = [...objects];
  for (let at = 0; at < all.length; at += READS_AT_ONCE) {
    const part = all.slice(at, at + READS_AT_ONCE);
    const notes = await Promise.all(part.map((object) => readNote(ledger, object)));
    for (const note of notes) if (note !== null) yield* recordsOf(note.object, note.lines);
  }
}

/** Entries by object: more than one where a note is at two paths. */
function byObject(notes: readonly ListedNote[]): [string, ListedNote[]][] {
  const found = new Map<string, ListedNote[]>();
  for (const note of notes) found.set(note.object, [...(found.get(note.object) ?? []), note]);
  return [...found];
}

async function readText(reader: ObjectReader, notes: readonly ListedNote[]): Promise<string> {
  const found = await Promise.all(notes.map(({ blob }) => reader.read(blob)));
  return joinTexts(found.map((blob) => blob?.content.toString('utf8') ?? ''));
}

/** Notes that hold one of some texts, found by git in the ledger's tree: object ids. */
export async function notesHolding(ledger: Ledger, texts: readonly string[]): Promise<string[]> {
  if (texts.length === 0) return [];
  // From a folder below git would look in that folder of the ledger's tree: there is none.
  const wanted = texts.flatMap((text) => ['-e', text]);
  const args = ['grep', '-l', '-z', '-F', '--no-color', '--full-name', ...wanted, LEDGER_REF, '--', ':/'];
  const { code, stdout } = await runGit(ledger.repo, { args, okCodes: [1, 128] });
  if (code !== 0) return [];
  const names = stdout.toString('utf8').split('\0').filter(Boolean);
  return [...new Set(names.map((name) => name.slice(LEDGER_REF.length + 1).replaceAll('/', '')))];
}

export interface ListedNote {
  readonly object: string;
  readonly blob: string;
  readonly path: string;
}

/** Every note in the ledger's tree. Empty when there is no ledger. */
export async function listNotes(ledger: Ledger, tip: string = LEDGER_REF): Promise<ListedNote[]> {
  const notes: ListedNote[] = [];
  for (const { path, blob } of filesIn(await listFiles(ledger, tip))) {
    const object = objectAtPath(path, blob.length);
    if (object !== null) notes.push({ object, blob, path });
  }
  return notes;
}

/** What git says of the files of the ledger's tree; nothing when there is no ledger. */
export async function listFiles(ledger: Ledger, tip: string): Promise<string> {
  const args = ['ls-tree', '-r', '-z', '--full-tree', tip];
  const { code, stdout } = await runGit(ledger.repo, { args, okCodes: [128] });
  return code === 0 ? stdout.toString('latin1') : '';
}

/** Every regular file of what git said: `mode SP type SP id TAB path NUL`. The path is its bytes as latin1. */
export function* filesIn(listing: string): Generator<{ readonly path: string; readonly blob: string }> {
  for (let start = 0; start < listing.length; ) {
    const tab = listing.indexOf('\t', start);
    const end = listing.indexOf('\0', tab);
    if (tab < 0 || end < 0) return;
    if (listing.startsWith('100', start))
      yield {
        path: listing.slice(tab + 1, end),
        blob: listing.slice(listing.lastIndexOf(' ', tab) + 1, tab),
      };
    start = end + 1;
  }
}

/** The execution records of one note. */
export function* recordsOf(object: string, lines: Note['lines']): Generator<ScannedRecord> {
  const records = lines.filter(isReadable);
  const bindings = records.filter(isBinding);
  const supplements = records.filter(isSupplement).map(({ record }) => record);
  const landings = records.filter(isLanding).map(({ record }) => record);
  const executions = new Map(records.filter(isExecution).map((stored) => [stored.digest, stored]));
  for (const stored of oncePerSource([...executions.values()])) {
    const binding = bindings.find(
      ({ record }) => record.record === stored.digest && record.commit === object,
    );
    const { record, digest } = stored;
    const known =
      supplements.length === 0 ? record : { ...record, ...completed(record, digest, supplements) };
    const went = landings.filter((landing) => landing.record === stored.digest);
    yield { object, stored, known, binding: binding?.record ?? null, landings: went };
  }
}
