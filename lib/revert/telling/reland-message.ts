import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { isInPart, madeAgain, oneLine, quoted, reasonText } from './message.ts';

export interface RelandMessage {
  readonly plan: Pick<RevertPlan, 'txns' | 'units' | 'digest' | 'residue' | 'leftOut' | 'regenerated'>;
  /** The commits that come back with their subjects, oldest first; text from outside. */
  readonly originals: readonly { readonly commit: string; readonly subject: string }[];
  /** Why they were taken out, as somebody gave it then; text from outside. */
  readonly revertReasons: readonly string[];
  /** Why they come back; text from outside. */
  readonly reason: string | null;
}

const MOST_ORIGINALS = 20;

/** The message of a re-land. It never quotes a quoted subject: the original one is given again, however often it went. */
export function relandMessage({ plan, originals, revertReasons, reason }: RelandMessage): string {
  const { txns, units, digest, regenerated = [] } = plan;
  const [txn = ''] = txns;
  const name = txns.length === 1 ? `txn ${txn}` : `${txns.length} txns`;
  const reverts = ({ commit, kind }: RevertPlan['units'][number]): string =>
    `This reverts ${isInPart(plan) || kind === 'part' ? 'a part of commit' : 'commit'} ${commit}.`;
  const more = originals.length - MOST_ORIGINALS;
  const paragraphs = [
    `Reland agent ${name}: "${quoted(originals[0]?.subject ?? '')}"`,
    reason === null ? '' : `Reason: ${reasonText(reason)}`,
    units.map(reverts).join('\n'),
    madeAgain(regenerated),
    revertReasons.map((one) => `Was reverted because: ${reasonText(one)}`).join('\n'),
    [
      ...originals
        .slice(0, MOST_ORIGINALS)
        .map(({ commit, subject }) => `Brings back ${shortOid(commit)} "${quoted(subject)}"`),
      ...(more > 0 ? [`Brings back ${more} more commits.`] : []),
    ].join('\n'),
    [
      ...txns.map((one) => `Relands-Txn: ${oneLine(one, 100)}`),
      ...units.map(({ commit }) => `Relands-Commit: ${commit}`),
      `Revert-Plan: ${digest}`,
    ].join('\n'),
  ];
  return `${paragraphs.filter(Boolean).join('\n\n')}\n`;
}
