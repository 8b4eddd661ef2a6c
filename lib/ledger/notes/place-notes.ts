import { groupBy } from '../../core/lists.ts';
import type { PathChange } from '../../git/objects/fast-import.ts';
import { fanOut, fanOutAll, type NotePlace } from './fanout.ts';

/** A note to be written: its bytes (as latin1), or the blob that has them already. */
export interface PlacedNote {
  readonly object: string;
  readonly place: NotePlace;
  readonly content: { readonly text: string } | { readonly oid: string };
}

/** Writes notes where they belong in the tree that their places were found in. */
export function noteChanges(notes: readonly PlacedNote[]): PathChange[] {
  const folders = groupBy(notes, ({ object, place }) =>
    fanOut(object, place.depth).slice(0, place.depth * 3),
  );
  const changes = [...folders.values()].flatMap(folderChanges);
  // Deletions first: a flat note must be gone before a folder of the same first digits is filled.
  return [...changes.filter(({ op }) => op === 'delete'), ...changes.filter(({ op }) => op !== 'delete')];
}

/** Writes the notes of one folder, and moves those beside them when git's rule says the folder is now too full. */
function folderChanges(notes: readonly PlacedNote[]): PathChange[] {
  const depth = notes[0]?.place.depth ?? 0;
  const beside = notes[0]?.place.beside ?? new Map<string, string>();
  const paths = fanOutAll([...new Set([...beside.keys(), ...notes.map(({ object }) => object)])], depth);
  const changes: PathChange[] = [];
  const written = new Set(notes.map(({ object }) => object));
  for (const [object, oid] of beside) {
    const path = paths.get(object) ?? object;
    if (written.has(object) || path === fanOut(object, depth)) continue;
    changes.push({ op: 'delete', path: fanOut(object, depth) }, { op: 'object', path, oid });
  }
  for (const { object, place, content } of notes) {
    for (const { path } of place.found) changes.push({ op: 'delete', path });
    const path = paths.get(object) ?? object;
    if ('oid' in content) changes.push({ op: 'object', path, oid: content.oid });
    else changes.push({ op: 'blob', path, content: Buffer.from(content.text, 'latin1') });
  }
  return changes;
}
