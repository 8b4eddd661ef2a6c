import { shortOid } from '../core/oid.ts';
import type { ExecutionRecord, LandingRecord, StoredRecord } from '../core/records/record.ts';
import { listCommits } from '../git/history/commit-list.ts';
import { readCommit } from '../git/objects/objects.ts';
import { currentBranch, remoteHeadBranch } from '../git/repository/repository.ts';
import { candidatesOf } from '../ledger/binding/candidates.ts';
import { appendLandings } from '../ledger/binding/landings.ts';
import { type Ledger, readNote } from '../ledger/ledger.ts';
import type { Found } from '../ledger/relink/found.ts';
import { planRelink, type RelinkPlan } from '../ledger/relink/plan.ts';
import type { Works } from '../ledger/relink/works.ts';
import { landingRecord } from './landing-record.ts';

export interface RelinkOptions {
  /** The commits to look at, newest first; without them the newest of the current and of the remote's default branch. */
  readonly commits?: readonly string[];
  /** The records they may hold; without them all of the ledger. */
  readonly works?: Works;
  /** Milliseconds the append may wait for other writers. */
  readonly patience?: number;
  /** Write nothing. */
  readonly dryRun?: boolean;
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly progress?: (text: string) => void;
}

export interface Relinked extends Omit<RelinkPlan, 'found'> {
  readonly landings: readonly LandingRecord[];
  /** There are older commits that were not looked at. */
  readonly hasMore: boolean;
}

/** Commits that are looked at when no range is named. */
export const NEWEST = 1000;

/**
 * Writes landing records for commits that hold work of records which aren't on them: what a host squashed or rebased, what
 * was rewritten where no hook ran. Run again, it changes nothing.
 */
export async function relink(ledger: Ledger, options: RelinkOptions): Promise<Relinked> {
  const { commits, hasMore } = await commitsFor(ledger, options);
  const { found, ...plan } = await planRelink(ledger, commits, options.progress, options.works);
  const branch = await currentBranch(ledger.repo);
  const landings: LandingRecord[] = [];
  for (const one of found) {
    const landing = await landingOf(ledger, one, branch, options.now);
    if (landing !== null) landings.push(landing);
  }
  if (options.dryRun !== true && landings.length > 0)
    await appendLandings(ledger, landings, {
      identity: options.identity,
      message: messageOf(landings),
      ...(options.patience === undefined ? {} : { patience: options.patience }),
    });
  return { ...plan, landings, hasMore };
}

async function commitsFor(
  ledger: Ledger,
  { commits }: RelinkOptions,
): Promise<{ commits: readonly string[]; hasMore: boolean }> {
  if (commits !== undefined) return { commits, hasMore: false };
  const head = await readCommit(ledger.reader, 'HEAD');
  const remote = await remoteHeadBranch(ledger.repo);
  const theirs = remote === null ? null : await readCommit(ledger.reader, `refs/remotes/origin/${remote}`);
  const revisions = [head, theirs].flatMap((commit) => commit?.oid ?? []);
  const found =
    revisions.length === 0 ? [] : await listCommits(ledger.repo, { revisions, limit: NEWEST + 1 });
  return { commits: (found ?? []).slice(0, NEWEST), hasMore: (found?.length ?? 0) > NEWEST };
}

async function landingOf(
  ledger: Ledger,
  { commit, work, grade, sealed, proof, range }: Found,
  branch: string | null,
  now: number,
): Promise<LandingRecord | null> {
  const stored = await storedOf(ledger, work);
  if (stored === null) return null;
  const { from } = work;
  const how = { grade, sealed, proof, via: 'relink', branch, now };
  return landingRecord(ledger, { stored, from, commit, ...how, ...(range === undefined ? {} : { range }) });
}

async function storedOf(
  ledger: Ledger,
  { from, digest }: Found['work'],
): Promise<StoredRecord<ExecutionRecord> | null> {
  const here = candidatesOf(await readNote(ledger, from));
  return here.find(({ record }) => record.digest === digest)?.record ?? null;
}

function messageOf(landings: readonly LandingRecord[]): string {
  const [first] = landings;
  const subject =
    landings.length === 1 && first
      ? `agent-log: ${first.txn} landed in ${shortOid(first.commit)}`
      : `agent-log: ${landings.length} landings`;
  const lines = landings.map(({ commit, record }) => `${commit} ${record}`);
  return `${subject}\n\n${lines.join('\n')}\n\nVia: relink\n`;
}
