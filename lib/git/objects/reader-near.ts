import type { ObjectReader } from './catfile.ts';

/** A whole id, and a path in it. */
const BY_ID = /^([0-9a-f]{40}(?:[0-9a-f]{24})?)(:.*)?$/s;

/**
 * Reads objects by id from a repository that is read anyway, and what is not there from another one that has all of its
 * objects and more. What the first has at an id but not at a path in it is nowhere.
 */
export function readerNear(near: ObjectReader, own: ObjectReader): ObjectReader {
  return {
    read: async (name) => {
      const [, oid, path] = BY_ID.exec(name) ?? [];
      if (oid === undefined) return own.read(name);
      const found = await near.read(name);
      if (found !== null) return found;
      const isThere = path !== undefined && (await near.read(oid)) !== null;
      return isThere ? null : own.read(name);
    },
    close: () => own.close(),
  };
}
