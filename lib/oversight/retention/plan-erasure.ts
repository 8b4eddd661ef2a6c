import { AgentLogError } from '../../core/errors.ts';
import type { ErasureRecord } from '../../core/records/record.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readTxn } from '../../ledger/payloads/store.ts';
import { membersOf, txnNamed } from '../../ledger/reading/txn.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';

/** What an erasure would drop, and who may be able to read it all the same. */
export type ErasurePlan = Pick<ErasureRecord, 'txns' | 'mayDecrypt'>;

/** A transaction that is to be erased. */
export interface Due {
  readonly txn: string;
  /** The rule of retention it is due by. */
  readonly rule?: string;
}

/**
 * The ids under which texts of some transactions are stored: those of the records as they were made. Throws NOT_FOUND, and
 * AMBIGUOUS where records that were split off have their texts under the same key.
 */
export async function storedTxnsOf(ledger: Ledger, names: readonly string[]): Promise<string[]> {
  const regroups = await readRegroups(ledger);
  const wanted = new Set<string>();
  for (const name of names) wanted.add((await txnNamed(ledger, name)).txn);
  const ids = new Set<string>();
  for (const txn of wanted) {
    for (const name of regroups.namesOf(txn)) ids.add(name);
    for (const { stored } of await membersOf(ledger, regroups, txn)) ids.add(stored.record.txn);
  }
  const others = await sharing(ledger, regroups, ids, wanted);
  if (others.length > 0) throw shared(others);
  return [...ids].sort();
}

/** Transactions that have records under one of these ids and were not asked for. */
async function sharing(
  ledger: Ledger,
  regroups: Regrouping,
  ids: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): Promise<string[]> {
  const near = [...ids].flatMap((id) => [id, ...regroups.splitFrom(id)].map(regroups.nameOf));
  const others: string[] = [];
  for (const txn of new Set(near)) {
    if (wanted.has(txn)) continue;
    const members = await membersOf(ledger, regroups, txn);
    if (members.some(({ stored }) => ids.has(stored.record.txn))) others.push(txn);
  }
  return others;
}

/** Looks at what is stored of transactions. Changes nothing. */
export async function planErasure(ledger: Ledger, due: readonly Due[]): Promise<ErasurePlan> {
  const recipients = new Set<string>();
  const txns: ErasurePlan['txns'] = [];
  let clones = false;
  for (const { txn, rule } of due) {
    const { entries, keys, problems } = await readTxn(ledger, txn);
    for (const key of keys) for (const recipient of key.recipients) recipients.add(recipient);
    clones ||= keys.some(({ by }) => by === 'age');
    txns.push({
      txn,
      entries: entries.length + problems.length,
      keys: keys.length,
      bytes: entries.reduce((sum, { headerBytes, sealed }) => sum + headerBytes.length + sealed.length, 0),
      ...(rule === undefined ? {} : { rule }),
    });
  }
  return { txns, mayDecrypt: { recipients: [...recipients].sort(), clones } };
}

function shared(others: readonly string[]): AgentLogError {
  const what = `its texts lie under one key with those of ${others.slice(0, 5).join(', ')}, split off from it`;
  return new AgentLogError('AMBIGUOUS', 'answer', what, {
    hints: ['Name all of them to erase all, or see which one you mean: git agent-log list --txn.'],
  });
}
