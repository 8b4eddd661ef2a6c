import { type ImportOptions, type ImportReport, importRecords } from '../../lib/capture/imports/import.ts';
import type { ImportFormat } from '../../lib/capture/imports/source.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { type ScannedRecord, scanLedger } from '../../lib/ledger/reading/scan.ts';
import { IDENTITY, NOW } from './records.ts';
import type { TestRepo } from './repo.ts';

/** Opens the ledger of a test's repository for some work. */
export async function withLedger<T>(repo: TestRepo, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir, foreign: true }));
  try {
    return await use(ledger);
  } finally {
    ledger.close();
  }
}

/** Imports as the program does, at a fixed time. */
export function importInto(
  repo: TestRepo,
  format: ImportFormat,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return withLedger(repo, (ledger) =>
    importRecords(ledger, { format, identity: IDENTITY, now: NOW, ...options }),
  );
}

/** Every execution record there is, in the order they were made. */
export function recordsOf(repo: TestRepo): Promise<ScannedRecord[]> {
  return withLedger(repo, async (ledger) => {
    const all: ScannedRecord[] = [];
    for await (const one of scanLedger(ledger)) all.push(one);
    return all.sort((a, b) => (a.stored.record.id < b.stored.record.id ? -1 : 1));
  });
}

/** What became of each item. */
export function statuses({ items }: ImportReport): string[] {
  return items.map(({ status }) => status);
}
