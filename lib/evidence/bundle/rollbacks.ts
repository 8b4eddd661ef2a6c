import { messageOf } from '../../core/errors.ts';
import type { EvidenceDocument } from './evidence.ts';
import type { Sources } from './sources.ts';

type Rollback = EvidenceDocument['rollbacks'][number];

/** Each takes a fraction of a second; of a whole range nobody waits for all. */
const MOST = 10;

/** What undoing each transaction would do to the target now. */
export async function rollbacksOf(
  txns: readonly string[],
  onto: string | null,
  { planOf }: Pick<Sources, 'planOf'>,
): Promise<Rollback[]> {
  const rollbacks: Rollback[] = [];
  for (const txn of txns)
    if (onto === null) rollbacks.push({ txn, plan: null, problem: 'no branch is known to plan on' });
    else if (rollbacks.length >= MOST)
      rollbacks.push({
        txn,
        plan: null,
        problem: `only ${MOST} were planned: git agent-revert --plan ${txn}`,
      });
    else
      rollbacks.push(
        await planOf(txn, onto).then(
          (plan) => ({ txn, plan, problem: null }),
          (error: unknown) => ({ txn, plan: null, problem: messageOf(error).slice(0, 1000) }),
        ),
      );
  return rollbacks;
}
