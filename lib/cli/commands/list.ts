import { AgentLogError } from '../../core/errors.ts';
import type { DecisionRecord } from '../../core/records/record.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import { RISK_CLASSES, type RiskClass } from '../../core/risk/risk.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { landedRecords } from '../../ledger/binding/landed.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Erasures, erasedTexts, readErasures } from '../../ledger/payloads/erased.ts';
import { contentLook } from '../../ledger/reading/content-look.ts';
import { presentCommits } from '../../ledger/reading/present.ts';
import type { ScannedRecord } from '../../ledger/reading/scan.ts';
import {
  contentFilterOf,
  newestFirst,
  type RecordQuery,
  selectRecords,
} from '../../ledger/reading/select.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { readTold } from '../../ledger/told/told.ts';
import { STAGES } from '../../policy/rules/policy.ts';
import { withAskedLedger } from '../shared/far.ts';
import { hintAtRemote } from '../shared/hint-remote.ts';
import { momentFlag } from '../shared/moments.ts';
import { txnsOfMr } from '../shared/mr-txns.ts';
import { textFlag } from '../shared/open-flags.ts';
import { oneOf } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { progressOf } from '../terminal/progress.ts';
import { type ListedRecord, renderRecords, renderTxns, txnRows } from '../views/list.ts';
import { madeAs } from '../views/list-lines.ts';
import { count } from '../views/text.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const query = queryOf(flags);
  const most = maxOf(flags);
  return withAskedLedger(io, flags, null, async (ledger) => {
    const range = args[0] === undefined ? null : new Set(await commitsOfRange(ledger.repo, args[0]));
    const byTxn = flags['txn'] === true;
    const found = await select(io, ledger, {
      ...query,
      ...(await txnQuery(ledger, flags)),
      ...(range === null ? {} : { only: range }),
      // Of so many transactions nobody knows how many records they have.
      ...(byTxn ? {} : { most }),
    });
    if (found.length === 0) await hintAtRemote(io, ledger);
    const said = await readSaid(ledger);
    if (byTxn) await printTxns(io, found, said, most, flags);
    else {
      const shown = range === null ? await whereNowOrSay(io, ledger, found) : found;
      await printRecords(io, ledger, shown, said, flags);
    }
    return 0;
  });
}

/** What was said afterwards of transactions: one look-up each, however many are listed. */
interface Said {
  readonly regroups: Regrouping;
  readonly erasures: Erasures;
}

async function readSaid(ledger: Ledger): Promise<Said> {
  const [regroups, erasures] = await Promise.all([readRegroups(ledger), readErasures(ledger)]);
  return { regroups, erasures };
}

async function select(io: Io, ledger: Ledger, asked: RecordQuery): Promise<ScannedRecord[]> {
  const progress = progressOf(io);
  let seen = 0;
  const contents = asked.class === undefined ? undefined : await contentLook(ledger);
  const query = { ...asked, ...(contents === undefined ? {} : { contents }) };
  const found = await selectRecords(ledger, query, () => {
    seen++;
    progress.say(() => `reading the ledger: ${seen} records`);
  });
  const landed = query.only === undefined ? [] : await landedIn(ledger, query, query.only, found);
  progress.end();
  const left = contents?.passedOver() ?? 0;
  if (left > 0)
    io.say(
      `hint: ${left} files were not looked into for their class, only their paths; name a range, or --since\n`,
    );
  return [...found, ...landed].sort(newestFirst).slice(0, query.most);
}

/** Records whose work is in a range and that were not made in it; each once, with the first commit of it that has it. */
async function landedIn(
  ledger: Ledger,
  query: RecordQuery,
  only: ReadonlySet<string>,
  found: readonly ScannedRecord[],
): Promise<ScannedRecord[]> {
  const isWanted = contentFilterOf(query);
  const madeAs = new Map(found.map(({ stored, object }) => [stored.digest, object]));
  const newestToOldest = new Map([...only].map((commit, at) => [commit, at]));
  const placeOf = ({ object }: ScannedRecord): number => newestToOldest.get(object) ?? 0;
  const landed = new Map<string, ScannedRecord>();
  for await (const one of landedRecords(ledger, only, (digest, commit) => madeAs.get(digest) === commit)) {
    const { digest } = one.stored;
    const other = landed.get(digest);
    if (madeAs.has(digest) || (other !== undefined && placeOf(other) > placeOf(one))) continue;
    if (await isWanted(one)) landed.set(digest, one);
  }
  return [...landed.values()];
}

async function printRecords(
  io: Io,
  ledger: Ledger,
  records: readonly ScannedRecord[],
  said: Said,
  flags: Flags,
): Promise<void> {
  const listed = await Promise.all(records.map((record) => inFull(ledger, record, said)));
  if (flags['json'] === true)
    for (const record of listed) io.print(`${JSON.stringify(recordDocument(record, said))}\n`);
  else await io.page(renderRecords(listed, io.paint, io.columns));
}

async function printTxns(
  io: Io,
  records: readonly ScannedRecord[],
  { regroups, erasures }: Said,
  most: number,
  flags: Flags,
): Promise<void> {
  const rows = txnRows(records, regroups, erasures).slice(0, most);
  if (flags['json'] === true)
    for (const row of rows) io.print(`${JSON.stringify({ schema: 'agent-log/list-txn/v1', ...row })}\n`);
  else await io.page(renderTxns(rows, io.paint, io.columns));
}

/** Without git nobody can tell which commits a rewrite made of others: what it concerns is told as it was made. */
async function whereNowOrSay(
  io: Io,
  ledger: Ledger,
  records: readonly ScannedRecord[],
): Promise<ScannedRecord[]> {
  if (!ledger.repo.far?.run) return whereNow(ledger, records);
  const moved = records.filter(({ landings }) => landings.length > 0).length;
  if (moved > 0)
    io.say(
      `note: ${count(moved, 'record')} told with the commit it was made as: only git can tell where its work is now.\n`,
    );
  return [...records];
}

/** Records with the commit their work is in now. */
async function whereNow(ledger: Ledger, records: readonly ScannedRecord[]): Promise<ScannedRecord[]> {
  const placed = records.map((record) => ({ ...record, commit: record.object }));
  const present = await presentCommits(ledger, placed);
  return placed.map((one) => ({ ...one, object: present.get(one)?.[0] ?? one.object }));
}

async function inFull(ledger: Ledger, record: ScannedRecord, { erasures }: Said): Promise<ListedRecord> {
  const commit = await readCommit(ledger.reader, record.object);
  const subject = commit?.message.split('\n', 1)[0] ?? null;
  return { ...record, subject, erased: erasedTexts(erasures.of(record.known.txn)) };
}

function recordDocument(listed: ListedRecord, { regroups }: Said): object {
  const { object, stored, known: record, binding, subject, erased } = listed;
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
    madeAs: madeAs(listed),
    amends: record.amends ?? null,
    sealed: binding?.sealed ?? false,
    erased,
    files: record.files.length,
    toolCalls: record.toolCalls.length,
  };
}

function queryOf(flags: Flags): RecordQuery {
  const since = momentFlag(flags, 'since', false);
  const until = momentFlag(flags, 'until', true);
  const sponsor = textFlag(flags, 'sponsor');
  const agent = textFlag(flags, 'agent');
  const model = textFlag(flags, 'model');
  const risk = textFlag(flags, 'class');
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(sponsor === undefined ? {} : { sponsor }),
    ...(agent === undefined ? {} : { agent }),
    ...(model === undefined ? {} : { model }),
    ...(risk === undefined ? {} : { class: riskClass(risk) }),
  };
}

/** Transactions of a merge request, and of decisions of a stage or with a result. */
async function txnQuery(ledger: Ledger, flags: Flags): Promise<Pick<RecordQuery, 'txns'>> {
  const mr = textFlag(flags, 'mr');
  const stage = oneOf(flags, 'stage', STAGES);
  const result = oneOf(flags, 'result', RESULTS);
  const ofMr = mr === undefined ? null : new Set(await txnsOfMr(ledger, mr));
  if (stage === undefined && result === undefined) return ofMr === null ? {} : { txns: ofMr };
  const decisions = (await readTold(ledger, 'decision')).map(({ stored }) => stored.record);
  const decided = decisions
    .filter((one) => stage === undefined || one.stage === stage)
    .filter((one) => result === undefined || one.result === result);
  const txns = decided.flatMap((one) => one.txns).filter((txn) => ofMr === null || ofMr.has(txn));
  return { txns: new Set(txns) };
}

const RESULTS: readonly DecisionRecord['result'][] = ['pass', 'fail', 'warn', 'error', 'skip'];

function riskClass(text: string): RiskClass {
  const known = RISK_CLASSES.find((one) => one === text);
  if (known !== undefined) return known;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `--class is no risk class: ${text}`, {
    hints: [`There are: ${RISK_CLASSES.join(', ')}.`],
  });
}

function maxOf(flags: Flags): number {
  const text = textFlag(flags, 'max');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,9}$/.test(text))
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `--max is no number: ${text}`, {
      hints: ['Write --max 20.'],
    });
  return Number(text);
}
