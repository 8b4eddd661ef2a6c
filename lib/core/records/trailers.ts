import type { Person } from '../person.ts';

/** The trailers that seal a commit, in the order they are written. */
export const SEAL_KEYS = ['Agent-Txn', 'Agent-Record', 'Agent-Sponsor'] as const;

/** The trailer that names a record. */
export const RECORD_KEY: (typeof SEAL_KEYS)[1] = SEAL_KEYS[1];

export interface SealTrailers {
  readonly txn: string;
  readonly record: string;
  readonly sponsor: Person | null;
  readonly assistedBy: string;
}

/** What a commit message claims. Nothing here is proof: a trailer only nominates. */
export interface ClaimedTrailers {
  readonly txns: readonly string[];
  readonly records: readonly string[];
}

/** Trailer lines of a seal, `Key: value`, values made harmless. */
export function sealLines(seal: SealTrailers): string[] {
  const lines = [`Agent-Txn: ${seal.txn}`, `Agent-Record: ${seal.record}`];
  if (seal.sponsor !== null) {
    lines.push(`Agent-Sponsor: ${trailerValue(seal.sponsor.name)} <${trailerValue(seal.sponsor.email)}>`);
  }
  lines.push(`Assisted-by: ${trailerValue(seal.assistedBy)}`);
  return lines;
}

/** Reads our trailers on every line: squash bodies bury them mid-text, indent them or put a bullet before them. */
export function claimedTrailers(message: string): ClaimedTrailers {
  return {
    txns: unique(
      upper,
      message.matchAll(/^[ \t>*+-]*Agent-Txn:[ \t]*([0-7][0-9A-HJKMNP-TV-Z]{25})[ \t]*\r?$/gim),
    ),
    records: unique(
      lower,
      message.matchAll(/^[ \t>*+-]*Agent-Record:[ \t]*(sha256:[0-9a-f]{64})[ \t]*\r?$/gim),
    ),
  };
}

/**
 * A message without our seal: the trailer lines at the start of a line, so that a new seal replaces an inherited one.
 * Indented ones, as squash bodies have them, are history and stay.
 */
export function withoutSeal(message: string): string {
  const lines = message.split('\n');
  return lines.filter((line, i) => !isSeal(line) && !isOurAssistedBy(line, lines[i - 1])).join('\n');
}

function isSeal(line: string): boolean {
  return /^Agent-(Txn|Record|Sponsor):/i.test(line);
}

/** Assisted-by is everybody's trailer: only one that stands directly below our own lines is ours to take away. */
function isOurAssistedBy(line: string, above: string | undefined): boolean {
  return /^Assisted-by:/i.test(line) && above !== undefined && /^Agent-(Record|Sponsor):/i.test(above);
}

function trailerValue(text: string): string {
  const clean = text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069<>]/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
  return Array.from(clean).slice(0, 200).join('');
}

const upper = (text: string): string => text.toUpperCase();
const lower = (text: string): string => text.toLowerCase();

/** Values as they are stored, however a message spells them. */
function unique(spell: (text: string) => string, matches: Iterable<RegExpMatchArray>): string[] {
  return [...new Set([...matches].map((match) => spell(match[1] ?? '')))];
}
