import { AgentLogError } from '../../core/errors.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { isAncestor } from '../../git/refs/refs.ts';
import { fetchRef } from '../../git/refs/remote.ts';
import { seenRef } from './intent.ts';
import { remoteTip, type SagaPlace } from './place.ts';

/** A branch as it is now, seen from a commit that is to be on it. */
export interface Sight {
  readonly tip: string | null;
  readonly has: boolean;
}

/** Where the branch of this clone is. */
export async function lookHere(place: SagaPlace, commit: string): Promise<Sight> {
  const { ledger, branch } = place;
  const tip = (await readCommit(ledger.reader, `refs/heads/${branch}`))?.oid ?? null;
  return { tip, has: tip !== null && (await contains(place, tip, commit)) };
}

/** Where the remote has the branch, its objects fetched where they are not here; null when the remote can't be asked. */
export async function lookThere(place: SagaPlace, saga: string, commit: string): Promise<Sight | null> {
  try {
    const tip = await remoteTip(place);
    if (tip === null) return { tip, has: false };
    if ((await readCommit(place.ledger.reader, tip)) === null) await fetchBranch(place, saga);
    return { tip, has: await contains(place, tip, commit) };
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return null;
    throw error;
  }
}

async function fetchBranch({ ledger, remote, branch }: SagaPlace, saga: string): Promise<void> {
  const access = { address: remote ?? '', unattended: null };
  await fetchRef(ledger.repo, access, `refs/heads/${branch}`, seenRef(saga));
}

async function contains({ ledger }: SagaPlace, tip: string, commit: string): Promise<boolean> {
  if (tip === commit) return true;
  if ((await readCommit(ledger.reader, commit)) === null) return false;
  return isAncestor(ledger.repo, commit, tip);
}
