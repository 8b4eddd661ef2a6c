import { parseNote } from '../../core/records/note.ts';
import { type GitObject, readMany } from '../../git/objects/catfile.ts';
import { type Commit, parseCommit } from '../../git/objects/objects.ts';
import { rememberingReader } from '../../git/objects/remembering.ts';
import type { GradedCommit } from '../binding/grade.ts';
import { joinTexts, type Ledger, type Note } from '../ledger.ts';
import type { ListedNote } from './scan.ts';

/** Notes of the whole ledger, by the object they are on. */
export type ListedNotes = ReadonlyMap<string, readonly ListedNote[]>;

/** Some commits with their notes, read in a few goes. */
export interface Ahead {
  /** Answers from what was read, and asks for what was not. */
  readonly ledger: Ledger;
  readonly commits: ReadonlyMap<string, Commit>;
  readonly notes: ReadonlyMap<string, Note | null>;
}

/** Reads some commits, their first parents, and their notes as they were listed. */
export async function readAhead(
  ledger: Ledger,
  listed: ListedNotes,
  oids: readonly string[],
): Promise<Ahead> {
  const objects = new Map<string, GitObject>();
  const commits = new Map<string, Commit>();
  const keep = (object: GitObject | null): void => {
    if (object === null) return;
    const isCommit = object.type === 'commit';
    objects.set(isCommit ? `${object.oid}^{commit}` : object.oid, object);
    if (isCommit) commits.set(object.oid, parseCommit(object.oid, object.content));
  };
  const blobs = oids.flatMap((oid) => (listed.get(oid) ?? []).map(({ blob }) => blob));
  await readMany(ledger.reader, [...oids, ...blobs], keep);
  const parents = new Set(oids.flatMap((oid) => commits.get(oid)?.parents[0] ?? []));
  const others = [...parents].filter((oid) => !commits.has(oid));
  await readMany(ledger.reader, others, keep);
  const notes = new Map(oids.map((oid) => [oid, noteOf(objects, oid, listed.get(oid) ?? [])]));
  const reader = rememberingReader(ledger.reader, objects);
  const read = [...notes].map(([oid, note]) => [oid, Promise.resolve(note)] as const);
  return { ledger: { ...ledger, reader, notes: new Map(read) }, commits, notes };
}

/** Null unless its first parent was read as well: where a shallow clone ends it is not there. */
export function shapeAtHand({ commits }: Ahead, { oid, tree, parents }: Commit): GradedCommit | null {
  const [parent] = parents;
  if (parent === undefined) return { oid, tree, parents, parentTree: null };
  const read = commits.get(parent);
  return read === undefined ? null : { oid, tree, parents, parentTree: read.tree };
}

function noteOf(
  objects: ReadonlyMap<string, GitObject>,
  object: string,
  found: readonly ListedNote[],
): Note | null {
  if (found.length === 0) return null;
  const text = joinTexts(found.map(({ blob }) => objects.get(blob)?.content.toString('utf8') ?? ''));
  return { object, text, lines: parseNote(text), paths: found.map(({ path }) => path) };
}
