import { claimedTrailers } from '../core/records/trailers.ts';
import { compileRiskMatcher, RISK_CLASSES, type RiskClass, type RiskMatcher } from '../core/risk/risk.ts';
import { type LoggedCommit, streamLog } from '../git/history/log-stream.ts';
import { classify, type Signal } from '../identity/agents/marks.ts';
import { readSignals } from '../identity/agents/signals.ts';
import { landedOn, landedRecords } from '../ledger/binding/landed.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type ScannedRecord, scanLedger } from '../ledger/reading/scan.ts';
import { type NotesElsewhere, notesElsewhere } from './notes-elsewhere.ts';

/** What of the evidence for a commit is there. */
export type Evidence = 'record' | 'seal' | 'sponsor' | 'task' | 'model' | 'other-tool';

export interface ScannedCommit {
  readonly commit: string;
  readonly subject: string;
  /** RFC 3339, UTC. */
  readonly committedAt: string;
  readonly authorship: 'agent' | 'human' | 'unknown';
  readonly signals: readonly Signal[];
  readonly has: readonly Evidence[];
  readonly lacks: readonly Evidence[];
  readonly classes: readonly RiskClass[];
  /** The first path of the riskiest class. */
  readonly riskiest: string | null;
}

export interface ScanSummary {
  readonly commits: number;
  readonly agent: number;
  readonly human: number;
  readonly unknown: number;
  /** Agent commits with a record of ours. */
  readonly recorded: number;
  readonly agents: Readonly<Record<string, number>>;
  /** Agent commits without a record, by risk class. */
  readonly unrecordedByClass: Readonly<Partial<Record<RiskClass, number>>>;
  /** Notes of agents' tools on commits that were not scanned. */
  readonly notes: NotesElsewhere;
}

const WANTED: readonly Evidence[] = ['record', 'seal', 'sponsor', 'task', 'model'];

/**
 * Classifies every commit of a range, newest first. Needs nothing installed and writes nothing. At the end it tells of the
 * notes it met no commit for.
 */
export async function* scanCommits(
  ledger: Ledger,
  range: readonly string[],
  elsewhere?: (notes: NotesElsewhere) => void,
): AsyncGenerator<ScannedCommit> {
  const [{ signalsOf, noted }, records] = await Promise.all([readSignals(ledger.repo), ownRecords(ledger)]);
  const classesOf = compileRiskMatcher();
  // The ledger has entries that are on no commit, or tell of one that no agent made.
  const isWork = (object: string, signals: readonly Signal[]): boolean =>
    records.found.has(object) || !signals.every(isOurNote);
  const unmet = new Set([...noted].flatMap(([object, signals]) => (isWork(object, signals) ? [object] : [])));
  for await (const part of inParts(streamLog(ledger.repo, range))) {
    await addNamed(ledger, records, part);
    for (const commit of part) {
      unmet.delete(commit.oid);
      const has = records.found.get(commit.oid) ?? null;
      const signals = signalsOf(commit).filter((signal) => has !== null || !isOurNote(signal));
      yield scannedCommit(commit, signals, has, classesOf);
    }
  }
  elsewhere?.(await notesElsewhere(ledger, [...unmet]));
}

/** Counts over a scan, built up commit by commit. */
export function newSummary(): {
  add: (commit: ScannedCommit) => void;
  elsewhere: (notes: NotesElsewhere) => void;
  summary: () => ScanSummary;
} {
  const counts = { commits: 0, agent: 0, human: 0, unknown: 0, recorded: 0 };
  const agents = new Map<string, number>();
  const byClass = new Map<RiskClass, number>();
  let notes: NotesElsewhere = { outside: 0, missing: 0 };
  return {
    add(commit) {
      counts.commits++;
      counts[commit.authorship]++;
      if (commit.authorship !== 'agent') return;
      for (const agent of new Set(commit.signals.map(({ agent: name }) => name)))
        agents.set(agent, (agents.get(agent) ?? 0) + 1);
      if (commit.has.includes('record')) counts.recorded++;
      else for (const risk of commit.classes) byClass.set(risk, (byClass.get(risk) ?? 0) + 1);
    },
    elsewhere(found) {
      notes = found;
    },
    summary: () => ({
      ...counts,
      notes,
      agents: Object.fromEntries(agents),
      unrecordedByClass: Object.fromEntries(byClass),
    }),
  };
}

/** Keeps the riskiest agent commits without a record, the riskiest first, then the newest. */
export function newRiskiest(most: number): {
  add: (commit: ScannedCommit) => void;
  list: () => readonly ScannedCommit[];
} {
  const groups = new Map<number, ScannedCommit[]>();
  return {
    add(commit) {
      const [risk] = commit.classes;
      if (commit.authorship !== 'agent' || risk === undefined || commit.has.includes('record')) return;
      const rank = RISK_CLASSES.indexOf(risk);
      const group = groups.get(rank) ?? [];
      if (group.length < most) group.push(commit);
      groups.set(rank, group);
    },
    list: () =>
      [...groups]
        .sort(([a], [b]) => a - b)
        .flatMap(([, group]) => group)
        .slice(0, most),
  };
}

function scannedCommit(
  commit: LoggedCommit,
  signals: readonly Signal[],
  record: ReadonlySet<Evidence> | null,
  classesOf: RiskMatcher,
): ScannedCommit {
  const authorship = classify(signals);
  const found = new Map<RiskClass, string>();
  for (const path of commit.paths)
    for (const risk of classesOf(path)) if (!found.has(risk)) found.set(risk, path);
  const classes = found.size === 0 ? [] : RISK_CLASSES.filter((risk) => found.has(risk));
  const other = signals.some(({ kind, agent }) => kind === 'note' && agent !== 'git-agent-log');
  const has: Evidence[] = [
    ...WANTED.filter((item) => record?.has(item) === true),
    ...(other ? (['other-tool'] as const) : []),
  ];
  return {
    commit: commit.oid,
    subject: commit.message.split('\n', 1)[0] ?? '',
    committedAt: new Date(commit.committedAt * 1000).toISOString(),
    authorship,
    signals,
    has,
    lacks: authorship === 'agent' ? WANTED.filter((item) => !has.includes(item)) : [],
    classes,
    riskiest: classes[0] === undefined ? null : (found.get(classes[0]) ?? null),
  };
}

/** A note that says something landed here, which the commit does not bear out, is nobody's mark on it. */
function isOurNote({ kind, agent }: Signal): boolean {
  return kind === 'note' && agent === 'git-agent-log';
}

/** Commits that are looked at together, so that few processes serve those that name records. */
const AT_ONCE = 200;

async function* inParts(commits: AsyncIterable<LoggedCommit>): AsyncGenerator<readonly LoggedCommit[]> {
  let part: LoggedCommit[] = [];
  for await (const commit of commits) {
    part.push(commit);
    if (part.length < AT_ONCE) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** What of the evidence each commit has, and the digests of all records there are. */
interface OwnRecords {
  readonly found: Map<string, Set<Evidence>>;
  readonly digests: ReadonlySet<string>;
}

/** Records are read once, and only where there is a ledger. */
async function ownRecords(ledger: Ledger): Promise<OwnRecords> {
  const found = new Map<string, Set<Evidence>>();
  const digests = new Set<string>();
  for await (const record of scanLedger(ledger)) {
    digests.add(record.stored.digest);
    addEvidence(found, record, record.binding?.sealed === true);
  }
  for await (const record of landedRecords(ledger)) addEvidence(found, record, record.sealed);
  return { found, digests };
}

/** What a host squashed, picked or rebased names its records, and no landing tells of it yet. */
async function addNamed(
  ledger: Ledger,
  { found, digests }: OwnRecords,
  commits: readonly LoggedCommit[],
): Promise<void> {
  const isNaming = ({ message }: LoggedCommit): boolean =>
    claimedTrailers(message).records.some((digest) => digests.has(digest));
  const open = digests.size === 0 ? [] : commits.filter((one) => !found.has(one.oid) && isNaming(one));
  const named = open.map(({ oid }) => oid);
  for await (const record of landedOn(ledger, named)) addEvidence(found, record, record.sealed);
}

function addEvidence(
  found: Map<string, Set<Evidence>>,
  { object, stored: { record } }: ScannedRecord,
  sealed: boolean,
): void {
  const has = found.get(object) ?? new Set<Evidence>();
  has.add('record');
  if (sealed) has.add('seal');
  if (record.sponsor !== null) has.add('sponsor');
  if (record.task !== null) has.add('task');
  if (record.model.name !== null) has.add('model');
  found.set(object, has);
}
