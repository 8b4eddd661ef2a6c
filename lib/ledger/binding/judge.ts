import type { Binding } from '../../core/records/binding.ts';
import type { LandingRecord } from '../../core/records/record.ts';
import { type ClaimedTrailers, claimedTrailers } from '../../core/records/trailers.ts';
import type { Commit } from '../../git/objects/objects.ts';
import { type Ledger, type Note, readNote } from '../ledger.ts';
import { filesAgree } from '../notes/left-files.ts';
import { type Candidate, type FindRecords, isRewrite, workOf } from './candidates.ts';
import { earlierRecords } from './chain.ts';
import { fitOf, fitsExactly, type GradedCommit, shapeOf } from './grade.ts';
import { type Nominee, nomineesAtHand, nomineesFor } from './nominate.ts';
import { recordedParts } from './recorded-squash.ts';
import { partsOf } from './squash.ts';

/** A record named for a commit, and how firmly it belongs to it. */
export interface Judged {
  readonly candidate: Candidate;
  readonly binding: Binding;
  readonly sealed: boolean;
  /** Landings that name it for this commit, oldest first. */
  readonly landings: readonly LandingRecord[];
}

export interface Judgement {
  readonly note: Note | null;
  readonly claims: ClaimedTrailers;
  readonly judged: readonly Judged[];
  readonly problems: readonly string[];
}

/** A commit with everything somebody says of it, before any of it is checked. */
export interface Nomination {
  readonly shape: GradedCommit;
  readonly note: Note | null;
  readonly claims: ClaimedTrailers;
  readonly nominees: readonly Nominee[];
  readonly problems: readonly string[];
}

export async function nominate(ledger: Ledger, commit: Commit): Promise<Nomination> {
  const [note, shape] = await Promise.all([readNote(ledger, commit.oid), shapeOf(ledger, commit)]);
  const claims = claimedTrailers(commit.message);
  return { shape, note, claims, ...(await nomineesFor(ledger, commit.oid, note, claims)) };
}

/** Grades every record that a note, a landing, a trailer or the chain of records names for a commit. */
export async function judgeCommit(ledger: Ledger, commit: Commit): Promise<Judgement> {
  return judge(ledger, await nominate(ledger, commit));
}

export async function judge(
  ledger: Ledger,
  { shape, note, claims, nominees, problems }: Nomination,
): Promise<Judgement> {
  const judged = await judgeNominees(ledger, nominees, shape);
  return { note, claims, judged, problems: [...problems, ...unbornOut(judged)] };
}

/**
 * The same without asking anybody: where the commit's own note has all that is named, and each of it was sealed for just this
 * commit. Null where more has to be known.
 */
export function judgeAtHand(commit: Commit, shape: GradedCommit, note: Note | null): Judgement | null {
  const claims = claimedTrailers(commit.message);
  const named = nomineesAtHand(commit.oid, note, claims);
  if (named === null || !named.nominees.every((nominee) => isJustThat(nominee, shape))) return null;
  const judged = named.nominees.map(({ candidate, sealed, landings }): Judged => {
    return { candidate, sealed, landings, binding: 'exact' };
  });
  return { note, claims, judged, problems: named.problems };
}

function isJustThat(nominee: Nominee, shape: GradedCommit): boolean {
  return isNamed(nominee) && fitsExactly(workOf(nominee.candidate), shape);
}

/** Grades records that somebody names for a commit, each alone and then together. */
export async function judgeNominees(
  ledger: Ledger,
  nominees: readonly Nominee[],
  commit: GradedCommit,
  find?: FindRecords,
): Promise<readonly Judged[]> {
  const alone = await Promise.all(nominees.map((nominee) => judgeAlone(ledger, nominee, commit)));
  return asSquash(ledger, nominees, alone, commit, find);
}

async function judgeAlone(ledger: Ledger, nominee: Nominee, commit: GradedCommit): Promise<Judged> {
  const { candidate, sealed, landings } = nominee;
  const binding = isNamed(nominee) ? await fitAlone(ledger, nominee, commit) : null;
  return { candidate, sealed, landings, binding: binding ?? 'claimed' };
}

function isNamed({ sealed, bound, landings }: Nominee): boolean {
  return sealed || bound || landings.length > 0;
}

function fitAlone(ledger: Ledger, nominee: Nominee, commit: GradedCommit): ReturnType<typeof fitOf> {
  const { candidate, landings, sealed } = nominee;
  return fitOf(ledger, workOf(candidate), commit, isRewrite(landings), sealed);
}

/** What is no record's work alone may be that of several. */
async function asSquash(
  ledger: Ledger,
  nominees: readonly Nominee[],
  alone: readonly Judged[],
  commit: GradedCommit,
  find?: FindRecords,
): Promise<readonly Judged[]> {
  const open = alone.filter(({ binding }) => binding === 'claimed' || binding === 'modified');
  const named = nominees.filter(isNamed);
  if (open.length === 0 || named.length === 0 || commit.parents.length > 1) return alone;
  const direct = await partsOf(ledger, named, commit);
  const proven = new Set([...direct, ...(await recordedParts(ledger, named, commit))]);
  const isWhole = alone.some(({ binding }) => binding === 'exact' || binding === 'same-patch');
  if (isWhole) return withParts(alone, proven);
  if (proven.size > 0) {
    const rest = open.some(({ candidate, sealed }) => sealed && !proven.has(candidate.record.digest));
    const agree = rest ? await leftBySealed(ledger, open, commit) : [];
    return withParts(alone, new Set([...proven, ...agree]));
  }
  const chained = await withChain(ledger, named, alone, commit, find);
  return chained ?? byFiles(ledger, open, alone, commit);
}

/** One record among other people's commits is not several records. */
function withParts(judged: readonly Judged[], parts: ReadonlySet<string>): readonly Judged[] {
  const binding = parts.size > 1 ? 'squashed' : 'modified';
  return judged.map((one): Judged => {
    const isPart = parts.has(one.candidate.record.digest) && STANDALONE.indexOf(one.binding) < 0;
    return isPart ? { ...one, binding } : one;
  });
}

const STANDALONE: readonly Binding[] = ['exact', 'same-patch'];

/** What the message names is in the commit when every file is as the last of the named records left it. */
async function byFiles(
  ledger: Ledger,
  open: readonly Judged[],
  judged: readonly Judged[],
  commit: GradedCommit,
): Promise<readonly Judged[]> {
  const agree = await leftBySealed(ledger, open, commit);
  if (agree.size > 1) return withParts(judged, agree);
  return judged.map(
    (one): Judged => (agree.has(one.candidate.record.digest) ? { ...one, binding: 'modified' } : one),
  );
}

function leftBySealed(
  ledger: Ledger,
  open: readonly Judged[],
  commit: GradedCommit,
): Promise<ReadonlySet<string>> {
  const sealed = open.filter((one) => one.sealed).map(({ candidate }) => candidate.record);
  return filesAgree(ledger, sealed, commit);
}

/** One surviving trailer leads to the records before it: what a title-only squash or a fixup typed away. */
async function withChain(
  ledger: Ledger,
  named: readonly Nominee[],
  judged: readonly Judged[],
  commit: GradedCommit,
  find?: FindRecords,
): Promise<readonly Judged[] | null> {
  const known = named.map(({ candidate }) => candidate);
  const earlier = await earlierRecords(ledger, known, find);
  if (earlier.length === 0) return null;
  const parts = [...named, ...earlier.map((candidate) => ({ candidate, sealed: false }))];
  const proven = await partsOf(ledger, parts, commit);
  if (proven.size === 0) return null;
  const chained = earlier.filter(({ record }) => proven.has(record.digest));
  return [
    ...withParts(judged, proven),
    ...chained.map((candidate): Judged => ({ candidate, binding: 'squashed', sealed: false, landings: [] })),
  ];
}

/** What the ledger says of a commit and the commit does not bear out is said, and counts for nothing. */
function unbornOut(judged: readonly Judged[]): string[] {
  return judged
    .filter(({ binding, landings }) => binding === 'claimed' && landings.length > 0)
    .map(
      ({ candidate }) =>
        `the ledger says that ${candidate.record.digest} landed here, which nothing in this clone shows`,
    );
}
