import { recordDigest } from '../../core/digest.ts';
import type { ApprovalRecord, ChangeSubject, DecisionRecord } from '../../core/records/record.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { type CommittedFile, readRegularFile } from '../../git/trees/regular-file.ts';
import { patchBetween } from '../../ledger/binding/patch-cache.ts';
import type { Note } from '../../ledger/ledger.ts';
import { MAX_POLICY_BYTES, policyDigest } from '../../ledger/told/policy-digest.ts';
import { toldOn } from '../../ledger/told/told.ts';
import { NOT_MADE } from './commits.ts';
import type { Verifying } from './context.ts';
import { unlessGitFails } from './git-fails.ts';

/** What decisions and approvals on a note say they are about, against what there is: the change, and the policy it was judged by. */
export async function checkSubjects(verifying: Verifying, note: Note): Promise<void> {
  const decisions = toldOn(note, 'decision');
  const approvals = toldOn(note, 'approval');
  const subjects = new Map<string, { subject: ChangeSubject; digest: string }>();
  for (const { stored } of [...decisions, ...approvals])
    subjects.set(JSON.stringify(stored.record.subject), {
      subject: stored.record.subject,
      digest: stored.digest,
    });
  for (const { subject, digest } of subjects.values()) await checkSubject(verifying, subject, digest);
  const policies = new Map<string, { record: DecisionRecord; digest: string }>();
  for (const { stored } of decisions)
    policies.set(JSON.stringify([stored.record.policy, stored.record.subject.targetCommit]), stored);
  for (const { record, digest } of policies.values()) await checkPolicy(verifying, record, digest);
  for (const { stored } of approvals) await checkApproved(verifying, stored.record, stored.digest);
}

async function checkSubject(
  { report, ledger, canDiff }: Verifying,
  subject: ChangeSubject,
  digest: string,
): Promise<void> {
  const { head, base, tree, patchId } = subject;
  const at = await readCommit(ledger.reader, head);
  if (at === null) return report.unknown('subjects', digest, `the commit ${head} it is about is not here`);
  report.checked('subjects');
  if (at.tree !== tree)
    report.fails('subjects', digest, `it is about the tree ${tree}, and ${head} has ${at.tree}`);
  const from = base === null ? null : await readCommit(ledger.reader, base);
  if (base !== null && from === null)
    return report.unknown('subjects', digest, `its base ${base} is not here`);
  if (!(await canDiff(from?.tree ?? null, at.tree)))
    return report.unknown('subjects', digest, 'objects that the patch-id of the change needs are not here');
  const change = { from: from?.tree ?? null, to: at.tree };
  const made = await unlessGitFails(patchBetween(ledger, change).then((id) => ({ id })));
  if (made === null) return report.unknown('subjects', digest, NOT_MADE);
  if (made.id !== patchId)
    report.fails(
      'subjects',
      digest,
      `the patch-id it tells is ${patchId ?? 'none'}, and that of the change is ${made.id ?? 'none'}`,
    );
}

async function checkPolicy(
  { report, ledger }: Verifying,
  { policy, subject }: DecisionRecord,
  digest: string,
): Promise<void> {
  if (policy === null) return;
  if (subject.targetCommit !== null && subject.targetCommit !== policy.commit)
    report.fails(
      'policies',
      digest,
      `its policy is that of ${policy.commit}, and its target was at ${subject.targetCommit}`,
    );
  if ((await readCommit(ledger.reader, policy.commit)) === null)
    return report.unknown('policies', digest, `the commit ${policy.commit} its policy is of is not here`);
  report.checked('policies');
  const file = await readRegularFile(ledger.reader, policy.commit, policy.path, MAX_POLICY_BYTES);
  const differs = differenceOf(file, policy);
  if (differs !== null) report.fails('policies', digest, `${policy.path} at ${policy.commit} ${differs}`);
}

function differenceOf(
  file: CommittedFile,
  { blob, digest }: NonNullable<DecisionRecord['policy']>,
): string | null {
  if (file.kind !== 'file') return `is no file (${file.kind})`;
  if (file.oid !== blob) return `is ${file.oid}, and the decision names ${blob}`;
  return recordDigest(file.content) === digest ? null : 'has another digest than the decision names';
}

/** An approval names the policy it was given under. */
async function checkApproved(
  { report, ledger }: Verifying,
  record: ApprovalRecord,
  digest: string,
): Promise<void> {
  const { policy, subject } = record;
  if (policy === undefined || subject.targetCommit === null) return;
  if ((await readCommit(ledger.reader, subject.targetCommit)) === null)
    return report.unknown(
      'policies',
      digest,
      `the target ${subject.targetCommit} it was given for is not here`,
    );
  report.checked('policies');
  if ((await policyDigest(ledger.reader, subject.targetCommit)) !== policy)
    report.fails(
      'policies',
      digest,
      `the policy at ${subject.targetCommit} is not the one it was given under`,
    );
}
