import { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import { isUlidPrefix } from '../../core/ulid.ts';
import type { SaidAbout } from '../../identity/said-of.ts';
import { type Resolution, resolveCommit } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Erasure, type Erasures, readErasures } from '../../ledger/payloads/erased.ts';
import { describe, fullRecord, type SaidOfChange, type ShowDocument } from '../../ledger/reading/describe.ts';
import { allTextDigests, textDigests } from '../../ledger/reading/shown-texts.ts';
import { type FoundTxn, findTxn } from '../../ledger/reading/txn.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { hasTold } from '../../ledger/told/told.ts';
import { hintAtRemote } from '../shared/hint-remote.ts';
import { readTexts } from '../shared/record-texts.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { isTerminal } from '../terminal/write-out.ts';
import { renderShow } from '../views/show.ts';
import { renderTxn } from '../views/txn.ts';

/** What others told of a commit and its transaction. */
export type SayingsOf = (ledger: Ledger, about: SaidAbout, now: number) => Promise<SaidOfChange>;

/** Says what is known of a commit or a transaction. Gives the exit code. `sayingsOf` is asked where anything was told at all. */
export async function answerShow(
  io: Io,
  ledger: Ledger,
  name: string,
  flags: Flags,
  sayingsOf: SayingsOf,
): Promise<number> {
  const meanwhile = askMeanwhile(ledger, sayingsOf, io.now);
  const resolution = await resolveCommit(ledger, name);
  // A commit that names a record says by itself how to get it.
  if (resolution?.record == null && !resolution?.claims.records.length) await hintAtRemote(io, ledger);
  if (resolution !== null) return showCommit(io, ledger, resolution, meanwhile, flags);
  const found = isUlidPrefix(name) ? await findTxn(ledger, name.toUpperCase()) : null;
  if (found !== null) return showTxn(io, ledger, found, meanwhile, flags);
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit or transaction is called '${name}'`, {
    hints: [
      'A transaction is named by its id, or by 8 or more of its first characters; `git agent-log list` shows them.',
    ],
  });
}

/** What concerns every record, asked of git in the same breath as the commit. */
interface Meanwhile {
  readonly regroups: Promise<Regrouping>;
  readonly erasures: Promise<Erasures>;
  readonly said: (
    resolution: Resolution,
    record: ExecutionRecord | null,
    erasure: Erasure | null,
  ) => Promise<SaidOfChange>;
}

function askMeanwhile(ledger: Ledger, sayingsOf: SayingsOf, now: number): Meanwhile {
  const asked = { regroups: readRegroups(ledger), erasures: readErasures(ledger) };
  const told = hasTold(ledger);
  // Whoever waits for them is told. Nobody does where the commit itself can't be read.
  for (const answer of [asked.regroups, asked.erasures, told]) answer.catch(() => undefined);
  const said: Meanwhile['said'] = async ({ commit }, record, erasure) =>
    (await told) || erasure !== null
      ? sayingsOf(
          ledger,
          { commit: commit.oid, txn: record?.txn ?? null, sponsor: record?.sponsor ?? null, erasure },
          now,
        )
      : {};
  return { ...asked, said };
}

async function showCommit(
  io: Io,
  ledger: Ledger,
  resolution: Resolution,
  meanwhile: Meanwhile,
  flags: Flags,
): Promise<number> {
  if (flags['raw'] === true) return showRaw(io, resolution);
  const document = await documentOf(io, ledger, resolution, meanwhile, flags);
  if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
  else
    await io.page(
      renderShow(document, { paint: io.paint, columns: io.columns, full: flags['full'] === true }),
    );
  return exitCodeFor(document, resolution);
}

function showRaw(io: Io, resolution: Resolution): number {
  const text = resolution.note?.text ?? '';
  io.print(isTerminal() ? escapeTerminal(text, true) : text);
  return resolution.note === null ? 1 : 0;
}

async function showTxn(
  io: Io,
  ledger: Ledger,
  found: FoundTxn,
  meanwhile: Meanwhile,
  flags: Flags,
): Promise<number> {
  const regroups = await meanwhile.regroups;
  // A squash may hold the work of several transactions: here it is told as that of the one asked for.
  const isOfTxn = ({ digest, record }: StoredRecord<ExecutionRecord>): boolean =>
    regroups.txnOf(digest, record.txn) === found.txn;
  const resolutions = await Promise.all(found.commits.map((oid) => resolveCommit(ledger, oid, isOfTxn)));
  const present = resolutions.filter((resolution) => resolution !== null);
  if (flags['raw'] === true) {
    for (const resolution of present) showRaw(io, resolution);
    return 0;
  }
  const documents = await Promise.all(
    present.map((resolution) => documentOf(io, ledger, resolution, meanwhile, flags)),
  );
  if (flags['json'] === true)
    io.print(`${JSON.stringify({ schema: 'agent-log/txn/v1', ...found, commits: documents })}\n`);
  else
    await io.page(
      renderTxn(found, documents, { paint: io.paint, columns: io.columns, full: flags['full'] === true }),
    );
  return 0;
}

async function documentOf(
  { env }: Io,
  ledger: Ledger,
  resolution: Resolution,
  { regroups, erasures, said }: Meanwhile,
  flags: Flags,
): Promise<ShowDocument> {
  const record = fullRecord(resolution);
  const records = record === null ? [] : [record];
  const wanted = flags['full'] === true ? allTextDigests : textDigests;
  const { texts, missing } = await readTexts(ledger, records, wanted, env, erasures);
  const erasure = record === null ? null : (await erasures).of(record.txn);
  const sayings = await said(resolution, record, erasure);
  return describe(resolution, texts, await regroups, missing, erasure, sayings);
}

/** 1 when there is nothing to show, 3 when what is stored is not what the commit names. */
function exitCodeFor(document: ShowDocument, resolution: Resolution): number {
  if (resolution.note !== null && !document.integrity.ok) return 3;
  return document.authorship === 'agent' ? 0 : 1;
}
