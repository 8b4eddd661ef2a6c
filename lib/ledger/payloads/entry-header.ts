import { isUlid } from '../../core/ulid.ts';
import { badPayload } from './bad-payload.ts';
import { LEVELS, type Level } from './level.ts';

/** Why a text of the record is not in its payload, though the level would have it there. */
export type LeftOut = 'text-limit' | 'record-limit' | 'session-limit';

/** What anybody may read of a payload entry: ids and digests, which the record holds as well. */
export interface EntryHeader {
  readonly txn: string;
  /** Digest of the record whose texts these are. */
  readonly record: string;
  /** Id of the data key. */
  readonly key: string;
  readonly level: Level;
  /** Digests of the texts in it. One that another entry of the transaction holds is not repeated. */
  readonly texts: readonly string[];
  readonly left?: readonly { readonly digest: string; readonly why: LeftOut }[];
}

const MAGIC = 'agent-log/payload/v1\n';
const MAX_HEADER_BYTES = 4 * 1024 * 1024;

/** The two lines an entry begins with: what it is, and its header as JSON. */
export function encodeHeader({ txn, record, key, level, texts, left = [] }: EntryHeader): Buffer {
  const value = { txn, record, key, level, texts, ...(left.length === 0 ? {} : { left }) };
  return Buffer.from(`${MAGIC}${JSON.stringify(value)}\n`, 'utf8');
}

/** The header an entry begins with, and how many bytes that takes. Throws BAD_PAYLOAD. */
export function parseHeader(bytes: Buffer): { readonly header: EntryHeader; readonly length: number } {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw badPayload('it is none, or of a newer kind');
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(10, MAGIC.length);
  if (end < 0) throw badPayload('it is cut off');
  const value = parsed(bytes.toString('utf8', MAGIC.length, end));
  if (!isHeader(value)) throw badPayload('its header says not what a header says');
  const { txn, record, key, level, texts, left } = value;
  const header = { txn, record, key, level, texts, ...(left === undefined ? {} : { left }) };
  return { header, length: end + 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badPayload('its header is no JSON', cause);
  }
}

function isHeader(value: unknown): value is EntryHeader {
  if (typeof value !== 'object' || value === null) return false;
  const { txn, record, key, level, texts, left = [] } = value as Record<string, unknown>;
  return (
    matches(txn, (text) => isUlid(text)) &&
    matches(record, (text) => /^sha256:[0-9a-f]{64}$/.test(text)) &&
    matches(key, (text) => /^[0-9a-f]{32}$/.test(text)) &&
    LEVELS.some((known) => known === level) &&
    Array.isArray(texts) &&
    texts.every(isTextDigest) &&
    Array.isArray(left) &&
    left.every(isLeftOut)
  );
}

function isTextDigest(value: unknown): boolean {
  return matches(value, (text) => /^hmac-sha256:[0-9a-f]{64}$/.test(text));
}

const WHYS: readonly unknown[] = ['text-limit', 'record-limit', 'session-limit'];

function isLeftOut(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { digest, why } = value as Record<string, unknown>;
  return isTextDigest(digest) && WHYS.includes(why);
}

function matches(value: unknown, fits: (text: string) => boolean): boolean {
  return typeof value === 'string' && fits(value);
}
