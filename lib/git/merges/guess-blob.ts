import { type Scratch, writeObject } from '../objects/scratch.ts';
import { guessMerge } from './guess-merge.ts';
import type { ThreeBlobs } from './merge-files.ts';

/** Files larger than this many bytes are not guessed about. */
const LARGEST = 1024 * 1024;

/** Writes what merging a file most likely comes to, and gives its blob; null where there is nothing to guess. */
export function guesser(scratch: Scratch): (files: ThreeBlobs) => Promise<string | null> {
  const texts = new Map<string, Promise<string | null>>();
  const textOf = (oid: string): Promise<string | null> => {
    const known = texts.get(oid) ?? readText(scratch, oid);
    texts.set(oid, known);
    return known;
  };
  const guesses = new Map<string, Promise<string | null>>();
  const guessed = async ({ base, ours, theirs }: ThreeBlobs): Promise<string | null> => {
    if (base === ours) return theirs;
    if (base === theirs || ours === theirs) return ours;
    const [from, here, to] = await Promise.all([textOf(base), textOf(ours), textOf(theirs)]);
    const guess = from === null || here === null || to === null ? null : guessMerge(from, here, to);
    if (guess === null) return null;
    const oid = await writeObject(scratch, 'blob', Buffer.from(guess, 'latin1'));
    texts.set(oid, Promise.resolve(guess));
    return oid;
  };
  return (files) => {
    const key = `${files.base} ${files.ours} ${files.theirs}`;
    const known = guesses.get(key) ?? guessed(files);
    guesses.set(key, known);
    return known;
  };
}

/** Its bytes as latin1; null for what is no text. */
async function readText(scratch: Scratch, oid: string): Promise<string | null> {
  const object = await scratch.reader.read(oid);
  if (object?.type !== 'blob' || object.content.length > LARGEST || object.content.includes(0)) return null;
  return object.content.toString('latin1');
}
