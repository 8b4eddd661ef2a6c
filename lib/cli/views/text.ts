import { escapeTerminal } from '../../core/escape.ts';
import type { Paint } from '../terminal/io.ts';

export interface ViewOptions {
  readonly paint: Paint;
  readonly columns: number;
  /** Texts whole instead of their beginning. */
  readonly full: boolean;
}

/** Text from outside on one line, cut to a width with an ellipsis. */
export function oneLine(text: string, width: number): string {
  return cut(escapeTerminal(text.replaceAll(/\s+/g, ' ').trim()), width);
}

/** The beginning of a line, with an ellipsis where there is more of it. */
export function cut(line: string, width: number): string {
  const letters = [...line];
  return letters.length <= width ? line : `${letters.slice(0, Math.max(1, width - 1)).join('')}…`;
}

/** Text from outside as an indented block, wrapped to the width; the first `most` lines of it unless all are wanted. */
export function block(text: string, indent: number, options: ViewOptions, most = 6): string[] {
  const width = Math.max(20, options.columns - indent);
  const lines = text
    .replace(/\n+$/, '')
    .split('\n')
    .flatMap((line) => wrap(escapeTerminal(line), width));
  const shown = options.full ? lines : lines.slice(0, most);
  const more = lines.length - shown.length;
  const all =
    more > 0
      ? [...shown, options.paint.faint(`… ${more} more ${more === 1 ? 'line' : 'lines'} (--full)`)]
      : shown;
  return all.map((line) => ' '.repeat(indent) + line);
}

function wrap(line: string, width: number): string[] {
  const letters = [...line];
  const lines: string[] = [];
  let at = 0;
  while (letters.length - at > width) {
    const blank = letters.slice(at, at + width + 1).lastIndexOf(' ');
    const isAtBlank = blank > width / 2;
    const end = at + (isAtBlank ? blank : width);
    lines.push(letters.slice(at, end).join(''));
    at = isAtBlank ? end + 1 : end;
  }
  return [...lines, letters.slice(at).join('')];
}

export function count(n: number, one: string, many: string = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** `2026-11-22 14:03` in the reader's time zone. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return count(bytes, 'byte');
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function localTime(time: string): string {
  const date = new Date(time);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A word for somebody's shell: as it is where that is plain, else quoted. */
export function shellWord(text: string): string {
  const safe = escapeTerminal(text);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
