import { AgentLogError, messageOf } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import type { RelandRecord, RevertRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { committerLine } from '../../identity/committer.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { appendReland, appendRevert } from '../../ledger/told/reverts.ts';
import { revertMessage, scopeOf, verdictOf } from '../telling/message.ts';
import { type Applier, appliedBy } from './applier.ts';
import { relandMessageFor } from './reland.ts';
import { commitsUndone } from './told-places.ts';

/** What the ledger keeps of an applied plan. */
export function revertRecord(
  plan: RevertPlan,
  commits: readonly string[],
  tree: string,
  applier: Applier,
): RevertRecord {
  return {
    schema: 'agent-log/revert/v1',
    id: newUlid(applier.now),
    txns: [...plan.txns],
    commit: commits.at(-1) ?? '',
    ...(commits.length > 1 ? { commits: [...commits] } : {}),
    units: plan.units.map((unit) => unit.commit),
    dependants: plan.dependants.map((one) => one.commit),
    scope: scopeOf(plan),
    verdict: applier.verdict ?? verdictOf(plan),
    ...appliedBy(plan, tree, applier),
  };
}

/** Appends the record. The commit stands by then: who hears of a failure must hear that, too. */
export async function tellLedger(
  ledger: Ledger,
  record: RevertRecord | RelandRecord,
  { env, config, now }: Pick<Applier, 'env' | 'config' | 'now'>,
): Promise<void> {
  const { commit, txns } = record;
  const identity = committerLine(env, config, now);
  const message = (verb: string): string =>
    `agent-log: ${verb} ${txns.join(', ')} by ${shortOid(commit)}\n\nVia: agent-revert\n`;
  try {
    if (record.schema === 'agent-log/reland/v1')
      await appendReland(ledger, record, { identity, message: message('reland') });
    else {
      const held = await commitsUndone(ledger, record);
      await appendRevert(ledger, record, held, { identity, message: message('revert') });
    }
  } catch (cause) {
    const does = record.schema === 'agent-log/reland/v1' ? 'brings' : 'takes';
    const problem = `${shortOid(commit)} ${does} it back, but the ledger could not be told: ${messageOf(cause)}`;
    throw new AgentLogError('NOT_APPENDED', 'system', problem, {
      cause,
      hints: [
        'The commit stands, and its message says what it takes back. Only the record of it is missing.',
        'Once it can be written: git agent-revert --continue',
      ],
    });
  }
}

/** One of several commits a plan is applied by, and what it takes back. */
export interface StepPlace {
  readonly commits: readonly string[];
  readonly number: number;
  readonly of: number;
}

/** The message of a plan's one commit, or of one of its steps. */
export async function messageFor(
  ledger: Ledger,
  plan: RevertPlan,
  { reason, verdict = verdictOf(plan) }: Pick<Applier, 'reason' | 'verdict'>,
  step: StepPlace | null = null,
): Promise<string> {
  if (plan.action === 'reland') return relandMessageFor(ledger, plan, { reason });
  const isIn = ({ commit }: { readonly commit: string }): boolean =>
    step === null || step.commits.includes(commit);
  const units = plan.units.filter(isIn);
  const dependants = plan.dependants.filter(isIn);
  const merges = units.filter(({ kind }) => kind === 'merge');
  const parents = await Promise.all(
    merges.map(async ({ commit }): Promise<[string, string]> => {
      const merge = await readCommit(ledger.reader, commit);
      return [commit, merge?.parents[0] ?? ''];
    }),
  );
  return revertMessage({
    plan: { ...plan, units, dependants },
    verdict,
    title: units.length === 0 ? (dependants[0]?.subject ?? '') : await titleOf(ledger, { units }),
    reason,
    step,
    mergeParents: new Map(parents.filter(([, parent]) => parent !== '')),
  });
}

/** What was brought back keeps the name it had at first: no subject is quoted in another. */
async function titleOf(ledger: Ledger, { units }: Pick<RevertPlan, 'units'>): Promise<string> {
  const oldest = units.at(-1);
  const [original] = oldest?.members ?? [];
  const isOwn = oldest?.kind !== 'commit' || oldest.members.includes(oldest.commit);
  if (isOwn || original === undefined) return oldest?.subject ?? '';
  return (await readCommit(ledger.reader, original))?.message.split('\n', 1)[0] ?? '';
}
