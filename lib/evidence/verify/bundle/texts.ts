import { textDigest } from '../../../core/digest.ts';
import type { Note } from '../../../ledger/ledger.ts';
import type { Report } from '../report.ts';
import { parseBounded } from './manifest.ts';
import type { BundleSource } from './source.ts';

const FILE = 'texts.json';

/** Texts whose digests hold, by digest. */
export type ProvenTexts = ReadonlyMap<string, string>;

/** Whether each text is the one a record names: its HMAC under the salt beside it is a digest of a record here. */
export async function checkBundleTexts(
  source: BundleSource,
  notes: readonly Note[],
  report: Report,
): Promise<ProvenTexts> {
  const proven = new Map<string, string>();
  const bytes = await source.read(FILE);
  if (bytes === null) {
    report.unknown('texts', FILE, 'there is none: no text is in the bundle in clear');
    return proven;
  }
  const named = digestsIn(notes);
  const entries = entriesOf(parseBounded(bytes));
  if (entries === null) report.fails('texts', FILE, 'it is no list of texts');
  for (const entry of entries ?? []) {
    report.checked('texts');
    const problem = problemOf(entry, named);
    if (problem !== null) report.fails('texts', entry.digest, problem);
    else proven.set(entry.digest, entry.text);
  }
  return proven;
}

interface TextEntry {
  readonly digest: string;
  readonly salt: string;
  readonly text: string;
}

/** The texts in texts.json; null where it is no list of them. */
export function entriesOf(value: object | string): TextEntry[] | null {
  const list: unknown = Array.isArray(value) ? value : (value as { texts?: unknown }).texts;
  if (typeof value === 'string' || !Array.isArray(list)) return null;
  const entries = list.map((one: unknown) => entryOf(one));
  return entries.includes(null) ? null : entries.filter((one) => one !== null);
}

function entryOf(one: unknown): TextEntry | null {
  if (typeof one !== 'object' || one === null) return null;
  const { digest, salt, text } = one as Record<string, unknown>;
  if (typeof digest !== 'string' || typeof salt !== 'string' || typeof text !== 'string') return null;
  return { digest, salt, text };
}

function problemOf({ digest, salt, text }: TextEntry, named: ReadonlySet<string>): string | null {
  const bytes = Buffer.from(salt, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== salt) return 'its salt is not 32 bytes in base64';
  if (textDigest(bytes, text) !== digest) return 'the text is not the one its digest names';
  return named.has(digest) ? null : 'no record here names it';
}

/** Digests of texts that the records name, wherever in them. */
function digestsIn(notes: readonly Note[]): Set<string> {
  const digests = new Set<string>();
  for (const { text } of notes)
    for (const [digest] of text.matchAll(/hmac-sha256:[0-9a-f]{64}/g)) digests.add(digest);
  return digests;
}
