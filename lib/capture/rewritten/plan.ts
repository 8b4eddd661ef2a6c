import type { LandingRecord } from '../../core/records/record.ts';
import { type ClaimedTrailers, claimedTrailers } from '../../core/records/trailers.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import { candidatesOf } from '../../ledger/binding/candidates.ts';
import { shapeOf } from '../../ledger/binding/grade.ts';
import { judgeNominees } from '../../ledger/binding/judge.ts';
import type { Nominee } from '../../ledger/binding/nominate.ts';
import { type Change, patchesBetween } from '../../ledger/binding/patch-cache.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { changeOf, readCommits } from '../../ledger/relink/looked.ts';
import { landingRecord } from '../landing-record.ts';
import { commitsBelow, looker, withoutPutOnTop } from './below.ts';
import { type Step, successorsOf } from './chain.ts';
import { type Holding, holdingsAt, PICKED } from './holdings.ts';

/** When a landing is written, and by what. */
export interface Writing {
  readonly branch: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Move {
  readonly holding: Holding;
  /** The commit that git said became the other. */
  readonly old: string;
  readonly to: string;
  /** What `to` was made of in the last step from the old commit. */
  readonly of: string;
  readonly replaces: boolean;
}

/** What is to be written about rewritten commits: which records are where now, and how firmly. */
export async function planRewritten(
  ledger: Ledger,
  steps: readonly Step[],
  writing: Writing,
): Promise<LandingRecord[]> {
  const moves = await withoutAncestors(ledger, await movesOf(ledger, await withoutPutOnTop(ledger, steps)));
  await askPatches(ledger, moves);
  const landings: LandingRecord[] = [];
  for (const [to, together] of groupByTarget(moves)) {
    const commit = await readCommit(ledger.reader, to);
    if (commit === null) continue;
    // A millisecond apart: of two commits a record landed in, the later id is the newer.
    const then = { ...writing, now: writing.now + landings.length };
    landings.push(...(await landingsIn(ledger, commit, together, then)));
  }
  return landings;
}

/** All that will be compared, from one pair of processes: one by one it would be a pair for each. */
async function askPatches(ledger: Ledger, moves: readonly Move[]): Promise<void> {
  const commits = await readCommits(ledger, [...new Set(moves.map(({ to }) => to))]);
  const shapes = await inTurn(commits, (commit) => shapeOf(ledger, commit));
  const sealed = moves.flatMap(({ holding }): Change[] => {
    const { head, tree, amends } = holding.candidate.record.record;
    return tree === null || amends !== undefined ? [] : [{ from: head.tree, to: tree }];
  });
  await patchesBetween(ledger, [...shapes.flatMap((shape) => changeOf(shape) ?? []), ...sealed]);
}

function groupByTarget(moves: readonly Move[]): Map<string, Move[]> {
  const groups = new Map<string, Move[]>();
  for (const move of moves) groups.set(move.to, [...(groups.get(move.to) ?? []), move]);
  return groups;
}

async function movesOf(ledger: Ledger, steps: readonly Step[]): Promise<Move[]> {
  const successors = successorsOf(steps);
  const olds = [...new Set(steps.map(({ from }) => from))];
  const moves = new Map<string, Move>();
  for (const old of olds) {
    const holdings = await holdingsAt(ledger, old);
    if (holdings.length === 0) continue;
    for (const { oid: to, of, replaces } of successors(old))
      for (const holding of holdings) {
        const key = `${holding.candidate.record.digest} ${to}`;
        if (to !== holding.from && !moves.has(key))
          moves.set(key, { holding, old, to, of, replaces: replaces && holding.replaces });
      }
  }
  return [...moves.values()];
}

/**
 * A rebase that stops says of the commit it stopped at that it became whatever HEAD was when it went on, also where
 * somebody only put another commit on top. So what has the old commit among its ancestors is not made from it.
 */
async function withoutAncestors(ledger: Ledger, moves: readonly Move[]): Promise<Move[]> {
  if (moves.length === 0) return [];
  const olds = new Set(moves.map(({ old }) => old));
  const news = new Set(moves.map(({ to }) => to));
  const revisions = [...[...news].map((oid) => oid), ...[...olds].map((oid) => `^${oid}^@`)];
  const stdin = revisions.map((revision) => `${revision}\n`).join('');
  const args = ['rev-list', '--stdin', '--ignore-missing'];
  const { code, stdout } = await runGit(ledger.repo, { args, stdin, okCodes: [128] });
  const reached = new Set(code === 0 ? stdout.toString('utf8').split('\n') : olds);
  const verdicts = await inTurn(moves, async (move) =>
    reached.has(move.old) ? !(await isAncestor(ledger, move.old, move.to)) : true,
  );
  return moves.filter((_, i) => verdicts[i]);
}

async function isAncestor(ledger: Ledger, old: string, of: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', old, of];
  return (await runGit(ledger.repo, { args, okCodes: [1, 128] })).code === 0;
}

/** The landings in one commit: several records that became one are graded together, as they will be when it is read. */
async function landingsIn(
  ledger: Ledger,
  commit: Commit,
  moves: readonly Move[],
  writing: Writing,
): Promise<LandingRecord[]> {
  const claims = claimedTrailers(commit.message);
  const isSealed = ({ holding }: Move): boolean => claims.records.includes(holding.candidate.record.digest);
  const below = await becameBelow(
    ledger,
    commit,
    moves.filter((move) => !isSealed(move)),
  );
  const landings = await inTurn(
    moves.filter((move) => isSealed(move) || !below.has(move.of)),
    (move) => onGitsWord(ledger, commit, move, { sealed: isSealed(move), ...writing }),
  );
  const nominees = await nomineesOf(ledger, commit, moves, landings, claims);
  const judged = await judgeNominees(ledger, nominees, await shapeOf(ledger, commit));
  const range = rangeOf(await inTurn(moves, ({ old }) => readCommit(ledger.reader, old)));
  return landings.flatMap((landing): LandingRecord[] => {
    const grade = judged.find(({ candidate }) => candidate.record.digest === landing.record)?.binding;
    if (grade === undefined || grade === 'claimed' || grade === 'none') return [];
    const isSquash = grade === 'squashed' && range !== null;
    return [{ ...landing, grade, proof: proofOf(grade, landing.sealed), ...(isSquash ? { range } : {}) }];
  });
}

/** What anybody can check again goes before git's word. */
function proofOf(grade: LandingRecord['grade'], sealed: boolean): LandingRecord['proof'] {
  if (grade === 'modified') return 'rewrite';
  if (sealed) return 'trailer';
  return grade === 'squashed' ? 'range-patch-id' : 'patch-id';
}

function onGitsWord(
  ledger: Ledger,
  commit: Commit,
  { holding: { candidate, from }, replaces }: Move,
  told: Writing & { readonly sealed: boolean },
): Promise<LandingRecord> {
  const via = replaces ? 'post-rewrite' : PICKED;
  const landed = {
    stored: candidate.record,
    from,
    commit,
    via,
    grade: 'modified',
    proof: 'rewrite',
  } as const;
  return landingRecord(ledger, { ...landed, ...told });
}

async function nomineesOf(
  ledger: Ledger,
  commit: Commit,
  moves: readonly Move[],
  landings: readonly LandingRecord[],
  claims: ClaimedTrailers,
): Promise<Nominee[]> {
  const own = candidatesOf(await readNote(ledger, commit.oid));
  const moved = moves.map(({ holding }) => holding.candidate);
  const all = new Map([...moved, ...own].map((candidate) => [candidate.record.digest, candidate]));
  return [...all.values()].map((candidate) => ({
    candidate,
    sealed: claims.records.includes(candidate.record.digest),
    bound: candidate.bindings.some(({ record }) => record.commit === commit.oid),
    landings: landings.filter(({ record }) => record === candidate.record.digest),
  }));
}

/** The commits that became one, when they stood one on the other; null when something lay between, or not all are here. */
function rangeOf(olds: readonly (Commit | null)[]): NonNullable<LandingRecord['range']> | null {
  const commits = new Map(olds.flatMap((commit) => (commit === null ? [] : [[commit.oid, commit] as const])));
  const firsts = [...commits.values()].filter(({ parents }) => !commits.has(parents[0] ?? ''));
  const below = new Set([...commits.values()].map(({ parents }) => parents[0]));
  const heads = [...commits.keys()].filter((oid) => !below.has(oid));
  const [first, head] = [firsts[0], heads[0]];
  if (olds.includes(null) || firsts.length !== 1 || heads.length !== 1 || !first || !head) return null;
  return { base: first.parents[0] ?? null, head };
}

/** Commits that became one just below: it names one of the records they held. What else they held is there as well. */
async function becameBelow(
  ledger: Ledger,
  commit: Commit,
  moves: readonly Move[],
): Promise<ReadonlySet<string>> {
  const names = await inTurn(moves, ({ holding }) =>
    isNamedBelow(ledger, commit, holding.candidate.record.digest),
  );
  return new Set(moves.filter((_, i) => names[i]).map(({ of }) => of));
}

/** Whether a commit just below names the record, and so is what the old one became. */
async function isNamedBelow(ledger: Ledger, commit: Commit, digest: string): Promise<boolean> {
  for await (const { message } of commitsBelow(looker(ledger), commit))
    if (claimedTrailers(message).records.includes(digest)) return true;
  return false;
}

/** One after the other: each starts git processes, and there may be thousands. */
async function inTurn<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
