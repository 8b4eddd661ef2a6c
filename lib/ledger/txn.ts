import { AgentLogError } from '../core/errors.ts';
import { isExecution, isReadable } from '../core/record.ts';
import { type Ledger, readNote } from './ledger.ts';
import { notesHolding } from './scan.ts';

/** A transaction and the commits its records are on, in the order they were made. */
export interface FoundTxn {
  readonly txn: string;
  readonly commits: readonly string[];
}

/** Finds a transaction by its id or the beginning of it. Null when there is none; throws AMBIGUOUS when several begin so. */
export async function findTxn(ledger: Ledger, prefix: string): Promise<FoundTxn | null> {
  const objects = await notesHolding(ledger, `"txn":"${prefix}`);
  const found: { txn: string; seq: number; object: string }[] = [];
  for (const object of objects) {
    const note = await readNote(ledger, object);
    for (const line of note?.lines ?? []) {
      if (!isReadable(line) || !isExecution(line) || !line.record.txn.startsWith(prefix)) continue;
      found.push({ txn: line.record.txn, seq: line.record.seq, object });
    }
  }
  const txns = [...new Set(found.map(({ txn }) => txn))];
  if (txns.length > 1) {
    throw new AgentLogError('AMBIGUOUS', 'answer', `${txns.length} transactions begin with ${prefix}`, {
      hints: txns.slice(0, 5),
    });
  }
  const [txn] = txns;
  if (txn === undefined) return null;
  return { txn, commits: [...new Set(found.sort((a, b) => a.seq - b.seq).map(({ object }) => object))] };
}
