import type { LandingRecord } from '../../core/records/record.ts';
import { commitsBetween } from '../../git/history/commit-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Ledger } from '../ledger.ts';
import { filesAgree } from '../notes/left-files.ts';
import type { Candidate } from './candidates.ts';
import { type GradedCommit, patchOf, touches } from './grade.ts';
import type { Nominee } from './nominate.ts';
import { patchBetween } from './patch-cache.ts';
import { isAmong, MOST_SQUASHED } from './squash.ts';

/** Landings of one record that are asked for their range, at most: it may have been picked onto many branches. */
const MOST_SQUASHES = 64;

type RangeReader = (landing: LandingRecord) => Promise<ReadonlySet<string> | null>;

/**
 * The records whose landing says that they were squashed into a commit, and for which that can be seen here, by digest:
 * the range it names makes the commit's change and holds the record's commit. Where that range is not here any more, the
 * commit's message has to name the record, or the files have to be as the records left them. Of one alone, among other
 * people's commits, something must be left: they may have taken it back.
 */
export async function recordedParts(
  ledger: Ledger,
  nominees: readonly Nominee[],
  commit: GradedCommit,
): Promise<ReadonlySet<string>> {
  const made = await patchOf(ledger, commit);
  const said = nominees.filter((nominee) => squashesOf(nominee, made).length > 0);
  if (made === null || said.length === 0) return new Set();
  const commitsOf = rangeReader(ledger, made);
  const proven = new Set<string>();
  const unseen: Nominee[] = [];
  for (const nominee of said) {
    const shown = await isInRange(ledger, nominee.candidate, squashesOf(nominee, made), commitsOf);
    if (shown === null) unseen.push(nominee);
    else if (shown) proven.add(nominee.candidate.record.digest);
  }
  for (const digest of await vouchedFor(ledger, unseen, commit)) proven.add(digest);
  const [only] = said.filter(({ candidate }) => proven.has(candidate.record.digest));
  const isGone = proven.size === 1 && only && !(await touches(ledger, only.candidate.record.record, commit));
  return isGone ? new Set() : proven;
}

/**
 * The landings that say so, of this commit and of those with the same change that this one is a copy of. All are wanted: the
 * range a copy names may be the squash it was copied from and nothing else.
 */
function squashesOf({ candidate, landings }: Nominee, made: string | null): LandingRecord[] {
  const squashes = [...landings, ...candidate.landings].filter(isSquash);
  return squashes.filter(({ patchId: id }) => id === made).slice(0, MOST_SQUASHES);
}

/** Whether one of the ranges holds the record's commit; null where none that is here does, and one is not here. */
async function isInRange(
  ledger: Ledger,
  candidate: Candidate,
  squashes: readonly LandingRecord[],
  commitsOf: RangeReader,
): Promise<boolean | null> {
  let isSeen = true;
  for (const landing of squashes) {
    const commits = await commitsOf(landing);
    if (commits === null) isSeen = false;
    else if (await isAmong(ledger, candidate, commits)) return true;
  }
  return isSeen ? false : null;
}

function isSquash({ grade, range }: LandingRecord): boolean {
  return grade === 'squashed' || range !== undefined;
}

/** The commits of a range that makes a change; empty when it makes another, null when it is not here. */
function rangeReader(ledger: Ledger, made: string): RangeReader {
  const known = new Map<string, Promise<ReadonlySet<string> | null>>();
  return ({ range }) => {
    if (range === undefined) return Promise.resolve(null);
    const key = `${range.base ?? ''} ${range.head}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const read = readRange(ledger, range, made);
    known.set(key, read);
    return read;
  };
}

async function readRange(
  ledger: Ledger,
  range: NonNullable<LandingRecord['range']>,
  made: string,
): Promise<ReadonlySet<string> | null> {
  const [base, head] = await Promise.all([
    range.base === null ? null : readCommit(ledger.reader, range.base),
    readCommit(ledger.reader, range.head),
  ]);
  if (head === null || (range.base !== null && base === null)) return null;
  if ((await patchBetween(ledger, { from: base?.tree ?? null, to: head.tree })) !== made) return new Set();
  return commitsBetween(ledger.repo, range, MOST_SQUASHED);
}

async function vouchedFor(
  ledger: Ledger,
  nominees: readonly Nominee[],
  commit: GradedCommit,
): Promise<string[]> {
  const agree = await filesAgree(
    ledger,
    nominees.map(({ candidate }) => candidate.record),
    commit,
  );
  return nominees
    .filter(({ candidate, sealed }) => sealed || agree.has(candidate.record.digest))
    .map(({ candidate }) => candidate.record.digest);
}
