import type { LandingRecord } from '../../core/records/record.ts';
import { BRANCHES_AND_TAGS, reachedFrom } from '../../git/history/commit-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Ledger } from '../ledger.ts';
import { type Judged, judgeCommit } from './judge.ts';

export interface Whereabouts {
  readonly landings: readonly LandingRecord[];
  readonly supersededBy: readonly string[];
}

/** Landings that are told of one commit, and other commits that are looked at for them, at most. */
const MOST_LANDINGS = 200;

/** Where the records of a commit came from and went to, and what took its place where no branch leads to it any more. */
export async function whereabouts(
  ledger: Ledger,
  commit: string,
  judged: readonly Judged[],
): Promise<Whereabouts> {
  const here = judged.filter(({ binding, landings }) => binding !== 'claimed' || landings.length === 0);
  const landings = here.flatMap(({ candidate }) => candidate.landings).slice(0, MOST_LANDINGS);
  const unique = [...new Map(landings.map((landing) => [landing.id, landing])).values()];
  const sorted = unique.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { landings: sorted, supersededBy: await supersededBy(ledger, commit, sorted) };
}

/** A copy on another branch replaces nothing: only a commit that nothing leads to has been superseded. */
async function supersededBy(
  ledger: Ledger,
  commit: string,
  landings: readonly LandingRecord[],
): Promise<string[]> {
  const away = landings.filter((landing) => landing.commit !== commit);
  if (away.length === 0) return [];
  const alive = await aliveAmong(ledger, [commit, ...away.map((landing) => landing.commit)]);
  if (alive.has(commit)) return [];
  const borneOut = new Set<string>();
  for (const landing of away)
    if (alive.has(landing.commit) && (await isBorneOut(ledger, landing))) borneOut.add(landing.commit);
  return borneOut.size > 0 ? [...borneOut] : lastRewrite(ledger, commit, landings);
}

/** Where all of it was left behind, what git last made of it. */
async function lastRewrite(
  ledger: Ledger,
  commit: string,
  landings: readonly LandingRecord[],
): Promise<string[]> {
  const last = landings.filter(({ via }) => via === 'post-rewrite').at(-1);
  if (last === undefined || last.commit === commit) return [];
  return (await isBorneOut(ledger, last)) ? [last.commit] : [];
}

/** Those commits that a branch or tag leads to; of a bare id nobody has, none does. */
export async function aliveAmong(ledger: Ledger, commits: readonly string[]): Promise<Set<string>> {
  const read = await Promise.all([...new Set(commits)].map((oid) => readCommit(ledger.reader, oid)));
  const here = read.flatMap((commit) => commit?.oid ?? []);
  return reachedFrom(ledger.repo, here, [...BRANCHES_AND_TAGS, ...(await headIfAny(ledger))]);
}

/** HEAD by id, which may be on no branch; nothing where there is no commit yet. */
export async function headIfAny(ledger: Ledger): Promise<string[]> {
  const head = await readCommit(ledger.reader, 'HEAD');
  return head === null ? [] : [head.oid];
}

/** The commit a landing names is shown to hold its record. */
export async function isBorneOut(
  ledger: Ledger,
  { record, commit: oid }: Pick<LandingRecord, 'record' | 'commit'>,
): Promise<boolean> {
  const commit = await readCommit(ledger.reader, oid);
  if (commit === null) return false;
  const { judged } = await judgeCommit(ledger, commit);
  return judged.some(({ candidate, binding }) => candidate.record.digest === record && binding !== 'claimed');
}
