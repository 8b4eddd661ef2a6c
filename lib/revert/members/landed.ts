import { groupBy } from '../../core/lists.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Candidates, Member, Work } from './members.ts';
import type { Unit } from './unit-history.ts';
import { type Landings, landingsOn } from './units.ts';

/** A merge an agent made of other people's work, with nothing that could be shown to be its own. */
export interface OthersMerge {
  readonly commit: string;
  /** Whether it holds no work of its own; where false, nobody can tell it from what it brought. */
  readonly isPlain: boolean;
}

/** What of some members is on a branch. */
export interface Landed extends Pick<Landings, 'line'> {
  /** By the commit of the branch they came with, oldest first. */
  readonly units: Unit[];
  /** Merges of theirs on it that brought other people's work. */
  readonly merges: readonly OthersMerge[];
}

/** Members, and what else somebody wants with them, on the branch, and the branch down to them. */
export async function unitsOn(
  ledger: Ledger,
  tip: string,
  { members, knownAs, searched }: Candidates,
  claimed: readonly string[],
): Promise<Landed> {
  const commits = new Set([...members.map(({ commit }) => commit), ...claimed]);
  const { cameWith, others, order, line } = await landingsOn(ledger.repo, tip, commits, searched ?? []);
  const stepOf = (commit: string): string => cameWith.get(commit) ?? '';
  const commitsOf = groupBy(commits, stepOf);
  const membersOf = groupBy(members, ({ commit }) => stepOf(commit));
  const merges: OthersMerge[] = [];
  const units = order.flatMap((step): Unit[] => {
    const inside = commitsOf.get(step) ?? [];
    const rest = others.get(step) ?? [];
    const brought = inside.filter((commit) => commit !== step);
    const held = membersOf.get(step) ?? [];
    const records = [...new Set(held.map(({ stored }) => stored.digest))].map(
      (digest) => knownAs.get(digest) ?? [],
    );
    // An agent merged other people's work: that is theirs. What it wrote in the merge is its own.
    if (brought.length === 0 && rest.length > 0) {
      const work = workIn([step], held)?.filter(({ before, after }) => before !== after);
      if (work !== undefined && work.length > 0)
        return [{ commit: step, kind: 'part', members: [step], records, work }];
      merges.push({ commit: step, isPlain: work !== undefined });
      return [];
    }
    if (brought.length === 0) return [{ ...ownUnit(step, held), records }];
    const kind = rest.length === 0 ? 'merge' : 'part';
    const isWhole = brought.every((commit) => isAllOf(held.filter((member) => member.commit === commit)));
    if (isWhole) return [{ commit: step, kind, members: brought, records }];
    // What somebody squashed on the branch holds other work as well as on the line itself.
    return [{ commit: step, kind, members: [...brought, step], records, work: workIn(brought, held) }];
  });
  return { units, line, merges };
}

/** A commit of the branch's own line that holds members: all of it is theirs only where that was shown. */
function ownUnit(commit: string, held: readonly Member[]): Unit {
  if (isAllOf(held)) return { commit, kind: 'commit', members: [commit] };
  const kind = held.some(({ binding }) => binding === 'squashed') ? 'squash' : 'part';
  return { commit, kind, members: [commit], work: workIn([commit], held) };
}

/** Whether all of a commit is what its records were sealed for. One that only claims it, somebody took for all of it. */
function isAllOf(held: readonly Member[]): boolean {
  return held.length === 0 || held.some(({ binding }) => binding === 'exact' || binding === 'same-patch');
}

/** What the members of some commits were made as, each record's work once, oldest first; null where nobody knows. */
function workIn(commits: readonly string[], members: readonly Member[]): Work[] | null {
  const held = members.filter(({ commit }) => commits.includes(commit));
  if (!commits.every((commit) => held.some((member) => member.commit === commit))) return null;
  const byRecord = new Map(held.map(({ stored, work }) => [stored.digest, { id: stored.record.id, work }]));
  const works = [...byRecord.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ work }) => work);
  const known = works.filter((work) => work !== null);
  return known.length === works.length ? known : null;
}
