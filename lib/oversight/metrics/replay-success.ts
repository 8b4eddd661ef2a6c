import { groupBy } from '../../core/lists.ts';
import type { ReplayRecord } from '../../core/records/record.ts';
import { share, tally } from './figures.ts';

type Verdict = ReplayRecord['verdict'];
export type ReplayMode = ReplayRecord['mode'];

/** What came of replaying transactions in one way. */
export interface ReplayRate {
  /** Transactions that were replayed: each with its latest verdict. */
  readonly eligible: number;
  readonly success: number;
  readonly inconclusive: number;
  /** Success of all: what could not be told counts against it. */
  readonly assuredRate: number | null;
  /** Success of those that could be told. */
  readonly conclusiveRate: number | null;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

export interface ReplaySuccess extends ReplayRate {
  readonly mode: ReplayMode;
  readonly byClass: Readonly<Record<string, ReplayRate>>;
}

/** The worst first: a transaction is as good as the worst of its commits. */
const WORST_FIRST: readonly Verdict[] = [
  'invalid',
  'failed',
  'divergent',
  'inconclusive',
  'accepted',
  'equivalent',
  'identical',
  'skipped',
];

const MODES: readonly ReplayMode[] = ['verify', 'calls', 'rerun'];

/** The replays up to a moment, by mode. `classesOf` tells the risk classes of a record by its digest. */
export function replaySuccess(
  replays: readonly ReplayRecord[],
  classesOf: (record: string) => readonly string[],
  until: number,
): ReplaySuccess[] {
  const known = replays.filter(
    ({ recordedAt, verdict }) => Date.parse(recordedAt) <= until && verdict !== 'skipped',
  );
  return MODES.map((mode) => {
    const txns = txnsOf(known.filter((one) => one.mode === mode));
    const classes = [...new Set(txns.flatMap(({ records }) => records.flatMap(classesOf)))].sort();
    const byClass = classes.map((name) => {
      const touching = txns.filter(({ records }) => records.some((one) => classesOf(one).includes(name)));
      return [name, rateOf(touching.map(({ verdict }) => verdict))] as const;
    });
    return {
      mode,
      ...rateOf(txns.map(({ verdict }) => verdict)),
      byClass: Object.fromEntries(byClass),
    };
  }).filter(({ eligible }) => eligible > 0);
}

interface ReplayedTxn {
  readonly verdict: Verdict;
  readonly records: readonly string[];
}

/** Of each record only the last attempt counts, and of each transaction the worst of its records. */
function txnsOf(replays: readonly ReplayRecord[]): ReplayedTxn[] {
  const latest = [...groupBy(replays, subjectOf).values()].map((attempts) => attempts.reduce(later));
  return [...groupBy(latest, ({ txn, commit }) => txn ?? commit).values()].map((parts) => ({
    verdict: parts.map(({ verdict }) => verdict).reduce(worse),
    records: parts.flatMap(({ record }) => (record === null ? [] : [record])),
  }));
}

function subjectOf({ record, commit }: ReplayRecord): string {
  return `${record ?? ''} ${commit}`;
}

function later(a: ReplayRecord, b: ReplayRecord): ReplayRecord {
  const [one, other] = [Date.parse(a.recordedAt), Date.parse(b.recordedAt)];
  if (one !== other) return one > other ? a : b;
  if (a.id !== b.id) return a.id > b.id ? a : b;
  // Two with one id, in a ledger somebody made up: the worse of them, for everybody.
  return worse(a.verdict, b.verdict) === a.verdict ? a : b;
}

function worse(a: Verdict, b: Verdict): Verdict {
  return WORST_FIRST.indexOf(a) <= WORST_FIRST.indexOf(b) ? a : b;
}

function rateOf(verdicts: readonly Verdict[]): ReplayRate {
  const count = (...wanted: readonly Verdict[]): number =>
    verdicts.filter((verdict) => wanted.includes(verdict)).length;
  const success = count('identical', 'equivalent', 'accepted');
  return {
    eligible: verdicts.length,
    success,
    inconclusive: count('inconclusive'),
    assuredRate: share(success, verdicts.length),
    conclusiveRate: share(success, success + count('divergent', 'failed', 'invalid')),
    verdicts: tally(verdicts),
  };
}
