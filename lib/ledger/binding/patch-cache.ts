import { patchIdsBetween } from '../../git/diffs/patch-id.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Ledger } from '../ledger.ts';
import { together } from './together.ts';

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

interface Asked {
  readonly change: Change;
  readonly resolve: (patch: string | null | Promise<string | null>) => void;
}

/**
 * The patch-id of the change between two trees; null when there is none, or one of them is not here. All that ask before
 * the loop turns are answered by few processes.
 */
export function patchBetween(ledger: Ledger, change: Change): Promise<string | null> {
  if (change.from === change.to) return Promise.resolve(null);
  const cache = cacheOf(ledger);
  const before = cache.get(keyOf(change));
  if (before !== undefined) return before;
  const asked = new Promise<string | null>((resolve) => ask(ledger, { change, resolve }));
  cache.set(keyOf(change), asked);
  return asked;
}

/** The same for many. */
export function patchesBetween(ledger: Ledger, changes: readonly Change[]): Promise<(string | null)[]> {
  return Promise.all(changes.map((change) => patchBetween(ledger, change)));
}

const ask = together<Asked>(({ repo }, asked) => {
  const nothing = emptyTree(repo.format);
  const made = patchIdsBetween(
    repo,
    asked.map(({ change: { from, to } }) => ({ from: from ?? nothing, to })),
  );
  for (const [i, { resolve }] of asked.entries()) resolve(made.then((ids) => ids[i] ?? null));
});
