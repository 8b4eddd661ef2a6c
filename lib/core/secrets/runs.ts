const IS_LETTER = new Uint8Array(128);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-')
  IS_LETTER[letter.charCodeAt(0)] = 1;
const EQUALS = 0x3d;

/** Letters of base64 in either alphabet, without a gap, and the signs that fill it up. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** Every run of at least so many letters. A loop: an expression would look back from each letter. */
export function longRuns(text: string, least: number): Run[] {
  const runs: Run[] = [];
  const { length } = text;
  let start = 0;
  for (let i = 0; i <= length; i++) {
    const code = i < length ? text.charCodeAt(i) : 0;
    if (code < 128 && IS_LETTER[code] === 1) continue;
    if (i - start >= least) {
      let end = i;
      while (end < i + 2 && text.charCodeAt(end) === EQUALS) end++;
      runs.push({ start, end });
    }
    start = i + 1;
  }
  return runs;
}
