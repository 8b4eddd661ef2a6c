import { digestHex, recordDigest } from '../../core/digest.ts';
import { escapeTerminal, wellFormed } from '../../core/escape.ts';
import { isMoment } from '../../core/utc-time.ts';

/**
 * Text from outside as OSCAL's strings are: on one line, no white space around it, not empty, of characters that its XML form
 * has, too.
 */
export function oscalText(text: string): string {
  const plain = wellFormed(escapeTerminal(text)).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
  return plain.trim() || '-';
}

/** The same where OSCAL takes Markdown, with its quotation marks and parameters: no text from outside is markup there. */
export function oscalMarkup(text: string): string {
  return oscalText(text)
    .replaceAll(/[\\`*_{}[\]<>"^~|&]/g, (found) => `\\${found}`)
    .replace(/^[#+=-]|(?<=^\d{1,9})[.)](?=\s|$)/, (found) => `\\${found}`);
}

/** A name as OSCAL's tokens are: of letters, digits, dots, hyphens and underscores, a letter or underscore first. */
export function oscalToken(text: string): string {
  const plain = text.replaceAll(/[^\p{L}\p{N}._-]/gu, '_');
  return /^[\p{L}_]/u.test(plain) ? plain : `_${plain}`;
}

/** The same of a name that has to stay apart from others: what was left out of it comes back as the beginning of its digest. */
export function oscalOwnToken(text: string): string {
  const token = oscalToken(text);
  return token === text ? token : `${token}-${digestHex(recordDigest(text)).slice(0, 16)}`;
}

/** Whether OSCAL has the time of a record: one that there is, in the years 1900 to 2999. */
export function isOscalTime(text: string): boolean {
  return isMoment(text) && /^(?:19|2\d)/.test(text);
}

const LAST_SECOND = Date.UTC(2999, 11, 31, 23, 59, 59) / 1000;

/** A time of git (seconds since 1970) as OSCAL has it; what is later than any is the last one. */
export function oscalTime(seconds: number): string {
  return new Date(Math.min(seconds, LAST_SECOND) * 1000).toISOString();
}
