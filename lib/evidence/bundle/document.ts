import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { EvidenceDocument } from './evidence.ts';

/** The text of a diff as it goes into the bundle. */
export interface CommitDiff {
  readonly commit: string;
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
}

export function diffPath(commit: string): string {
  return `diffs/${commit}.diff`;
}

export function shownDiff({ commit, bytes, isCut }: CommitDiff): EvidenceDocument['diffs'][number] {
  return { commit, path: diffPath(commit), size: bytes.length, isCut };
}

/** What the commits of a transaction say of it together. */
export function shownTxn(
  txn: string,
  changes: EvidenceDocument['changes'],
  plan: RevertPlan | null,
): EvidenceDocument['txns'][number] {
  const own = changes.filter((change) => change.txn === txn);
  const sponsor = own.find((change) => change.sponsor !== null)?.sponsor ?? null;
  return {
    txn,
    commits: own.map(({ commit }) => commit),
    sponsor: sponsor === null ? null : { name: sponsor.name, email: sponsor.email },
    state: stateOf(plan, own),
  };
}

/** What became of a transaction on the target, as its plan and its own records tell. */
function stateOf(
  plan: RevertPlan | null,
  changes: EvidenceDocument['changes'],
): EvidenceDocument['txns'][number]['state'] {
  if (plan === null || plan.verdict === 'refused' || plan.verdict === 'noop') return 'unknown';
  if (plan.verdict === 'not-landed') return 'not-landed';
  if (plan.verdict === 'already-reverted') return 'reverted';
  const isPartly = changes.some(({ reverts }) => reverts.some(({ scope }) => scope === 'partial'));
  const isBack = changes.some(({ relands }) => relands.length > 0);
  return isPartly && !isBack ? 'partly-reverted' : 'landed';
}
