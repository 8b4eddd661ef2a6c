import type { Ledger } from '../../ledger/ledger.ts';
import { type Candidates, type Member } from './members.ts';
import type { Unit } from './unit-history.ts';
import { type Landings, landingsOn } from './units.ts';

/** Members, and what else somebody wants with them, by the commit of the branch they came with, oldest first, and the branch down to them. */
export async function unitsOn(
  ledger: Ledger,
  tip: string,
  { members, knownAs }: Candidates,
  claimed: readonly string[],
): Promise<Pick<Landings, 'line'> & { readonly units: Unit[] }> {
  const commits = new Set([...members.map(({ commit }) => commit), ...claimed]);
  const { cameWith, others, order, line } = await landingsOn(ledger.repo, tip, commits);
  const units = order.flatMap((step): Unit[] => {
    const inside = [...commits].filter((commit) => cameWith.get(commit) === step);
    const rest = others.get(step) ?? [];
    const brought = inside.filter((commit) => commit !== step);
    const held = members.filter(({ commit }) => inside.includes(commit));
    const records = [...new Set(held.map(({ stored }) => stored.digest))].map(
      (digest) => knownAs.get(digest) ?? [],
    );
    // An agent merged other people's work: that is theirs.
    if (brought.length === 0 && rest.length > 0) return [];
    if (brought.length === 0) return [{ ...ownUnit(step, held), records }];
    return [{ commit: step, kind: rest.length === 0 ? 'merge' : 'part', members: brought, records }];
  });
  return { units, line };
}

/** A commit of the branch's own line that holds members: all of it is theirs only where that was shown. */
function ownUnit(commit: string, held: readonly Member[]): Unit {
  // Somebody took a commit that only claims it for all of it.
  const isWhole =
    held.length === 0 || held.some(({ binding }) => binding === 'exact' || binding === 'same-patch');
  if (isWhole) return { commit, kind: 'commit', members: [commit] };
  const work = held.map((member) => member.work).filter((one) => one !== null);
  const kind = held.some(({ binding }) => binding === 'squashed') ? 'squash' : 'part';
  return { commit, kind, members: [commit], work: work.length === held.length ? work : null };
}
