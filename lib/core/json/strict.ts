import { isUtf8 } from 'node:buffer';
import { type JsonLimits, overJsonLimit } from './bounded.ts';

/**
 * The object or list in some bytes, or why there is none, in a few words. Stricter than `JSON.parse`, as RFC 7493 (I-JSON) has it:
 * what one reader would take otherwise than another is refused, which is a name twice in one object and what is no UTF-8.
 * Never throws.
 */
export function parseStrictJson(bytes: Uint8Array, limits: JsonLimits): object | string {
  if (!isUtf8(bytes)) return 'it is no UTF-8';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const over = overJsonLimit(text, limits);
  if (over !== null) return `it has too many ${over === 'depth' ? 'levels' : 'values'}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  if (typeof value !== 'object' || value === null) return 'it is no JSON object';
  const twice = nameTwice(text);
  return twice === null ? value : `it names ${JSON.stringify(twice.slice(0, 100))} twice in one object`;
}

/** A name that an object has twice, however it is escaped; null where none has. The text has to be JSON. */
export function nameTwice(text: string): string | null {
  /** The names of each object that is open; null for a list. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1) ?? null;
      if (names !== null && isName(text, end)) {
        const name = unescaped(text.slice(at, end));
        if (names.has(name)) return name;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return null;
}

/** Where the string that begins somewhere is over: behind its quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** A string is a name where a colon follows it. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text[at] ?? '')) at++;
  return text[at] === ':';
}

function unescaped(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
