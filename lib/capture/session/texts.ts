import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { textDigest } from '../../core/digest.ts';
import type { Redaction } from '../../core/generated/execution-v1.types.ts';
import { redactTexts, sumRedactions } from '../../core/records/redact.ts';
import { PII_DEFAULTS, type PiiSettings } from '../../core/secrets/pii.ts';
import { appendPrivately, makeFolder, readRegularFile } from '../../ledger/notes/files.ts';
import type { Place } from '../place.ts';

/** What a record holds of a text. */
export interface TextRef {
  readonly digest: string;
  readonly size: number;
  readonly cut?: number;
}

/** A text as it lies in the session's folder: redacted, with the salt its digest needs. */
export interface StoredText {
  readonly digest: string;
  readonly salt: string;
  readonly kind: string;
  readonly text: string;
}

export interface PreparedTexts {
  readonly refs: readonly TextRef[];
  readonly stored: readonly StoredText[];
  readonly redactions: readonly Redaction[];
}

/** Longest text kept, in characters; what is over is cut before anything is hashed. */
export const MAX_TEXT: number = 512 * 1024;
const BEYOND_CUT = 16 * 1024;
const MAX_STORE_BYTES = 256 * 1024 * 1024;

/** Redacts, cuts and salts texts; `pii` says what is done with personal data. Pure but for the randomness of the salts. */
export async function prepareTexts(
  texts: readonly { readonly kind: string; readonly text: string }[],
  pii: PiiSettings = PII_DEFAULTS,
): Promise<PreparedTexts> {
  // Looked at beyond the cut: half a secret would not be known for one.
  const redacted = await redactTexts(
    texts.map(({ text }) => text.slice(0, MAX_TEXT + BEYOND_CUT)),
    pii,
  );
  const prepared = redacted.map((part, i) =>
    prepareText(texts[i]?.kind ?? '', texts[i]?.text ?? '', part.text.slice(0, MAX_TEXT)),
  );
  return {
    refs: prepared.map(({ ref }) => ref),
    stored: prepared.map(({ stored }) => stored),
    redactions: sumRedactions(redacted.map(({ found }) => found)),
  };
}

/** Appends texts to a session's store, readable by the user alone. */
export async function storeTexts(place: Place, session: string, texts: readonly StoredText[]): Promise<void> {
  if (texts.length === 0) return;
  const folder = join(place.sessions, session);
  await makeFolder(folder);
  await appendPrivately(
    join(folder, 'texts.jsonl'),
    `\n${texts.map((text) => JSON.stringify(text)).join('\n')}\n`,
  );
}

/** The texts of a session that have one of these digests and hash to it. */
export async function loadTexts(
  place: Place,
  session: string,
  digests: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const stored = await loadStored(place, session, digests);
  return new Map(stored.map(({ digest, text }) => [digest, text]));
}

/** Gives this clone a copy of texts that another one keeps of the same session. */
export async function copyTexts(
  from: Place,
  to: Place,
  session: string,
  digests: ReadonlySet<string>,
): Promise<void> {
  const here = await loadTexts(to, session, digests);
  const missing = new Set([...digests].filter((digest) => !here.has(digest)));
  if (missing.size > 0) await storeTexts(to, session, await loadStored(from, session, missing));
}

/** The same, each with what its digest needs. */
export async function loadStored(
  place: Place,
  session: string,
  digests: ReadonlySet<string>,
): Promise<StoredText[]> {
  const bytes = await readRegularFile(join(place.sessions, session, 'texts.jsonl'), MAX_STORE_BYTES);
  return (bytes?.toString('utf8').split('\n') ?? []).flatMap((line) => {
    const text = digests.has(line.slice(11, 11 + 76)) ? parseStored(line) : null;
    const isWhole = text !== null && textDigest(Buffer.from(text.salt, 'base64'), text.text) === text.digest;
    return isWhole ? [text] : [];
  });
}

function prepareText(kind: string, original: string, text: string): { ref: TextRef; stored: StoredText } {
  const salt = randomBytes(32);
  const digest = textDigest(salt, text);
  const cut = Buffer.byteLength(original.slice(MAX_TEXT));
  const ref = { digest, size: Buffer.byteLength(original), ...(cut > 0 ? { cut } : {}) };
  return { ref, stored: { digest, salt: salt.toString('base64'), kind, text } };
}

function parseStored(line: string): StoredText | null {
  try {
    const value = JSON.parse(line) as StoredText;
    return typeof value.text === 'string' && typeof value.salt === 'string' ? value : null;
  } catch {
    return null;
  }
}
