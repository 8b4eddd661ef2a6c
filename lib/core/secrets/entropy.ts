import type { Finding } from './finding.ts';
import { mixesLikeRandom } from './password.ts';
import { entropyOf } from './rule.ts';
import type { Run } from './runs.ts';
import { isEncodedText } from './views.ts';

/** Shorter words are ids, longer ones are data. */
const SHORTEST = 32;
const LONGEST = 130;
const LEAST_BITS = 4.2;
const LOOKED_BACK = 80;

/** What says of the letters behind it that they are a digest, an id, a picture or public. */
const NO_SECRET =
  /sha-?\d|hash|digest|checksum|integrity|fingerprint|etag|\bmd5|\brev|commit|nonce|public|\bpub\b|cert|image|data:|base64|src=|href=|https?:|ssh-|\bid\b|[_-]id\b|Id\b|uuid|version|signature|cursor|page|cache|chunk|boundary|trace|span|request|session\b.{0,3}id|asset|path|file|bundle|\.js|\.css|mappings|AAAA/i;

/** Words drawn by lot that nothing around them explains. */
export function findRandomWords(text: string, runs: readonly Run[]): Finding[] {
  return runs.flatMap(({ start, end }) => {
    if (end - start < SHORTEST || end - start > LONGEST) return [];
    const word = text.slice(start, end);
    const isSecret =
      isRandom(word) &&
      stands(text, start, end) &&
      !isExplained(text, word, start) &&
      !isInBlock(text, start, end);
    return isSecret ? [{ rule: 'high-entropy', start, end }] : [];
  });
}

function isRandom(word: string): boolean {
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/\d/.test(word)) return false;
  return mixesLikeRandom(word) && entropyOf(word) >= LEAST_BITS && word.split('/').length <= 4;
}

/** Between blanks or quotes, or behind a name: not a piece of a longer line of letters. */
function stands(text: string, start: number, end: number): boolean {
  return (
    /^[\s"'`=:>(|]?$/.test(text.slice(Math.max(0, start - 1), start)) &&
    /^[\s"'`<)|]?$/.test(text.slice(end, end + 1))
  );
}

function isExplained(text: string, word: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - LOOKED_BACK), at);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return (
    word.startsWith('AAAA') || isEncodedText(word) || NO_SECRET.test(line) || /(?:[@/#.\\]|h1:)$/.test(line)
  );
}

/** One line of many that are alike: a certificate, a picture, an attachment. */
function isInBlock(text: string, start: number, end: number): boolean {
  const after = text.slice(end, end + 120);
  const before = text.slice(Math.max(0, start - 120), start);
  return (
    /^["',\\n]{0,4}\r?\n[ \t"']{0,20}[A-Za-z0-9+/]{32}/.test(after) ||
    /[A-Za-z0-9+/]{32}={0,2}["',\\n]{0,4}\r?\n[ \t"']{0,20}$/.test(before)
  );
}
