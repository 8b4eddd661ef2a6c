import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { RelandRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { revertsOf } from '../../ledger/told/reverts.ts';
import { scopeOf, verdictOf } from '../telling/message.ts';
import { relandMessage } from '../telling/reland-message.ts';
import { type Applier, appliedBy } from './applier.ts';

/** The message of a plan that brings work back. */
export async function relandMessageFor(
  ledger: Ledger,
  plan: RevertPlan,
  { reason }: Pick<Applier, 'reason'>,
): Promise<string> {
  const commits = [...plan.units].reverse().flatMap(({ members }) => members);
  const originals = await Promise.all(
    [...new Set(commits)].map(async (commit) => {
      const message = (await readCommit(ledger.reader, commit))?.message ?? '';
      return { commit, subject: message.split('\n', 1)[0] ?? '' };
    }),
  );
  const notes = await Promise.all(plan.units.map(({ commit }) => readNote(ledger, commit)));
  const own = new Set(plan.units.map(({ commit }) => commit));
  const reverts = notes.flatMap(revertsOf).filter(({ commit }) => own.has(commit));
  const reasons = reverts.map((revert) => revert.reason).filter((one) => one !== null);
  return relandMessage({ plan, originals, revertReasons: [...new Set(reasons)], reason });
}

/** What the ledger keeps of work that was brought back. */
export function relandRecord(plan: RevertPlan, commit: string, tree: string, applier: Applier): RelandRecord {
  return {
    schema: 'agent-log/reland/v1',
    id: newUlid(applier.now),
    txns: [...plan.txns],
    commit,
    reverts: plan.units.map((unit) => unit.commit),
    units: [...new Set(plan.units.flatMap(({ members }) => members))],
    scope: scopeOf({ ...plan, missing: [] }),
    verdict: verdictOf(plan),
    ...appliedBy(plan, tree, applier),
  };
}
