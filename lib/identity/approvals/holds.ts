import type { ApprovalRecord, ChangeSubject } from '../../core/records/record.ts';

/** A change as it is now. */
export interface ChangeNow {
  readonly subject: ChangeSubject;
  /** Digest of the policy file at the target; null where there is none. */
  readonly policy: string | null;
  /** Whether it goes into the target as that is now. `unknown` counts as not clean. */
  readonly merge: 'clean' | 'conflict' | 'unknown';
  /** Where the target was when somebody spoke, and since when it got this very change, or had it then. Default: nowhere. */
  readonly landedSince?: ReadonlySet<ChangeSubject['targetCommit']>;
}

/**
 * What is not as it was when somebody said yes; empty when all is. A target that moved on is no change as long as the merge is
 * clean: then the same patch meets the same lines. The base is compared by its id, which no other repository has.
 */
export function changedSince(
  { subject: then, policy }: Pick<ApprovalRecord, 'subject' | 'policy'>,
  { subject: now, policy: inForce, merge, landedSince }: ChangeNow,
): string[] {
  const changed = [
    [then.target !== now.target, 'it was given for another target'],
    [then.base === null || then.base !== now.base, 'it was given on another history'],
    [then.tree !== now.tree, 'the change has other content now'],
    [then.patchId !== now.patchId, 'the change is another patch now'],
    [now.patchId === null, 'there is nothing in the change'],
    [(policy ?? null) !== inForce, 'the policy is another one now'],
    [differ(then.mr, now.mr), 'it was given for another merge request'],
    [
      landedSince?.has(then.targetCommit) === true,
      'the target has it already: what was taken back there is approved anew',
    ],
    [merge === 'conflict', 'the change does not merge cleanly any more'],
    [merge === 'unknown', 'nobody knows whether the change still merges cleanly'],
  ] as const;
  return changed.flatMap(([is, why]) => (is ? [why] : []));
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
