import type { Binding } from '../../core/records/binding.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { completed } from '../../core/records/supplement.ts';
import { type LoggedCommit, streamLog } from '../../git/history/log-stream.ts';
import { classify } from '../../identity/agents/marks.ts';
import { readSignals } from '../../identity/agents/signals.ts';
import { personIn } from '../../identity/approvals/hands.ts';
import { isService, type Roster } from '../../identity/roster/roster.ts';
import type { Judged } from '../../ledger/binding/judge.ts';
import { type JudgedCommit, judgeInParts } from '../../ledger/binding/judge-many.ts';
import { noteProblems, recordsHeld, strongest } from '../../ledger/binding/resolve.ts';
import type { Ledger, Note } from '../../ledger/ledger.ts';

/** A record with all that became known of it later. */
export interface HeldRecord {
  readonly digest: string;
  readonly record: ExecutionRecord;
}

/** One commit of a range, with the records that are shown to be its own. */
export interface RangeCommit {
  readonly oid: string;
  readonly logged: LoggedCommit;
  readonly isMerge: boolean;
  /** By its record, or by what it looks like. */
  readonly isAgent: boolean;
  /** Agents its looks name. */
  readonly agents: readonly string[];
  /** Several where they were squashed into it; none where nothing is shown to be its record. */
  readonly records: readonly HeldRecord[];
  readonly binding: Binding;
  readonly sealed: boolean;
  readonly note: Note | null;
  readonly problems: readonly string[];
}

/** Every commit of a range, newest first, judged as `show` judges one. `progress` is told how many are done. */
export async function rangeCommits(
  ledger: Ledger,
  range: readonly string[],
  progress: (done: number) => void = () => undefined,
): Promise<RangeCommit[]> {
  const [{ signalsOf }, logged] = await Promise.all([
    readSignals(ledger.repo),
    collect(streamLog(ledger.repo, range)),
  ]);
  const judged = new Map<string, JudgedCommit>();
  for await (const part of judgeInParts(
    ledger,
    logged.map(({ oid }) => oid),
  )) {
    for (const one of part) if (one.judged !== null) judged.set(one.oid, one.judged);
    progress(judged.size);
  }
  return logged.map((commit) => {
    const found = judged.get(commit.oid)?.judgement ?? null;
    const best = found === null ? null : strongest(found.judged);
    const records = recordsHeld(found?.judged ?? []).map(heldRecord);
    // That the ledger tells something of a commit is no sign of an agent: a decision lies there, too.
    const signals = signalsOf(commit).filter(
      ({ kind, agent }) => kind !== 'note' || agent !== 'git-agent-log',
    );
    const claims = found !== null && found.claims.records.length + found.claims.txns.length > 0;
    return {
      oid: commit.oid,
      logged: commit,
      isMerge: commit.parents.length > 1,
      isAgent: records.length > 0 || claims || classify(signals) === 'agent',
      agents: [...new Set(signals.filter(({ kind }) => kind !== 'automation').map(({ agent }) => agent))],
      records,
      binding: best?.binding ?? (claims ? 'claimed' : 'none'),
      sealed: best?.sealed ?? false,
      note: found?.note ?? null,
      problems: [...noteProblems(found?.note ?? null), ...(found?.problems ?? [])],
    };
  });
}

function heldRecord({ candidate: { record, supplements } }: Judged): HeldRecord {
  const { digest, record: sealed } = record;
  const known = supplements.length === 0 ? {} : completed(sealed, digest, supplements);
  return { digest, record: { ...sealed, ...known } };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The same, with commits in the name of a service as an agent's: nobody sits behind one. */
export function withServices(roster: Roster, commits: readonly RangeCommit[]): RangeCommit[] {
  return commits.map((commit) => {
    const { author, committer } = commit.logged;
    const isServices = [author, committer].some((text) => isService(roster, personIn(text).email));
    return isServices ? { ...commit, isAgent: true } : commit;
  });
}
