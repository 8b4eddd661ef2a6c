import type { GitObject, ObjectReader } from './catfile.ts';

/** Larger contents than this are read again: commits and records are small, files need not be. */
const LARGEST = 64 * 1024;

/**
 * Reads each name once. What is not there may come, and what is large takes room: those are asked for again. Only for as
 * long as a name that is no id may be taken for what it meant at first.
 */
export function rememberingReader(reader: ObjectReader): ObjectReader {
  const known = new Map<string, Promise<GitObject | null>>();
  const ask = (name: string): Promise<GitObject | null> => {
    const asked = reader.read(name);
    known.set(name, asked);
    const forget = (): boolean => known.delete(name);
    asked.then((object) => (object === null || object.content.length > LARGEST) && forget(), forget);
    return asked;
  };
  return { read: (name) => known.get(name) ?? ask(name), close: () => reader.close() };
}
