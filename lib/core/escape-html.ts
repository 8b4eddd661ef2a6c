import { escapeCode, UNSAFE, wellFormed } from './escape.ts';

/** A piece of a text: as it was, or the escape that stands for a character nobody would see. */
export interface VisiblePart {
  readonly text: string;
  readonly isEscape: boolean;
}

/**
 * Text from outside with everything made visible that a page would hide: what a terminal is spared, and characters that
 * take no room (zero-width, fillers, tags, variation selectors), in which names can differ and orders be smuggled to a
 * model. Those that emoji and scripts with joined letters are written with stay. Tab and line feed pass when `keepLines`
 * is set.
 */
export function visibleParts(text: string, keepLines = false): VisiblePart[] {
  const whole = wellFormed(text);
  const parts: VisiblePart[] = [];
  let end = 0;
  for (const { 0: found, index } of whole.matchAll(UNSEEN)) {
    if (keepLines && (found === '\n' || found === '\t')) continue;
    if (index > end) parts.push({ text: whole.slice(end, index), isEscape: false });
    parts.push({ text: escapeUnseen(found), isEscape: true });
    end = index + found.length;
  }
  if (end < whole.length) parts.push({ text: whole.slice(end), isEscape: false });
  return parts;
}

/** Text from outside for HTML, as an element's content or in a quoted attribute: nothing in it is markup or unseen. */
export function escapeHtml(text: string, keepLines = false): string {
  return visibleParts(text, keepLines)
    .map((part) => part.text.replaceAll(/[&<>"'`]/g, (found) => `&#${found.charCodeAt(0)};`))
    .join('');
}

const JOINERS = [
  // Between the parts of an emoji, and between letters of scripts without case.
  '(?<!\\p{Extended_Pictographic}[\ufe0f\\p{Emoji_Modifier}]?|[\\p{Lo}\\p{M}])[\u200c\u200d]',
  '[\u200c\u200d](?![\\p{Extended_Pictographic}\\p{Lo}])',
  '(?<!\\p{Emoji})\ufe0f',
];

const UNSEEN = new RegExp(
  [
    UNSAFE.source,
    '[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\uffa0\ufff0-\ufffb]',
    '[\ufe00-\ufe0e\u{e0000}-\u{e0fff}]',
    ...JOINERS,
  ].join('|'),
  'gu',
);

function escapeUnseen(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : escapeCode(found);
}
