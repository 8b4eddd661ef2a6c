import type { GitObject } from '../objects/catfile.ts';
import type { GitResult } from '../process/runner.ts';

/** What git answered to questions somebody else asked it, before we would. */
export interface Heard {
  readonly answers: ReadonlyMap<string, GitResult>;
  readonly objects: ReadonlyMap<string, GitObject | null>;
}

/** Stands after each answer, followed by git's exit code and a line feed: no `-z` output has two NUL in a row. */
const END = '\0\0';
const DIGITS = /^\d+\n/;
const HEADER = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/;

export function heardKey(args: readonly string[]): string {
  return args.join('\0');
}

/**
 * Reads the answers to `questions` in their order, and after them what `cat-file --batch` said to `names`. Objects come
 * last because they may hold anything, the mark that ends an answer too. What is cut off was not heard.
 */
export function parseHeard(
  bytes: Buffer,
  questions: readonly (readonly string[])[],
  names: readonly string[],
): Heard {
  const answers = new Map<string, GitResult>();
  let at = 0;
  for (const args of questions) {
    const found = endOfAnswer(bytes, at);
    if (found === null) return { answers, objects: new Map() };
    const { end, code, next } = found;
    answers.set(heardKey(args), { code, stdout: bytes.subarray(at, end), stderr: '' });
    at = next;
  }
  return { answers, objects: parseObjects(bytes.subarray(at), names) };
}

/** Where an answer ends, with what code, and where the next begins; null when it is not complete. */
export function endOfAnswer(bytes: Buffer, from: number): { end: number; code: number; next: number } | null {
  const mark = bytes.indexOf(END, from, 'latin1');
  if (mark < 0) return null;
  // An answer's own last NUL stands before the two of the mark.
  const end = bytes[mark + END.length] === 0 ? mark + 1 : mark;
  const start = end + END.length;
  const code = DIGITS.exec(bytes.toString('latin1', start, start + 8))?.[0];
  return code === undefined ? null : { end, code: Number(code), next: start + code.length };
}

function parseObjects(bytes: Buffer, names: readonly string[]): Map<string, GitObject | null> {
  const objects = new Map<string, GitObject | null>();
  let at = 0;
  for (const name of names) {
    const lineEnd = bytes.indexOf(10, at);
    if (lineEnd < 0) break;
    const line = bytes.toString('utf8', at, lineEnd);
    const match = HEADER.exec(line);
    const size = Number(match?.[3] ?? 0);
    const start = lineEnd + 1;
    if (match === null && line !== `${name} missing`) break;
    if (match !== null && start + size >= bytes.length) break;
    const object = match === null ? null : objectOf(match, bytes.subarray(start, start + size));
    objects.set(name, object);
    if (object?.type === 'commit') objects.set(`${object.oid}^{commit}`, object);
    at = match === null ? start : start + size + 1;
  }
  return objects;
}

function objectOf([, oid = '', type]: RegExpExecArray, content: Buffer): GitObject {
  return { oid, type: type as GitObject['type'], content };
}
