import { addressKey, type KnownAs, personWithAccount, type Roster, whoIs } from '../roster/roster.ts';
import { type CodeOwners, ownershipOf } from './code-owners.ts';

/** Whether those who own a path have said yes to its change. */
export interface OwnerApproval {
  readonly path: string;
  readonly owners: readonly string[];
  /** Every section that is not optional has the approvals it asks for. */
  readonly approved: boolean;
  /** The owners who have approved, by their canonical address. */
  readonly by: readonly string[];
}

/** One for each path that somebody owns. `approvers` are those whose approval counts: whoever wrote the change is not among them. */
export function ownerApprovals(
  codeOwners: CodeOwners,
  roster: Roster,
  paths: readonly string[],
  approvers: readonly KnownAs[],
): OwnerApproval[] {
  const known = new Map<string, readonly KnownAs[]>();
  const whoOwns = (owner: string): readonly KnownAs[] => {
    const found = known.get(owner) ?? approvers.filter((who) => isOwner(roster, codeOwners, owner, who));
    known.set(owner, found);
    return found;
  };
  return paths.flatMap((path) => {
    const asked = ownershipOf(codeOwners, path);
    if (asked.length === 0) return [];
    const given = asked.map(({ owners }) => new Set(owners.flatMap(whoOwns).map(({ id }) => id)));
    return {
      path,
      owners: [...new Set(asked.flatMap(({ owners }) => owners))],
      approved: asked.every(
        ({ isOptional, approvals }, i) => isOptional || (given[i]?.size ?? 0) >= approvals,
      ),
      by: [...new Set(given.flatMap((ids) => [...ids]))],
    };
  });
}

/** Whether an owner in CODEOWNERS is somebody: by address, by account, or as a member of a team of the roster. */
export function isOwner(
  roster: Roster,
  { place }: Pick<CodeOwners, 'place'>,
  owner: string,
  { id, person }: Pick<KnownAs, 'id' | 'person'>,
): boolean {
  if (!owner.startsWith('@')) return addressKey(whoIs(roster, { name: '', email: owner }).email) === id;
  const team = roster.teams.get(owner.toLowerCase());
  if (team !== undefined) return team.some((email) => whoIs(roster, { name: '', email }).id === id);
  return person !== null && personWithAccount({ people: [person] }, owner, hostOf(place)) !== null;
}

function hostOf(place: string | null): 'github' | 'gitlab' | null {
  if (place?.startsWith('.github/') === true) return 'github';
  return place?.startsWith('.gitlab/') === true ? 'gitlab' : null;
}
