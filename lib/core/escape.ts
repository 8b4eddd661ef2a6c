/**
 * Text from outside, made harmless for a terminal: control characters (C0, DEL, C1), bidirectional overrides and
 * line separators are shown as escapes, never sent. Tab and line feed pass when `keepLines` is set.
 */
export function escapeTerminal(text: string, keepLines = false): string {
  return text.replaceAll(UNSAFE, (found) =>
    keepLines && (found === '\n' || found === '\t') ? found : escapeCode(found),
  );
}

/** What no terminal may be sent. */
export const UNSAFE: RegExp =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

/** How one character of these is shown. */
export function escapeCode(found: string): string {
  const short = SHORT[found];
  if (short !== undefined) return short;
  const code = found.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text from JSON may hold half a character, which no encoding has: it becomes the mark for that. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}
