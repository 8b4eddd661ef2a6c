import type { Finding } from './finding.ts';
import { matchAt } from './match.ts';
import type { Rule } from './rule.ts';

const BREAK =
  /(?<=[\w+/=.-])(?:["'`][ \t]{0,8}[+.,]?|\\)?[ \t]{0,8}\r?\n[ \t>|]{0,40}(?:[+.][ \t]{0,4})?["'`]?(?=[\w+/=.-])/g;
const CHUNK = 8192;
const LONGEST = 400;
const NEAR = 12;

interface Gap {
  /** Where it is in the text, and where it was taken out of the joined one. */
  readonly from: number;
  readonly at: number;
  readonly length: number;
  readonly isString: boolean;
}

/**
 * A text with broken lines and broken strings put together: a token that a terminal wrapped, or code. Part by part as it is asked
 * for, in the order of the text, each part once.
 */
export class JoinedText {
  readonly #text: string;
  #start = -1;
  #joined = '';
  #gaps: readonly Gap[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** What a token's rule finds there across a break; with what it found without (`known`), only more of the same. */
  find(rule: Rule, at: number, known: Finding | null): Finding | null {
    const text = this.#text;
    const from = known?.end ?? at;
    const line = text.slice(from, at + LONGEST).indexOf('\n') + from;
    if (line < from || (known === null ? !isToken(text.slice(at, line)) : line - known.end > NEAR))
      return null;
    this.#load(at);
    const start = at - this.#shift(at, (gap) => gap.from) - this.#start;
    const found = matchAt(rule, this.#joined, start);
    if (found === null || found.end - start > LONGEST) return null;
    const last = this.#gaps.findLast((gap) => gap.at > start && gap.at < found.end);
    if (
      last === undefined ||
      (!last.isString && !continues(this.#joined.slice(last.at, found.end + 40), found.end - last.at))
    )
      return null;
    const place = (of: number, plus: number): number =>
      this.#start + of + this.#shift(of + plus, (gap) => gap.at);
    const end = place(found.end, 0);
    if (known !== null && end <= known.end) return null;
    return { rule: found.rule, start: Math.min(place(found.start, 1), known?.start ?? end), end };
  }

  /** Letters of the gaps that begin before. */
  #shift(before: number, of: (gap: Gap) => number): number {
    let sum = 0;
    for (const gap of this.#gaps) {
      if (of(gap) >= before) break;
      sum += gap.length;
    }
    return sum;
  }

  #load(at: number): void {
    const start = at - (at % CHUNK);
    if (start === this.#start) return;
    this.#start = start;
    const gaps: Gap[] = [];
    let removed = 0;
    this.#joined = this.#text
      .slice(start, start + CHUNK + 2 * LONGEST)
      .replaceAll(BREAK, (gap, offset: number) => {
        gaps.push({
          from: start + offset,
          at: offset - removed,
          length: gap.length,
          isString: /["'`]/.test(gap),
        });
        removed += gap.length;
        return '';
      });
    this.#gaps = gaps;
  }
}

/** The rest is no word of a sentence and no name of the next setting. */
function continues(rest: string, length: number): boolean {
  const piece = rest.slice(0, length);
  return (
    (/\d/.test(piece) || /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(piece)) && !/^[\w.-]*[=:]/.test(rest.slice(length))
  );
}

/** A word, or the end of a string: prose is not put together. */
function isToken(before: string): boolean {
  const blank = /[ \t"'\\`]/.exec(before);
  return blank === null || before.length - blank.index <= NEAR;
}
