/** What a JSON text may hold before anything is built from it. */
export interface JsonLimits {
  readonly depth: number;
  readonly values: number;
}

/** Which limit a text is over; null when over none. Both decide what parsing it costs. */
export function overJsonLimit(text: string, limits: JsonLimits): keyof JsonLimits | null {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === COLON) values++;
    else if (code === BRACE || code === BRACKET) {
      values++;
      if (++depth > limits.depth) return 'depth';
    } else if (code === BRACE_END || code === BRACKET_END) depth--;
    if (values > limits.values) return 'values';
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
