import type { ChangeSubject } from '../../core/records/record.ts';
import { changedFiles } from '../../git/diffs/changed-files.ts';
import { gitText } from '../../git/process/runner.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { ChangedFile } from '../facts.ts';
import { fileFacts } from './changed.ts';
import { type RangeCommit, rangeCommits } from './range-commits.ts';

/** What a change is made of. */
export interface LookedAt {
  /** Newest first. */
  readonly commits: readonly RangeCommit[];
  readonly files: readonly ChangedFile[];
  /** Commits of the target that the change does not have. */
  readonly behind: number;
}

/** Looks at every commit and every file of a change. `progress` is told how many commits are done. */
export async function lookAt(
  ledger: Ledger,
  subject: ChangeSubject,
  progress?: (done: number) => void,
): Promise<LookedAt> {
  const { repo, reader } = ledger;
  const { base, head, targetCommit } = subject;
  const [commits, changed, behind] = await Promise.all([
    rangeCommits(ledger, [head, ...(base === null ? [] : [`^${base}`])], progress),
    changedFiles(repo, base ?? emptyTree(repo.format), head),
    targetCommit === null ? '0' : gitText(repo, 'rev-list', '--count', `${head}..${targetCommit}`),
  ]);
  return { commits, files: await fileFacts(reader, changed, commits), behind: Number(behind) };
}

/** Transactions whose work is among some commits. */
export function txnsOf(commits: readonly RangeCommit[]): string[] {
  return [...new Set(commits.flatMap(({ records }) => records.map(({ record }) => record.txn)))].sort();
}
