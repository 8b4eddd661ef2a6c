import { AgentLogError } from '../../core/errors.ts';
import type { Agent, Model } from '../../core/generated/execution-v1.types.ts';
import { type LoggedCommit, streamCommits, streamLog } from '../../git/history/log-stream.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { classify, type Signal } from '../../identity/agents/marks.ts';
import { readSignals } from '../../identity/agents/signals.ts';
import { toldBy } from '../../identity/agents/told-by.ts';
import { landedRecords } from '../../ledger/binding/landed.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { scanLedger } from '../../ledger/reading/scan.ts';
import { label } from '../agents/payload.ts';
import { type ExistingWork, txnOfSource } from '../existing/work.ts';
import { type Candidate, type Group, type Grouping, groupByName, groupCommits } from './groups.ts';
import { findSession } from './sessions.ts';
import type { TxnMap } from './txn-map.ts';

/** Which commits to adopt. Of ranges those an agent made; the others because somebody names them. */
export interface AdoptRequest {
  readonly ranges: readonly string[];
  readonly commits: readonly string[];
  readonly map: TxnMap | null;
  readonly by: Grouping;
  /** Name of the agent and of the model, where a commit names none. */
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
}

/** One commit to adopt, with what it says of its agent. */
export interface PlannedCommit {
  readonly commit: string;
  readonly agent: Agent;
  readonly model: Model;
}

export interface PlannedTxn {
  readonly txn: string;
  readonly source: ExistingWork['source'];
  readonly commits: readonly PlannedCommit[];
}

/** What an adoption would write, and what it leaves alone and why. */
export interface AdoptPlan {
  readonly txns: readonly PlannedTxn[];
  readonly left: { readonly recorded: number; readonly human: number; readonly unknown: number };
}

interface Looked {
  readonly candidate: Candidate;
  readonly planned: PlannedCommit;
}

/** Works out what to adopt. Writes nothing. Throws NOT_FOUND for a commit nobody knows, BAD_ARGUMENT for one in two groups. */
export async function planAdoption(
  ledger: Ledger,
  request: AdoptRequest,
  onProgress: (seen: number) => void = () => undefined,
): Promise<AdoptPlan> {
  const known = await readKnown(ledger);
  const names = request.map === null ? null : await resolveMap(ledger, request.map);
  const named = new Set([...(names?.keys() ?? []), ...(await resolveAll(ledger, request.commits))]);
  const looked = new Map<string, Looked>();
  const left = { recorded: 0, human: 0, unknown: 0 };
  for await (const [commit, signals] of readCommits(ledger, request.ranges, [...named])) {
    if (looked.has(commit.oid)) continue;
    const authorship = classify(signals);
    const wanted = authorship === 'agent' || named.has(commit.oid);
    if (!wanted) left[authorship === 'human' ? 'human' : 'unknown']++;
    looked.set(commit.oid, await lookAt(ledger, commit, signals, wanted, request));
    onProgress(looked.size);
  }
  const candidates = [...looked.values()].map(({ candidate }) => candidate);
  const wanted = candidates.filter((one) => one.wanted).map(({ commit }) => commit);
  const recorded = await recordedAmong(ledger, wanted, known);
  left.recorded = recorded.size;
  const groups =
    names === null
      ? groupCommits(candidates, request.by)
      : groupByName(candidates, (commit) => names.get(commit));
  return { txns: groups.flatMap((group) => planTxn(group, { ...known, recorded }, looked)), left };
}

/** A group without what is on record; nothing when all of it is. */
function planTxn(group: Group, known: Known, looked: ReadonlyMap<string, Looked>): PlannedTxn[] {
  const { source, startedAt } = group;
  const commits = group.commits
    .filter((commit) => !known.recorded.has(commit))
    .flatMap((commit) => looked.get(commit)?.planned ?? []);
  const txn = known.txns.get(`${source.format} ${source.unit}`) ?? txnOfSource(source, startedAt);
  return commits.length === 0 ? [] : [{ txn, source, commits }];
}

async function lookAt(
  ledger: Ledger,
  commit: LoggedCommit,
  signals: readonly Signal[],
  wanted: boolean,
  request: AdoptRequest,
): Promise<Looked> {
  const session = wanted ? await findSession(ledger.reader, commit, signals) : null;
  const told = toldBy(commit.message, signals);
  const agent = label(session?.agent ?? told.agent ?? request.agent ?? 'unknown');
  const model = session?.model ?? told.model ?? request.model ?? null;
  return {
    candidate: {
      commit: commit.oid,
      parents: commit.parents,
      committedAt: commit.committedAt,
      wanted,
      agent,
      session,
      isSquash: /^[^\n]* \(#\d+\)\r?(?:\n|$)/.test(commit.message),
    },
    planned: {
      commit: commit.oid,
      agent: { name: agent, version: null, sessionId: session?.sessionId ?? null, chain: [] },
      model: { provider: null, name: model === null ? null : label(model) },
    },
  };
}

/** Commits of the ranges, then the named ones, each with its signs. */
async function* readCommits(
  ledger: Ledger,
  ranges: readonly string[],
  named: readonly string[],
): AsyncGenerator<[LoggedCommit, Signal[]]> {
  const { signalsOf } = await readSignals(ledger.repo);
  const { repo } = ledger;
  if (ranges.length > 0)
    for await (const commit of streamLog(repo, ranges, false)) yield [commit, signalsOf(commit)];
  for await (const commit of streamCommits(repo, named)) yield [commit, signalsOf(commit)];
}

/** What the ledger has: commits with a record, and the transaction of each source. */
interface Known {
  readonly recorded: ReadonlySet<string>;
  readonly txns: ReadonlyMap<string, string>;
}

/** What was rewritten since has its record on another commit's note. */
async function recordedAmong(
  ledger: Ledger,
  commits: readonly string[],
  { recorded }: Known,
): Promise<Set<string>> {
  const found = new Set(commits.filter((commit) => recorded.has(commit)));
  const open = new Set(commits.filter((commit) => !recorded.has(commit)));
  for await (const { object } of landedRecords(ledger, open)) found.add(object);
  return found;
}

async function readKnown(ledger: Ledger): Promise<Known> {
  const recorded = new Set<string>();
  const txns = new Map<string, string>();
  for await (const { object, stored } of scanLedger(ledger)) {
    recorded.add(object);
    const { capture, txn } = stored.record;
    if (capture.source === undefined) continue;
    const key = `${capture.source.format} ${capture.source.unit}`;
    const other = txns.get(key);
    if (other === undefined || txn < other) txns.set(key, txn);
  }
  return { recorded, txns };
}

async function resolveAll(ledger: Ledger, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => readCommit(ledger.reader, name)));
  const missing = names.filter((_, i) => found[i] === null);
  if (missing.length > 0) throw notFound(missing);
  return found.flatMap((commit) => commit?.oid ?? []);
}

/** Full ids and the name each is under. */
async function resolveMap(ledger: Ledger, map: TxnMap): Promise<Map<string, string>> {
  const entries = [...map].flatMap(([name, ids]) => ids.map((id) => ({ name, id })));
  const found = await Promise.all(entries.map(({ id }) => readCommit(ledger.reader, id)));
  // A branch may be called like an id: it is not meant.
  const missing = entries.filter(({ id }, i) => found[i]?.oid.startsWith(id) !== true);
  if (missing.length > 0) throw notFound(missing.map(({ id }) => id));
  const names = new Map<string, string>();
  for (const [i, { name }] of entries.entries()) {
    const oid = found[i]?.oid ?? '';
    const other = names.get(oid) ?? name;
    if (other !== name) throw inTwo(oid, other, name);
    names.set(oid, name);
  }
  return names;
}

const MOST_NAMED = 5;

function notFound(names: readonly string[]): AgentLogError {
  const shown = names.slice(0, MOST_NAMED).map((name) => `'${name.slice(0, 80)}'`);
  const more = names.length - shown.length;
  return new AgentLogError(
    'NOT_FOUND',
    'answer',
    `no commits are called ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    { hints: ['Name commits as git does, and ranges with two dots: main..topic. Fetch what is not here.'] },
  );
}

function inTwo(oid: string, one: string, other: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `${oid} is in '${one}' and in '${other}'`, {
    hints: ['A commit belongs to one transaction.'],
  });
}
