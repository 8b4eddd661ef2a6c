import type { CaptureSource, ExecutionRecord } from '../../core/generated/execution-v1.types.ts';
import { isExecution, isReadable, parseLine } from '../../core/records/record.ts';
import { landedRecords } from '../../ledger/binding/landed.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { scanLedger } from '../../ledger/reading/scan.ts';

/** The last record of a transaction: what the next one follows. */
export interface Link {
  readonly seq: number;
  readonly digest: string;
}

/** What the ledger has already: each commit's sources, and the last record of each transaction. */
export interface Known {
  readonly recorded: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  readonly last: ReadonlyMap<string, Link>;
}

export async function readKnown(ledger: Ledger, commits: ReadonlySet<string>): Promise<Known> {
  const recorded = new Set<string>();
  const sources = new Set<string>();
  const last = new Map<string, Link>();
  for await (const { object, stored } of scanLedger(ledger)) {
    const { capture, txn, seq } = stored.record;
    recorded.add(object);
    if (capture.source !== undefined) sources.add(keyOf({ commit: object, ...capture }));
    if (seq > (last.get(txn)?.seq ?? 0)) last.set(txn, { seq, digest: stored.digest });
  }
  for await (const { object } of landedRecords(ledger, commits)) recorded.add(object);
  return { recorded, sources, last };
}

/** The sources that lines of a note name. */
export function sourcesIn(lines: readonly string[]): Set<string> {
  const parsed = lines.filter((line) => line.includes('"source"')).map(parseLine);
  const records = parsed.filter(isReadable).filter(isExecution);
  return new Set(records.flatMap(({ record }) => (record.capture.source ? [sourceKey(record)] : [])));
}

export function sourceKey({ capture }: ExecutionRecord): string {
  return keyOf({ commit: '', ...capture });
}

/** What there is one record of. What a file says is firmer than what was asserted before, so it is a second one. */
export function keyOf(about: {
  readonly commit: string;
  readonly assurance?: string;
  readonly source?: CaptureSource;
}): string {
  return `${about.commit} ${about.assurance ?? ''} ${about.source?.format ?? ''} ${about.source?.unit ?? ''}`;
}
