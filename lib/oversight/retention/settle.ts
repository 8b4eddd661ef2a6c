import { AgentLogError } from '../../core/errors.ts';
import { keyStoreOf } from '../../identity/recipients/key-store.ts';
import { readPayloadSettings } from '../../identity/recipients/settings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { dropErased } from '../../ledger/payloads/drop.ts';
import { type Erasures, readErasures } from '../../ledger/payloads/erased.ts';
import { packingLock } from '../../ledger/payloads/paths.ts';
import { erasingLock, forget, intended, rememberWiped, wiped } from './intents.ts';

export interface SettleOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Removes what this clone keeps of transactions outside the repository's refs. Idempotent. */
  readonly wipe: (txns: readonly string[]) => Promise<void>;
}

const PATIENCE_MS = 20_000;

/**
 * The same, when nobody in this clone is erasing just now: for any command after a crash, and after tombstones came from
 * others.
 */
export async function finishErasures(ledger: Ledger, options: SettleOptions): Promise<void> {
  const work = (): Promise<void> => settleErasures(ledger, options);
  await withLock(erasingLock(ledger.repo), 0, work, () => Promise.resolve());
}

/**
 * Does what the tombstones of the ledger say, as far as it is not done here: whoever wrote them, and whatever a crash
 * left. Keys outside git are destroyed only where the erasure was begun: somebody else's tombstone starts no program.
 */
export async function settleErasures(ledger: Ledger, options: SettleOptions): Promise<void> {
  const begun = await intended(ledger.repo);
  const erasures = await readErasures(ledger);
  // Nobody is to be storing what is dropped.
  await withLock(
    packingLock(ledger.repo),
    PATIENCE_MS,
    () => dropHere(ledger, erasures, begun, options),
    () => Promise.reject(busy()),
  );
  const own = [...begun].filter(erasures.isErased);
  if (own.length > 0) {
    const store = keyStoreOf(await readPayloadSettings(ledger.repo), options.env);
    for (const txn of own) await store.destroy(txn);
  }
  // What has no tombstone was ended before it began.
  await forget(ledger.repo, begun);
}

async function dropHere(
  ledger: Ledger,
  erasures: Erasures,
  begun: ReadonlySet<string>,
  { wipe }: SettleOptions,
): Promise<void> {
  await dropErased(ledger);
  const done = await wiped(ledger.repo);
  const left = [...erasures.txns].filter((txn) => begun.has(txn) || !done.has(txn));
  if (left.length === 0) return;
  await wipe(left);
  await rememberWiped(
    ledger.repo,
    left.filter((txn) => !done.has(txn)),
  );
}

function busy(): AgentLogError {
  return new AgentLogError('LOCKED', 'system', 'another process has been storing texts all the while', {
    hints: ['The erasure is written down. Run the same command again to finish it.'],
  });
}
