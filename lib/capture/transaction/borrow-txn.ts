import type { SealContext } from '../commit/context.ts';
import { clonePlace } from '../registry.ts';
import { copyTexts } from '../session/texts.ts';
import { loadTxn, saveTxn, type TxnState } from './transaction.ts';

/** In which clone a transaction was opened whose command also works in others: the folder its state lies in. */
export const TXN_HOME = 'AGENT_LOG_TXN_HOME';

/**
 * The transaction a command was started for, as this clone knows it or as the clone does in which it was opened: then this one counts its own
 * records of it from one. What it was based on, and what was changed before, is the other's and not taken along. Null when
 * nobody knows it.
 */
export async function txnHereOrAtHome(
  { place, env }: Pick<SealContext, 'place' | 'env'>,
  txn: string,
): Promise<TxnState | null> {
  const own = await loadTxn(place, txn);
  const home = own === null ? await clonePlace(env[TXN_HOME] ?? '') : null;
  const there = home === null ? null : await loadTxn(home, txn);
  if (home === null || there === null || there.by !== 'run' || there.endedAt !== null) return own;
  const { command, topic: _topic, ...rest } = there;
  const state: TxnState = {
    ...rest,
    ...(command === undefined ? {} : { command: { ...command, before: null } }),
    base: null,
    texts: `txn-${txn}`,
    seq: 0,
    prev: null,
    settled: [],
  };
  const named = [there.task?.digest, command?.args.digest].filter((digest) => digest !== undefined);
  await copyTexts(home, place, state.texts, new Set(named));
  await saveTxn(place, state);
  return state;
}
