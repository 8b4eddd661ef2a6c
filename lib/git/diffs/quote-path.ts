const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
};

const LETTERS: ReadonlyMap<number, string> = new Map(
  Object.entries(ESCAPES).map(([letter, byte]) => [byte, letter]),
);

/** Undoes git's C-style quoting of a path (quote.c); a path without quotes is itself. */
export function unquotePath(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  const bytes: number[] = [];
  const inner = Buffer.from(text.slice(1, -1), 'utf8').toString('latin1');
  for (const match of inner.matchAll(/\\([0-7]{3}|.)|([^\\])/gs)) {
    const [, escape, plain] = match;
    if (plain !== undefined) bytes.push(plain.charCodeAt(0));
    else if (escape?.length === 3) bytes.push(Number.parseInt(escape, 8) & 255);
    else bytes.push(ESCAPES[escape ?? ''] ?? escape?.charCodeAt(0) ?? 0);
  }
  return Buffer.from(bytes).toString('utf8');
}

/** A path as git prints it with core.quotePath on, which is one line whatever the path holds. */
export function quotePath(path: string): string {
  const bytes = [...Buffer.from(path, 'utf8')];
  const quoted = bytes.map(quoteByte).join('');
  return quoted === path ? path : `"${quoted}"`;
}

/** Any path between quotes, byte by byte: also one that is no UTF-8. */
export function quotePathBytes(path: Uint8Array): string {
  return `"${[...path].map(quoteByte).join('')}"`;
}

function quoteByte(byte: number): string {
  const letter = LETTERS.get(byte);
  if (letter !== undefined) return `\\${letter}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
