import type { Person } from '../../core/person.ts';
import type { ChangeSubject, ExecutionRecord } from '../../core/records/record.ts';
import { compileRiskMatcher } from '../../core/risk/risk.ts';
import { type LoggedCommit, streamLog } from '../../git/history/log-stream.ts';
import { judgeMany } from '../../ledger/binding/judge-many.ts';
import { recordsHeld } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import type { ChangedFile } from '../roster/roster.ts';
import { handsIn } from './hands.ts';

/** Who made a change, and what of it is whose. */
export interface ChangeWork {
  readonly commits: number;
  /** Digests of its records. */
  readonly records: readonly string[];
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
  const records = new Set<string>();
  for await (const { commit, judgement } of judgeMany(ledger, logged.keys())) {
    const held = recordsHeld(judgement.judged).map(({ candidate }) => candidate.record);
    for (const { record, paths } of sharesOf(held, logged.get(commit.oid)?.paths ?? [])) {
      records.add(record.digest);
      if (record.record.sponsor !== null) sponsors.push(record.record.sponsor);
      const txn = regroups.txnOf(record.digest, record.record.txn);
      const own = files.get(txn) ?? new Map<string, ChangedFile>();
      for (const path of paths) own.set(path, { path, classes: classesOf(path) });
      files.set(txn, own);
    }
  }
  return {
    commits: logged.size,
    records: [...records],
    authors: [...logged.values()].flatMap(handsIn),
    sponsors,
    files: new Map([...files].map(([txn, own]) => [txn, [...own.values()]])),
  };
}

/**
 * What of a commit's paths each of its records answers for. A commit is all of its one record's. Of several each has its own files, and
 * what none of them names is everybody's: or it would be nobody's.
 */
export function sharesOf<T extends { readonly record: Pick<ExecutionRecord, 'files'> }>(
  records: readonly T[],
  paths: readonly string[],
): { readonly record: T; readonly paths: ReadonlySet<string> }[] {
  const pathsIn = ({ record }: T): string[] => record.files.map(({ path }) => path);
  const named = new Set(records.length > 1 ? records.flatMap(pathsIn) : []);
  const rest = paths.filter((path) => !named.has(path));
  return records.map((record) => ({ record, paths: new Set([...rest, ...pathsIn(record)]) }));
}
