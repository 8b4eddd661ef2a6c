import { wellFormed } from '../../core/escape.ts';
import { oneLine } from './text.ts';

/**
 * Text from outside on one line of Markdown or in a cell of a table: no markup or HTML of its own, no link made of an address, and
 * nobody called by a host that reads `@name`, nor a ticket linked by `#1`.
 */
export function markdownText(text: string, width: number): string {
  return oneLine(wellFormed(text), width)
    .replaceAll(
      /[\\`*_{}[\]()<>#+!|~&@:$]/g,
      (found) => `&#${found.charCodeAt(0)};${CALLS.has(found) ? '&#8203;' : ''}`,
    )
    .replaceAll(/www\./gi, WWW)
    .replaceAll(/^[-=]|^\d+(?=[.)])/g, (found) => `&#8203;${found}`);
}

const WWW = (found: string): string => `${found.slice(0, 3)}&#46;`;
const CALLS: ReadonlySet<string> = new Set(['@', '#']);

/** A command to copy, in a code element: no letter is added to it. */
export function markdownCode(text: string, width: number): string {
  const safe = oneLine(wellFormed(text), width).replaceAll(
    /[^\w ./=,"-]/g,
    (found) => `&#${found.codePointAt(0) ?? 32};`,
  );
  return `<code>${safe.replaceAll(/www\./gi, WWW)}</code>`;
}
