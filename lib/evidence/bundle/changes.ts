import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import { type Judges, saidBy } from '../../identity/said-of.ts';
import { type Resolution, resolveCommit } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readErasures } from '../../ledger/payloads/erased.ts';
import type { MissingText, ReadTexts } from '../../ledger/payloads/read.ts';
import { describe, fullRecord } from '../../ledger/reading/describe.ts';
import { allTextDigests } from '../../ledger/reading/shown-texts.ts';
import type { ClearText, EvidenceDocument } from './evidence.ts';
import type { Sources } from './sources.ts';
import type { Subject } from './subject.ts';

const AT_ONCE = 50;

/** What each commit of a question turned out to be; a squash with work of several transactions as that of the ones asked for. */
export async function resolveAll(
  ledger: Ledger,
  { commits, txns }: Subject,
  { txnOf }: Regrouping,
  onProgress: (done: number) => void,
): Promise<Resolution[]> {
  const isAsked = ({ digest, record }: StoredRecord<ExecutionRecord>): boolean =>
    txns.includes(txnOf(digest, record.txn));
  const found: Resolution[] = [];
  for (let at = 0; at < commits.length; at += AT_ONCE) {
    const part = commits.slice(at, at + AT_ONCE);
    const resolved = await Promise.all(part.map((oid) => resolveCommit(ledger, oid, isAsked)));
    found.push(...resolved.filter((one) => one !== null));
    onProgress(found.length);
  }
  return found;
}

/** The transactions that commits are shown to be of, as they are called now. */
export function txnsIn(resolutions: readonly Resolution[], { txnOf }: Regrouping): string[] {
  const own = resolutions.flatMap(({ record, alsoHere, binding }) =>
    record === null || binding === 'claimed' ? [] : [record, ...alsoHere],
  );
  return [...new Set(own.map(({ digest, record }) => txnOf(digest, record.txn)))];
}

/** Texts of a question's records, those that go into the bundle and why others do not. */
export interface Texts {
  readonly clear: readonly ClearText[];
  readonly read: ReadTexts;
  /** Why texts can't be read, by record. */
  readonly missing: ReadonlyMap<string, readonly MissingText[]>;
  readonly leftOut: { readonly count: number; readonly why: string } | null;
}

/** More than this in clear nobody reads, and a bundle is to be sent around. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Opens the texts of all records, as far as the maker may. */
export async function openTexts(
  resolutions: readonly Resolution[],
  { textsOf }: Pick<Sources, 'textsOf'>,
): Promise<Texts> {
  const records = resolutions.map(fullRecord).filter((record) => record !== null);
  return textsFor(resolutions, await textsOf(records));
}

/** Takes the texts that fit, those of the first commits first. */
function textsFor(resolutions: readonly Resolution[], read: ReadTexts): Texts {
  const clear = new Map<string, ClearText>();
  const missing = new Map<string, readonly MissingText[]>();
  const over = new Set<string>();
  let left = MOST_BYTES;
  for (const resolution of resolutions) {
    const record = fullRecord(resolution);
    if (record === null || resolution.record === null) continue;
    const digests = [...allTextDigests(record)];
    missing.set(
      resolution.record.digest,
      digests.flatMap((digest) => read.missing.get(digest) ?? []),
    );
    for (const digest of digests) {
      const [text, salted] = [read.texts.get(digest), read.salts.get(digest)];
      if (text === undefined || salted === undefined || clear.has(digest)) continue;
      const size = Buffer.byteLength(text);
      if (size > left) over.add(digest);
      else clear.set(digest, { digest, salt: salted.salt, kind: salted.kind, text });
      left -= size > left ? 0 : size;
    }
  }
  const why = `they would make it larger than ${MOST_BYTES / 1024 / 1024} MB: git agent-log show --full has them`;
  return {
    clear: [...clear.values()],
    read,
    missing,
    leftOut: over.size === 0 ? null : { count: over.size, why },
  };
}

/** No text at all, because nobody wants any. */
export function withoutTexts(resolutions: readonly Resolution[]): Texts {
  const records = resolutions.map(fullRecord).filter((record) => record !== null);
  const count = new Set(records.flatMap((record) => [...allTextDigests(record)])).size;
  const read = { texts: new Map(), salts: new Map(), missing: new Map() };
  const why = 'whoever made the bundle left all texts out (--no-texts)';
  return { clear: [], read, missing: new Map(), leftOut: count === 0 ? null : { count, why } };
}

/** What `show --json` says of each commit. */
export async function describeAll(
  ledger: Ledger,
  resolutions: readonly Resolution[],
  { clear, read }: Texts,
  { regroups, judges, now }: { readonly regroups: Regrouping; readonly judges: Judges; readonly now: number },
): Promise<EvidenceDocument['changes']> {
  const erasures = await readErasures(ledger);
  const texts = new Map(clear.map(({ digest, text }) => [digest, text]));
  const changes: EvidenceDocument['changes'] = [];
  for (const resolution of resolutions) {
    const record = fullRecord(resolution);
    const txn = record?.txn ?? null;
    const erasure = txn === null ? null : erasures.of(txn);
    const about = { commit: resolution.commit.oid, txn, sponsor: record?.sponsor ?? null, erasure };
    const said = await saidBy(ledger, about, now, judges);
    changes.push(describe(resolution, texts, regroups, read.missing, erasure, said));
  }
  return changes;
}
