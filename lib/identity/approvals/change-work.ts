import type { Person } from '../../core/person.ts';
import type { ChangeSubject } from '../../core/records/record.ts';
import { compileRiskMatcher } from '../../core/risk/risk.ts';
import { type LoggedCommit, streamLog } from '../../git/history/log-stream.ts';
import { judgeMany } from '../../ledger/binding/judge-many.ts';
import { strongest } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import type { ChangedFile } from '../roster/roster.ts';
import { handsIn } from './hands.ts';

/** Who made a change, and what of it is whose. */
export interface ChangeWork {
  readonly commits: number;
  readonly authors: readonly Person[];
  /** Those its records name. */
  readonly sponsors: readonly Person[];
  /** Files by transaction, as its commits changed them. */
  readonly files: ReadonlyMap<string, readonly ChangedFile[]>;
}

/** Reads the commits of a change, and the records that are shown to be theirs. */
export async function changeWork(
  ledger: Ledger,
  { base, head }: Pick<ChangeSubject, 'base' | 'head'>,
): Promise<ChangeWork> {
  const logged = new Map<string, LoggedCommit>();
  for await (const commit of streamLog(ledger.repo, base === null ? [head] : [`${base}..${head}`]))
    logged.set(commit.oid, commit);
  const regroups = await readRegroups(ledger);
  const classesOf = compileRiskMatcher();
  const files = new Map<string, Map<string, ChangedFile>>();
  const sponsors: Person[] = [];
  for await (const { commit, judgement } of judgeMany(ledger, logged.keys())) {
    const best = strongest(judgement.judged);
    if (best === null || best.binding === 'claimed') continue;
    const { digest, record } = best.candidate.record;
    if (record.sponsor !== null) sponsors.push(record.sponsor);
    const txn = regroups.txnOf(digest, record.txn);
    const own = files.get(txn) ?? new Map<string, ChangedFile>();
    for (const path of logged.get(commit.oid)?.paths ?? []) own.set(path, { path, classes: classesOf(path) });
    files.set(txn, own);
  }
  return {
    commits: logged.size,
    authors: [...logged.values()].flatMap(handsIn),
    sponsors,
    files: new Map([...files].map(([txn, own]) => [txn, [...own.values()]])),
  };
}
