import type { Finding } from './finding.ts';

const BEGIN = '-----BEGIN ';
const HEADER = /[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const MOST = 32 * 1024;
/** A key without its end is one where so much of it is there. */
const LEAST = 40;

/**
 * Private keys in PEM and PGP's armour, also within a string (`\n`), behind a comment's or a diff's marks, and cut off. In
 * one go over the text: what looks like a key's body is read once.
 */
export function findPrivateKeys(text: string): Finding[] {
  const findings: Finding[] = [];
  for (let start = text.indexOf(BEGIN); start >= 0; ) {
    const body = matchEnd(HEADER, text, start + BEGIN.length);
    const end = body === null ? null : endOfKey(text, body);
    if (end !== null) findings.push({ rule: 'private-key', start, end });
    start = text.indexOf(BEGIN, end ?? start + BEGIN.length);
  }
  return findings;
}

/** Letters of base64, and what can stand between its lines: blanks, quotes, a string's `\n`, marks of comments and diffs. */
const BODY = /[A-Za-z0-9+/=\s\\"'`#*>|,:;.()<-]/;

function endOfKey(text: string, from: number): number | null {
  let letters = 0;
  let last = from;
  const limit = Math.min(text.length, from + MOST);
  for (let i = from; i < limit; i++) {
    const letter = text[i] as string;
    if (letter === '-' && text.startsWith('-----', i)) {
      const end = matchEnd(END, text, i);
      if (end !== null && letters >= LEAST / 2) return end;
      break;
    }
    if (!BODY.test(letter)) break;
    if (/[A-Za-z0-9+/=]/.test(letter)) {
      letters++;
      last = i + 1;
    }
  }
  return letters >= LEAST && isKeyLike(text.slice(from, last)) ? last : null;
}

/** The first run of it is long: prose about keys is made of words. */
function isKeyLike(body: string): boolean {
  return /[A-Za-z0-9+/=]{40}/.test(body.slice(0, 400));
}

function matchEnd(regex: RegExp, text: string, at: number): number | null {
  regex.lastIndex = at;
  return regex.test(text) ? regex.lastIndex : null;
}
