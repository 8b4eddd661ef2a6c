import { AgentLogError } from '../../core/errors.ts';
import type { Regrouping } from '../../core/regroup.ts';
import { readCommit } from '../../git/objects.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readRegroups } from '../../ledger/regroups.ts';
import { type ScannedRecord, scanLedger } from '../../ledger/scan.ts';
import { hintAtRemote } from '../hint-remote.ts';
import type { Io } from '../io.ts';
import { withLedger } from '../open.ts';
import { textFlag } from '../open-flags.ts';
import { commitsOfRange } from '../range.ts';
import type { Flags } from '../table.ts';
import { type ListedRecord, renderRecords, renderTxns, txnRows } from '../views/list.ts';

type Filter = (record: ScannedRecord) => boolean;

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const filters = filtersOf(flags);
  const most = maxOf(flags);
  return withLedger(io, async (ledger) => {
    const only = args[0] === undefined ? null : new Set(await commitsOfRange(ledger.repo, args[0]));
    const found = await collect(io, ledger, only, filters);
    found.sort((a, b) => (a.stored.record.id < b.stored.record.id ? 1 : -1));
    if (found.length === 0) await hintAtRemote(io, ledger);
    const regroups = await readRegroups(ledger);
    if (flags['txn'] === true) await printTxns(io, found, regroups, most, flags);
    else await printRecords(io, ledger, found.slice(0, most), regroups, flags);
    return 0;
  });
}

async function collect(
  io: Io,
  ledger: Ledger,
  only: ReadonlySet<string> | null,
  filters: readonly Filter[],
): Promise<ScannedRecord[]> {
  const found: ScannedRecord[] = [];
  let seen = 0;
  let shown = Date.now() + 500;
  for await (const record of scanLedger(ledger, only)) {
    seen++;
    if (filters.every((filter) => filter(record))) found.push(record);
    if (Date.now() < shown) continue;
    shown = Date.now() + 200;
    io.progress(`reading the ledger: ${seen} records`);
  }
  io.progress(null);
  return found;
}

async function printRecords(
  io: Io,
  ledger: Ledger,
  records: readonly ScannedRecord[],
  regroups: Regrouping,
  flags: Flags,
): Promise<void> {
  const listed = await Promise.all(records.map((record) => withSubject(ledger, record)));
  if (flags['json'] === true)
    for (const record of listed) io.print(`${JSON.stringify(recordDocument(record, regroups))}\n`);
  else await io.page(renderRecords(listed, io.paint, io.columns));
}

async function printTxns(
  io: Io,
  records: readonly ScannedRecord[],
  regroups: Regrouping,
  most: number,
  flags: Flags,
): Promise<void> {
  const rows = txnRows(records, regroups).slice(0, most);
  if (flags['json'] === true)
    for (const row of rows) io.print(`${JSON.stringify({ schema: 'agent-log/list-txn/v1', ...row })}\n`);
  else await io.page(renderTxns(rows, io.paint, io.columns));
}

async function withSubject(ledger: Ledger, record: ScannedRecord): Promise<ListedRecord> {
  const commit = await readCommit(ledger.reader, record.object);
  return { ...record, subject: commit?.message.split('\n', 1)[0] ?? null };
}

function recordDocument(
  { object, stored, known: record, binding, subject }: ListedRecord,
  regroups: Regrouping,
): object {
  const { digest } = stored;
  const txn = regroups.txnOf(digest, record.txn);
  return {
    schema: 'agent-log/list/v1',
    commit: object,
    subject,
    record: digest,
    txn,
    regroupedFrom: txn === record.txn ? null : record.txn,
    seq: record.seq,
    recordedAt: record.recordedAt,
    agent: record.agent.name,
    assurance: record.capture.assurance ?? null,
    model: record.model.name,
    sponsor: record.sponsor === null ? null : { name: record.sponsor.name, email: record.sponsor.email },
    sealed: binding?.sealed ?? false,
    files: record.files.length,
    toolCalls: record.toolCalls.length,
  };
}

function filtersOf(flags: Flags): Filter[] {
  const filters: Filter[] = [];
  const since = textFlag(flags, 'since');
  const until = textFlag(flags, 'until');
  const sponsor = textFlag(flags, 'sponsor')?.toLowerCase();
  const agent = textFlag(flags, 'agent');
  const model = textFlag(flags, 'model');
  if (since !== undefined) {
    const from = moment(since, '--since', false);
    filters.push(({ stored }) => Date.parse(stored.record.recordedAt) >= from);
  }
  if (until !== undefined) {
    const to = moment(until, '--until', true);
    filters.push(({ stored }) => Date.parse(stored.record.recordedAt) < to);
  }
  if (sponsor !== undefined)
    filters.push(({ stored }) => sponsorText(stored.record.sponsor).includes(sponsor));
  if (agent !== undefined) filters.push(({ stored }) => stored.record.agent.name === agent);
  if (model !== undefined) filters.push(({ known }) => known.model.name === model);
  return filters;
}

function sponsorText(sponsor: { name: string; email: string } | null): string {
  return sponsor === null ? '' : `${sponsor.name} <${sponsor.email}>`.toLowerCase();
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Milliseconds since 1970 of a day's start (its end for `--until`), local time, or of a moment. */
function moment(text: string, flag: string, endOfDay: boolean): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = Date.parse(isDay ? `${text}T00:00:00` : text);
  if (Number.isNaN(time))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `${flag} is no date: ${text}`, {
      hints: ['Write 2026-11-22, or 2026-11-22T14:00:00Z.'],
    });
  return isDay && endOfDay ? time + DAY_MS : time;
}

function maxOf(flags: Flags): number {
  const text = textFlag(flags, 'max');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,9}$/.test(text))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `--max is no number: ${text}`);
  return Number(text);
}
