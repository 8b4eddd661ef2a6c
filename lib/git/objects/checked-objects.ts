import { hash } from 'node:crypto';
import type { ObjectFormat } from '../../core/digest.ts';
import { type GitObject, type ObjectReader, readMany } from './catfile.ts';

/** Reads objects, and looks whether the bytes of commits and trees are what their ids say. */
export interface CheckedReader extends ObjectReader {
  /** Ids of objects whose bytes were others. */
  readonly damaged: ReadonlySet<string>;
}

/** git itself looks at that in `fsck` alone: whoever can write into `.git/objects` could else say what a tree holds. */
export function checkedReader(reader: ObjectReader, format: ObjectFormat): CheckedReader {
  const damaged = new Set<string>();
  const check = (object: GitObject | null): void => {
    if (object !== null && (object.type === 'tree' || object.type === 'commit') && !isWhole(object, format))
      damaged.add(object.oid);
  };
  return {
    damaged,
    read: async (name) => {
      const object = await reader.read(name);
      check(object);
      return object;
    },
    readMany: (oids, take) =>
      readMany(reader, oids, (object, at) => {
        check(object);
        take(object, at);
      }),
    close: () => reader.close(),
  };
}

function isWhole({ type, content, oid, named }: GitObject, format: ObjectFormat): boolean {
  if (named !== undefined) return hash(format, named) === oid;
  const head = Buffer.from(`${type} ${content.length}\0`, 'latin1');
  return hash(format, Buffer.concat([head, content])) === oid;
}
