import type { Redaction } from '../core/generated/execution-v1.types.ts';
import type { ExecutionRecord } from '../core/records/record.ts';
import { redactTexts, sumRedactions } from '../core/records/redact.ts';
import type { PiiSettings } from '../core/secrets/pii.ts';
import type { ScannedRecord } from '../ledger/reading/scan.ts';

/** What today's rules find in a record of before: never the text, only which rules and how often. */
export interface DryRedaction {
  readonly commit: string;
  readonly txn: string;
  readonly record: string;
  /** Texts of the record that are in this clone, and those that are not. */
  readonly texts: number;
  readonly absent: number;
  readonly inTexts: readonly Redaction[];
  /** In what the ledger itself says in words: names, references, paths, gaps. */
  readonly inLedger: readonly Redaction[];
}

/** Texts by digest, as far as this clone has them. */
export type TextSource = (records: readonly ExecutionRecord[]) => Promise<ReadonlyMap<string, string>>;

export interface DryRedactionOptions {
  readonly pii: PiiSettings;
  readonly texts: TextSource;
  readonly progress?: (done: number) => void;
}

const AT_ONCE = 50;

/** Looks through records and their texts for what would be taken out if they were written today. Changes nothing. */
export async function dryRedaction(
  found: readonly ScannedRecord[],
  { pii, texts, progress }: DryRedactionOptions,
): Promise<DryRedaction[]> {
  const results: DryRedaction[] = [];
  for (let at = 0; at < found.length; at += AT_ONCE) {
    progress?.(at);
    const part = found.slice(at, at + AT_ONCE);
    const known = await texts(part.map(({ stored }) => stored.record));
    for (const one of part) results.push(await lookAt(one, known, pii));
  }
  return results;
}

async function lookAt(
  { object, stored: { record, digest } }: ScannedRecord,
  known: ReadonlyMap<string, string>,
  pii: PiiSettings,
): Promise<DryRedaction> {
  const strings = [...stringsIn(record)];
  const digests = [...new Set(strings.filter(isTextDigest))];
  const texts = digests.flatMap((one) => known.get(one) ?? []);
  const words = [...new Set(strings.filter((one) => !NO_WORDS.test(one)))];
  // Names and labels name people: only secrets are looked for there, as when they were written.
  const [inTexts, inLedger] = [await redactTexts(texts, pii), await redactTexts(words)];
  return {
    commit: object,
    txn: record.txn,
    record: digest,
    texts: texts.length,
    absent: digests.length - texts.length,
    inTexts: sumRedactions(inTexts.map((one) => one.found)),
    inLedger: sumRedactions(inLedger.map((one) => one.found)),
  };
}

/** Digests of every text a record names. */
export function textDigestsIn(record: ExecutionRecord): Set<string> {
  return new Set([...stringsIn(record)].filter(isTextDigest));
}

function isTextDigest(text: string): boolean {
  return text.startsWith('hmac-sha256:');
}

/** Ids, digests and moments. */
const NO_WORDS =
  /^(?:(?:hmac-)?sha256:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-HJKMNP-TV-Z]{26}|\d{4}-\d{2}-\d{2}T[\d:.]{8,13}Z)$/;

/** Every string of a value, its keys aside. */
function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* stringsIn(inner);
}
