import type { BindingRecord } from '../../core/generated/binding-v1.types.ts';
import { sameList } from '../../core/lists.ts';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import { fitOf, shapeOf } from '../../ledger/binding/grade.ts';
import type { Pending } from '../../ledger/binding/pending.ts';
import type { Ledger } from '../../ledger/ledger.ts';

export interface Match {
  readonly pending: Pending;
  readonly commit: Commit;
  readonly sealed: boolean;
  readonly grade: BindingRecord['grade'];
}

export async function findCommits(
  ledger: Ledger,
  waiting: readonly Pending[],
  now: number,
): Promise<Match[]> {
  const head = await readCommit(ledger.reader, 'HEAD');
  const atHead = head === null ? [] : await matchCommit(ledger, waiting, head);
  // What was rewritten before it was bound is named by both: the one it was made for is the record's own.
  const named = atHead.filter((match) => match.sealed && isItsOwn(match));
  const missing = without(waiting, named);
  const elsewhere = missing.length === 0 ? [] : await searchCommits(ledger, missing, now);
  // Without an answer nobody knows which commit names the record: it goes on waiting.
  if (elsewhere === null) return named;
  // HEAD may merely look like the commit (a merge of it does): then the one that names the record is the right one.
  const taken = new Set(elsewhere.map(({ pending }) => pending.digest));
  const alike = atHead.filter(({ sealed, pending }) => !sealed && !taken.has(pending.digest));
  return [...named, ...elsewhere, ...alike];
}

/** Of several commits that name a record the firmest comes first, and of those the one it was made for. */
function rankOf(match: Match): number {
  return isItsOwn(match) ? -1 : GRADES.indexOf(match.grade);
}

/** The very commit a record was made for, not one that was made of it and looks the same. */
function isItsOwn({ grade, commit, pending }: Match): boolean {
  return grade === 'exact' && standsOnItsHead(pending, commit);
}

function standsOnItsHead({ record: { head, amends } }: Pending, { parents }: Commit): boolean {
  return head.commit === (parents[0] ?? null) || (amends !== undefined && sameList(head.parents, parents));
}

export function without(waiting: readonly Pending[], matches: readonly Match[]): Pending[] {
  const found = new Set(matches.map(({ pending }) => pending.digest));
  return waiting.filter(({ digest }) => !found.has(digest));
}

/**
 * The records a commit belongs to: those its message names, and, where a hook took the trailers out, the newest one
 * sealed for exactly this tree on exactly this parent.
 */
export async function matchCommit(
  ledger: Ledger,
  waiting: readonly Pending[],
  commit: Commit,
): Promise<Match[]> {
  const named = new Set(claimedTrailers(commit.message).records);
  const sealed = waiting.filter(({ digest }) => named.has(digest));
  if (named.size > 0) return gradeAll(ledger, sealed, commit);
  const exact = await waiting.reduceRight<Promise<Pending | null>>(async (found, pending) => {
    const already = await found;
    if (already !== null) return already;
    const { head, tree } = pending.record;
    const follows = standsOnItsHead(pending, commit);
    return follows && tree === commit.tree && commit.oid !== head.commit ? pending : null;
  }, Promise.resolve(null));
  return exact === null ? [] : [{ pending: exact, commit, sealed: false, grade: 'exact' }];
}

/** Only records that fit: a trailer may be a copy, and then the record goes on waiting for its own commit. */
async function gradeAll(ledger: Ledger, named: readonly Pending[], commit: Commit): Promise<Match[]> {
  const shape = await shapeOf(ledger, commit);
  const graded = await Promise.all(
    named.map(async (pending) => ({
      pending,
      commit,
      sealed: true,
      grade: await fitOf(ledger, { record: pending.record, bindings: [] }, shape),
    })),
  );
  return graded.flatMap(({ grade, ...match }) => (grade === null ? [] : [{ ...match, grade }]));
}

const GRADES: readonly BindingRecord['grade'][] = ['exact', 'same-patch', 'modified'];

const DAY_S = 24 * 60 * 60;

/**
 * Looks through everything refs and reflogs reach that is not older than the records. Null when git could not tell, as when
 * another process moves a ref at that moment.
 */
async function searchCommits(
  ledger: Ledger,
  missing: readonly Pending[],
  now: number,
): Promise<Match[] | null> {
  const oldest = Math.min(now, ...missing.map(({ writtenAt }) => writtenAt));
  const since = `--since=${Math.floor(oldest / 1000) - DAY_S}`;
  const args = [
    'log',
    '--all',
    '--reflog',
    'HEAD',
    since,
    '-i',
    '-F',
    '--grep=Agent-Record:',
    '--format=%H',
    '--no-show-signature',
  ];
  const { code, stdout } = await runGit(ledger.repo, { args, okCodes: [128] });
  if (code !== 0) return null;
  const matches = new Map<string, Match>();
  for (const oid of stdout.toString('utf8').split('\n').filter(Boolean)) {
    const commit = await readCommit(ledger.reader, oid);
    if (commit === null) continue;
    const named = new Set(claimedTrailers(commit.message).records);
    for (const match of await gradeAll(
      ledger,
      missing.filter(({ digest }) => named.has(digest)),
      commit,
    )) {
      const before = matches.get(match.pending.digest);
      if (before === undefined || rankOf(match) < rankOf(before)) matches.set(match.pending.digest, match);
    }
  }
  return [...matches.values()];
}
