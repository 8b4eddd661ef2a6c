import { canonicalJson, wholeCharacters } from '../../core/json/canonical.ts';

/** A document as canonical JSON, half letters replaced: the same for the page that is drawn and the file that is read. */
export function drawnText(document: object): string {
  return canonicalJson(document, wholeCharacters);
}
