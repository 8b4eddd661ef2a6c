import { AgentLogError } from '../errors.ts';

/** What has a JSON text: an object's absent members may be undefined. */
type Jsonable = object | string | number | boolean | null;

/**
 * A value as canonical JSON (RFC 8785): keys in the order of their UTF-16 units, no white space, numbers and texts as
 * ECMAScript writes them. Of plain values only; a member that is undefined is left out. Not made by giving JSON.stringify
 * an object in order: keys that look like numbers come first in any object. Throws BAD_RECORD for what has none: half of a
 * surrogate pair, and what is no number. `amend` is asked what to take in the place of each text.
 */
export function canonicalJson(value: Jsonable, amend: (text: string) => string = asItIs): string {
  if (typeof value === 'string') return canonicalText(amend(value));
  if (typeof value === 'number' && !Number.isFinite(value)) throw noCanonical('what is no number');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Jsonable) => canonicalJson(item, amend)).join(',')}]`;
  const members = Object.entries(value as Record<string, Jsonable | undefined>)
    .filter((entry): entry is [string, Jsonable] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = members.map(([name, item]) => `${canonicalText(amend(name))}:${canonicalJson(item, amend)}`);
  return `{${texts.join(',')}}`;
}

const asItIs = (text: string): string => text;

function canonicalText(text: string): string {
  if (HALF.test(text)) throw noCanonical('half of a surrogate pair');
  return JSON.stringify(text);
}

/** A text as one that has a canonical form: half of a surrogate pair is what decoders make of it. */
export function wholeCharacters(text: string): string {
  return text.replaceAll(HALVES, '\ufffd');
}

const HALF = /\p{Surrogate}/u;
const HALVES = /\p{Surrogate}/gu;

function noCanonical(what: string): AgentLogError {
  return new AgentLogError('BAD_RECORD', 'bug', `${what} has no canonical JSON text`);
}
