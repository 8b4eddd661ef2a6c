import type { Binding } from '../core/records/binding.ts';
import type { ExecutionRecord } from '../core/records/record.ts';
import type { Regrouping } from '../core/records/regroup.ts';
import { type BlamedRun, blame } from '../git/diffs/blame.ts';
import { shallowCommits } from '../git/repository/shallow.ts';
import { foreignNotes } from '../identity/agents/foreign-notes.ts';
import { classify, type Signal, signalsOf } from '../identity/agents/marks.ts';
import { answeredCommits } from '../identity/answered-commits.ts';
import { type Resolution, resolveCommit } from '../ledger/binding/resolve.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readRegroups } from '../ledger/told/regroups.ts';
import { findWhyFile, type WhyFile } from './why-file.ts';

/** A run of lines of the file, and where it began in the commit that changed it last. */
export interface WhyRun {
  readonly from: number;
  readonly to: number;
  readonly sourceFrom: number;
}

/** A commit that changed some of the lines last, and what is known of it. */
export interface WhyCommit {
  readonly commit: string;
  readonly subject: string;
  /** `Name <email>`. */
  readonly author: string;
  /** What the file was called in this commit. */
  readonly path: string;
  readonly lines: number;
  readonly runs: readonly WhyRun[];
  readonly authorship: 'agent' | 'human' | 'unknown';
  readonly binding: Binding;
  readonly sealed: boolean;
  /** Whose content the file is in this commit, as its record has it; null without a record. */
  readonly by: ExecutionRecord['files'][number]['by'] | null;
  /** The transaction the record belongs to now. */
  readonly txn: string | null;
  readonly record: ExecutionRecord | null;
  readonly digest: string | null;
  /** The sponsor the record names has signed that they answer for it. */
  readonly isAnsweredFor: boolean;
  readonly signals: readonly Signal[];
  readonly problems: readonly string[];
  /** A shallow clone ends here: the lines may be older than this commit. */
  readonly shallow: boolean;
}

/** Who the lines of a file, or some of them, come from. */
export interface Why {
  readonly file: WhyFile;
  readonly lines: number;
  readonly uncommitted: readonly WhyRun[];
  /** The one with most lines first. */
  readonly commits: readonly WhyCommit[];
}

export interface WhyOptions {
  /** Null: the worktree. */
  readonly revision: string | null;
  /** When signatures are judged, in milliseconds since 1970; now, unless it is given. */
  readonly now?: number;
  /** Called as lines are found, and as commits are looked up. */
  readonly progress?: (text: string) => void;
}

const AT_ONCE = 16;

/**
 * Traces lines to commits, and commits to their records. Lines come from one blame; a commit without a record of ours is
 * classified by the marks it bears, as `scan` does.
 */
export async function explainLines(ledger: Ledger, given: string, options: WhyOptions): Promise<Why> {
  const file = await findWhyFile(ledger, given, options.revision);
  const [runs, notes, shallow, regroups] = await Promise.all([
    blamedRuns(ledger, file, options),
    foreignNotes(ledger.repo),
    shallowCommits(ledger.repo),
    readRegroups(ledger),
  ]);
  const byCommit = groupByCommit(runs);
  const found = [...byCommit].filter((entry): entry is [string, BlamedRun[]] => entry[0] !== null);
  const read: Omit<WhyCommit, 'isAnsweredFor'>[] = [];
  for (let at = 0; at < found.length; at += AT_ONCE) {
    options.progress?.(`reading records: ${at} of ${found.length} commits`);
    const part = found.slice(at, at + AT_ONCE).map(async ([oid, own]) => {
      const resolution = await resolveCommit(ledger, oid);
      if (resolution === null) return [];
      return [whyCommit(resolution, own, notes.get(oid) ?? [], shallow.has(oid), regroups)];
    });
    read.push(...(await Promise.all(part)).flat());
  }
  const commits = await withAnswers(ledger, read, options.now ?? Date.now());
  commits.sort((a, b) => b.lines - a.lines || firstLine(a) - firstLine(b));
  return { file, lines: countLines(runs), uncommitted: joined(byCommit.get(null) ?? []), commits };
}

/** Only a signature shows that a sponsor answers for a commit: a name from a flag or a setting is asserted. */
async function withAnswers(
  ledger: Ledger,
  commits: readonly Omit<WhyCommit, 'isAnsweredFor'>[],
  now: number,
): Promise<WhyCommit[]> {
  const works = commits.flatMap(({ commit, record }) =>
    record === null || record.sponsor === null ? [] : [{ commit, txn: record.txn, sponsor: record.sponsor }],
  );
  const answered = await answeredCommits(ledger, works, now);
  return commits.map((one) => ({ ...one, isAnsweredFor: answered.has(one.commit) }));
}

async function blamedRuns(ledger: Ledger, file: WhyFile, { progress }: WhyOptions): Promise<BlamedRun[]> {
  const { path, revision, lines } = file;
  const all = lines === null ? file.lineCount : lines.to - lines.from + 1;
  const place = { ...ledger.repo, cwd: ledger.repo.top ?? ledger.repo.gitDir };
  const runs: BlamedRun[] = [];
  let done = 0;
  for await (const run of blame(place, { path, revision, lines })) {
    runs.push(run);
    done += run.to - run.from + 1;
    progress?.(`asking git who changed what: ${done} of ${all} lines`);
  }
  return runs;
}

function groupByCommit(runs: readonly BlamedRun[]): Map<string | null, BlamedRun[]> {
  const groups = new Map<string | null, BlamedRun[]>();
  for (const run of runs) {
    const group = groups.get(run.commit);
    if (group === undefined) groups.set(run.commit, [run]);
    else group.push(run);
  }
  return groups;
}

function whyCommit(
  resolution: Resolution,
  runs: readonly BlamedRun[],
  notes: readonly Signal[],
  shallow: boolean,
  regroups: Regrouping,
): Omit<WhyCommit, 'isAnsweredFor'> {
  const { commit, binding, sealed, problems } = resolution;
  // A claim without proof is told as a problem, and no story is built on it.
  const stored = binding === 'claimed' || binding === 'none' ? null : resolution.record;
  const author = withoutTime(commit.author);
  const signals = [
    ...signalsOf({ author, committer: withoutTime(commit.committer), message: commit.message }),
    ...notes,
  ];
  const path = runs[0]?.path ?? '';
  return {
    commit: commit.oid,
    subject: commit.message.split('\n', 1)[0] ?? '',
    author,
    path,
    lines: countLines(runs),
    runs: joined(runs),
    authorship: stored === null ? classify(signals) : 'agent',
    binding,
    sealed,
    by: stored?.record.files.find((file) => file.path === path)?.by ?? null,
    txn: stored === null ? null : regroups.txnOf(stored.digest, stored.record.txn),
    record: stored?.record ?? null,
    digest: stored?.digest ?? null,
    signals,
    problems,
    shallow,
  };
}

/** `Name <email>` of a commit's header line, whose end is the time. */
function withoutTime(identity: string): string {
  return identity.replace(/ \d+ [+-]\d{4}$/, '');
}

function countLines(runs: readonly BlamedRun[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

function firstLine({ runs }: WhyCommit): number {
  return runs[0]?.from ?? 0;
}

/** Runs in order; those that follow on in the file and in the commit are one. git finds them in pieces. */
function joined(runs: readonly BlamedRun[]): WhyRun[] {
  const all: { from: number; to: number; sourceFrom: number }[] = [];
  for (const { from, to, sourceFrom } of [...runs].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last?.to === from - 1 && last.sourceFrom + (from - last.from) === sourceFrom) last.to = to;
    else all.push({ from, to, sourceFrom });
  }
  return all;
}
