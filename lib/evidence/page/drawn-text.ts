import { canonicalJson } from '../../core/canonical-json.ts';
import { wellFormed } from '../../core/escape.ts';

/** A document as canonical JSON, half letters replaced: the same for the page that is drawn and the file that is read. */
export function drawnText(document: object): string {
  return canonicalJson(JSON.parse(JSON.stringify(document), whole) as object);
}

function whole(_: string, value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [wellFormed(key), item as unknown]));
}
