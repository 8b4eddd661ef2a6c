import { type GitObject, type ObjectReader, readMany } from './catfile.ts';

/** Larger contents than this are read again: commits and records are small, files need not be. */
const LARGEST = 64 * 1024;

/**
 * Reads each name once. What is not there may come, and what is large takes room: those are asked for again. Only for as
 * long as a name that is no id may be taken for what it meant at first. `before` is what was read already, by name.
 */
export function rememberingReader(
  reader: ObjectReader,
  before: ReadonlyMap<string, GitObject> = new Map(),
): ObjectReader {
  const known = new Map<string, Promise<GitObject | null>>();
  const ask = (name: string): Promise<GitObject | null> => {
    const asked = reader.read(name);
    known.set(name, asked);
    const forget = (): boolean => known.delete(name);
    asked.then((object) => (object === null || object.content.length > LARGEST) && forget(), forget);
    return asked;
  };
  return {
    read: (name) => {
      const object = before.get(name);
      return object === undefined ? (known.get(name) ?? ask(name)) : Promise.resolve(object);
    },
    readMany: (oids, take) => readMany(reader, oids, take),
    ...(reader.look === undefined ? {} : { look: reader.look }),
    close: () => reader.close(),
  };
}
