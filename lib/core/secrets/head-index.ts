/** What is looked for, and what it stands for: the number of a rule. */
interface Start {
  readonly head: string;
  readonly rule: number;
}

/**
 * Where in a text rules have to be tried. One pattern of all heads would take six milliseconds to compile and a second
 * for ten megabytes; this is a number made of the last three letters, and a bit for each such number some head begins with.
 */
export class HeadIndex {
  readonly #bits = new Uint32Array((MASK + 1) / 32);
  readonly #starts = new Map<number, Start[]>();

  /** A head is of three letters or more, in lower case. */
  add(head: string, rule: number): void {
    let key = 0;
    for (let i = 0; i < 3; i++) key = (key << LETTER_BITS) | head.charCodeAt(i);
    const known = this.#starts.get(key);
    if (known === undefined) this.#starts.set(key, [{ head, rule }]);
    else known.push({ head, rule });
    this.#bits[key >>> 5] = (this.#bits[key >>> 5] as number) | (1 << (key & 31));
  }

  /** Calls back for every place of every head, in the order of the text. */
  each(text: string, visit: (rule: number, at: number) => void): void {
    const bits = this.#bits;
    const { length } = text;
    let key = 0;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      key = ((key << LETTER_BITS) | (code < 128 ? (LOWER[code] as number) : 0)) & MASK;
      if (((bits[key >>> 5] as number) & (1 << (key & 31))) === 0) continue;
      for (const { head, rule } of this.#starts.get(key) ?? [])
        if (hasHead(text, i - 2, head)) visit(rule, i - 2);
    }
  }
}

const LETTER_BITS = 7;
const MASK = (1 << (3 * LETTER_BITS)) - 1;
const LOWER = new Uint8Array(128);
for (let code = 0; code < 128; code++) LOWER[code] = code >= 0x41 && code <= 0x5a ? code + 32 : code;

/** The first three letters are known to be there. */
function hasHead(text: string, at: number, head: string): boolean {
  for (let i = 3; i < head.length; i++) {
    const code = text.charCodeAt(at + i);
    if ((code < 128 ? LOWER[code] : 0) !== head.charCodeAt(i)) return false;
  }
  return true;
}
