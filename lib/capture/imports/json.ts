import { isProblem, problem, type SourceProblem } from './source.ts';

/** Notes of 3 MB are real; over this nothing is read. */
export const MAX_SOURCE_BYTES: number = 16 * 1024 * 1024;
const MAX_DEPTH = 100;
const MAX_VALUES = 500_000;

type Problem = { readonly problem: SourceProblem };

/** A source's bytes as text. Never throws. */
export function sourceText(
  source: Uint8Array | string,
  limit: number = MAX_SOURCE_BYTES,
): { readonly text: string } | Problem {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (size > limit) return problem('too-large', `${size} bytes, over ${limit}`);
  if (typeof source === 'string') return { text: source };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(source) };
  } catch {
    return problem('not-text', 'not UTF-8');
  }
}

/** Parses JSON of a bounded size and depth. Never throws. Keys such as `__proto__` are keys like any other. */
export function sourceJson(source: Uint8Array | string): { readonly value: unknown } | Problem {
  const decoded = sourceText(source);
  if (isProblem(decoded)) return decoded;
  const over = overLimit(decoded.text);
  if (over !== null) return over;
  try {
    return { value: JSON.parse(decoded.text) as unknown };
  } catch {
    return problem('not-json', 'not JSON');
  }
}

/** Counts depth and values before anything is built from the text: both decide what parsing it costs. */
function overLimit(text: string): Problem | null {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === COLON) values++;
    else if (code === BRACE || code === BRACKET) {
      values++;
      if (++depth > MAX_DEPTH) return problem('too-deep', `nested deeper than ${MAX_DEPTH}`);
    } else if (code === BRACE_END || code === BRACKET_END) depth--;
    if (values > MAX_VALUES) return problem('too-many', `more than ${MAX_VALUES} values`);
  }
  return null;
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
