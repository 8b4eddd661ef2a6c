import type { Entry, EntryDiff } from '../../git/diffs/entry-diff.ts';

/** The blobs of one object's note, as far as two ledgers differ. More than one on a side: it is at several paths there. */
export interface NoteSides {
  readonly from: ReadonlySet<string>;
  readonly to: ReadonlySet<string>;
}

/** What two ledgers differ in: notes by object, whatever their fan-out, and entries that are no notes by path. */
export interface LedgerDiff {
  readonly notes: ReadonlyMap<string, NoteSides>;
  /** What stands there on the other side may be a note: `to` is none. */
  readonly foreign: readonly EntryDiff[];
}

/** Sorts the differing paths of two ledgers into notes and the rest. `oidLength` is in hex digits. */
export async function groupEntries(
  diffs: AsyncIterable<EntryDiff> | Iterable<EntryDiff>,
  oidLength: number,
): Promise<LedgerDiff> {
  const notes = new Map<string, { from: Set<string>; to: Set<string> }>();
  const foreign: EntryDiff[] = [];
  for await (const diff of diffs) {
    const object = diff.path.replaceAll('/', '');
    const isNote = object.length === oidLength && HEX_PATH.test(diff.path);
    const isBlob = (entry: Entry | null): entry is Entry => entry?.mode.startsWith('100') === true;
    for (const side of ['from', 'to'] as const) {
      const entry = diff[side];
      if (!isNote || !isBlob(entry)) continue;
      const sides = notes.get(object) ?? { from: new Set(), to: new Set() };
      sides[side].add(entry.oid);
      notes.set(object, sides);
    }
    if (!isNote || !isBlob(diff.to)) foreign.push(diff);
  }
  return { notes, foreign };
}

const HEX_PATH = /^(?:[0-9a-f]{2}\/)*[0-9a-f]+$/;

/** True when one side has something that the other has not. */
export function brings(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((oid) => !other.has(oid));
}
