import type { ApprovalRecord } from '../core/records/record.ts';
import { type Ledger, readNote } from '../ledger/ledger.ts';
import { hasTold, readTold, type Told, toldOn } from '../ledger/told/told.ts';
import { type Answering, isAnsweredFor } from './answered.ts';
import { judgesOf } from './said-of.ts';
import { judgedAt } from './signatures/judged-at.ts';

/**
 * Those of the commits whose sponsors have signed that they answer for them, by the people and keys at the default target as it is now: what
 * `show` says of each. Where nothing was ever told of a change this costs one look-up.
 */
export async function answeredCommits(
  ledger: Ledger,
  works: readonly Answering[],
  now: number,
): Promise<ReadonlySet<string>> {
  if (works.length === 0 || !(await hasTold(ledger))) return new Set();
  const ofTxn = new Map<string, Told<ApprovalRecord>[]>();
  for (const txn of new Set(works.map((work) => work.txn)))
    ofTxn.set(txn, await readTold(ledger, 'approval', txn));
  const told = await Promise.all(
    works.map(async (work) => ({
      work,
      approvals: once([
        ...toldOn(await readNote(ledger, work.commit), 'approval'),
        ...(ofTxn.get(work.txn) ?? []),
      ]),
    })),
  );
  const all = once(told.flatMap(({ approvals }) => approvals));
  if (all.length === 0) return new Set();
  const { roster } = await judgesOf(ledger);
  const at = await judgedAt(ledger, roster, all, now);
  const answered = new Set<string>();
  for (const { work, approvals } of told)
    if (await isAnsweredFor(ledger, work, approvals, roster, at)) answered.add(work.commit);
  return answered;
}

function once(told: readonly Told<ApprovalRecord>[]): Told<ApprovalRecord>[] {
  return [...new Map(told.map((one) => [one.stored.digest, one])).values()];
}
