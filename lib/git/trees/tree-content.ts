import type { Entry } from '../diffs/entry-diff.ts';

/** The mode of a folder in a tree. */
export const FOLDER = '40000';

/** What a tree object of some entries holds: by name (bytes in latin1), in the order git wants. */
export function treeContent(entries: ReadonlyMap<string, Entry>): Buffer {
  const key = (name: string, { mode }: Entry): string => (mode === FOLDER ? `${name}/` : name);
  const inOrder = [...entries].sort(([a, one], [b, other]) => (key(a, one) < key(b, other) ? -1 : 1));
  const parts = inOrder.map(([name, { mode, oid }]) =>
    Buffer.concat([Buffer.from(`${mode.replace(/^0+/, '')} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]),
  );
  return Buffer.concat(parts);
}
