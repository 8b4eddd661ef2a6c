import type { Entry } from '../diffs/entry-diff.ts';

/** The mode of a folder in a tree. */
export const FOLDER = '40000';

/** What a tree object of some entries holds: by name (bytes in latin1), in the order git wants. */
export function treeContent(entries: ReadonlyMap<string, Entry>): Buffer {
  const inOrder = Array.from(entries, ([name, { mode, oid }]) => ({
    key: mode === FOLDER ? `${name}/` : name,
    head: `${mode.replace(/^0+/, '')} ${name}\0`,
    oid,
  })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const content = Buffer.alloc(inOrder.reduce((sum, { head, oid }) => sum + head.length + oid.length / 2, 0));
  let at = 0;
  for (const { head, oid } of inOrder) {
    at += content.write(head, at, 'latin1');
    at += content.write(oid, at, 'hex');
  }
  return content;
}
