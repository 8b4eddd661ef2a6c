import { messageOf } from '../../core/errors.ts';
import type { EvidenceDocument } from './evidence.ts';
import type { Sources } from './sources.ts';

type Rollback = EvidenceDocument['rollbacks'][number];

/** Each takes a fraction of a second; of a whole range nobody waits for all. */
const MOST = 10;

/** What undoing each transaction would do to the target now. Of commits besides the `own` of the question only ids and paths are told. */
export async function rollbacksOf(
  txns: readonly string[],
  onto: string | null,
  own: ReadonlySet<string>,
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
          (plan) => ({ txn, plan: ofQuestion(plan, txns, own), problem: null }),
          (error: unknown) => ({ txn, plan: null, problem: messageOf(error).slice(0, 1000) }),
        ),
      );
  return rollbacks;
}

type Plan = NonNullable<Rollback['plan']>;

/** Whoever gets the bundle asked about some work, and not who else does what in the repository. */
export function ofQuestion(plan: Plan, txns: readonly string[], own: ReadonlySet<string>): Plan {
  const hidden = <T extends Plan['dependants'][number] | Plan['blockers'][number]>(one: T): T =>
    own.has(one.commit) || (one.txn !== null && txns.includes(one.txn))
      ? one
      : { ...one, txn: null, subject: '', author: '' };
  return {
    ...plan,
    units: plan.units.map((unit) => (own.has(unit.commit) ? unit : { ...unit, subject: '' })),
    blockers: plan.blockers.map(hidden),
    dependants: plan.dependants.map(hidden),
    affected: [],
  };
}
