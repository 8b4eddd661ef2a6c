import { patchId, patchIdsBetween } from '../../git/diffs/patch-id.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../ledger.ts';

/** A change from one tree (null: nothing) to another, by id. */
export interface Change {
  readonly from: string | null;
  readonly to: string;
}

/** Trees never change, so what is between two of them is asked once for as long as the ledger is open. */
const known = new WeakMap<Ledger, Map<string, Promise<string | null>>>();

function cacheOf(ledger: Ledger): Map<string, Promise<string | null>> {
  const cache = known.get(ledger) ?? new Map<string, Promise<string | null>>();
  known.set(ledger, cache);
  return cache;
}

const keyOf = ({ from, to }: Change): string => `${from ?? ''} ${to}`;

/** The patch-id of the change between two trees; null when there is none, or one of them is not here. */
export function patchBetween(ledger: Ledger, change: Change): Promise<string | null> {
  if (change.from === change.to) return Promise.resolve(null);
  const cache = cacheOf(ledger);
  const before = cache.get(keyOf(change));
  if (before !== undefined) return before;
  const asked = patchId(ledger.repo, change.from, change.to);
  cache.set(keyOf(change), asked);
  return asked;
}

/** The same for many, from few processes. */
export async function patchesBetween(ledger: Ledger, changes: readonly Change[]): Promise<(string | null)[]> {
  const cache = cacheOf(ledger);
  const nothing = emptyTree(ledger.repo.format);
  const asked = [...new Map(changes.map((change) => [keyOf(change), change])).values()].filter(
    (change) => change.from !== change.to && !cache.has(keyOf(change)),
  );
  const ids = await patchIdsBetween(
    ledger.repo,
    asked.map(({ from, to }) => ({ from: from ?? nothing, to })),
  );
  for (const [i, change] of asked.entries()) cache.set(keyOf(change), Promise.resolve(ids[i] ?? null));
  return Promise.all(changes.map((change) => patchBetween(ledger, change)));
}
