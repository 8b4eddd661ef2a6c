import { recordDigest } from '../../core/digest.ts';
import type { ApprovalRecord, ChangeSubject, DecisionRecord } from '../../core/records/record.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { type CommittedFile, readRegularFile } from '../../git/trees/regular-file.ts';
import { type Change, patchBetween, patchesBetween } from '../../ledger/binding/patch-cache.ts';
import type { Note } from '../../ledger/ledger.ts';
import { MAX_POLICY_BYTES, policyDigest } from '../../ledger/told/policy-digest.ts';
import { toldOn } from '../../ledger/told/told.ts';
import { NOT_MADE } from './commits.ts';
import type { Verifying } from './context.ts';
import { unlessGitFails } from './git-fails.ts';

/** What decisions and approvals on a note say they are about, against what there is: the change, and the policy it was judged by. */
export async function checkSubjects(verifying: Verifying, note: Note): Promise<void> {
  for (const { subject, digest } of subjectsOn(note)) await checkSubject(verifying, subject, digest);
  const policies = new Map<string, { record: DecisionRecord; digest: string }>();
  for (const { stored } of toldOn(note, 'decision'))
    policies.set(JSON.stringify([stored.record.policy, stored.record.subject.targetCommit]), stored);
  for (const { record, digest } of policies.values()) await checkPolicy(verifying, record, digest);
  for (const { stored } of toldOn(note, 'approval'))
    await checkApproved(verifying, stored.record, stored.digest);
}

/**
 * Has the patch-ids of the changes that many notes are about made together: anybody may push as many as they like.
 * Whoever needs one hears why it could not be made.
 */
export async function makePatches(verifying: Verifying, notes: readonly Note[]): Promise<void> {
  const subjects = new Map(notes.flatMap(subjectsOn).map(({ subject }) => [changeKey(subject), subject]));
  const looked = await Promise.all([...subjects.values()].map((subject) => changeOf(verifying, subject)));
  const changes = looked.flatMap(({ change }) => change ?? []);
  await unlessGitFails(patchesBetween(verifying.ledger, changes));
}

function changeKey({ base, head }: ChangeSubject): string {
  return `${base ?? ''} ${head}`;
}

/** Each once, with one record that names it. */
function subjectsOn(note: Note): { subject: ChangeSubject; digest: string }[] {
  const told = [...toldOn(note, 'decision'), ...toldOn(note, 'approval')];
  const subjects = told.map(({ stored: { record, digest } }) => ({ subject: record.subject, digest }));
  return [...new Map(subjects.map((one) => [JSON.stringify(one.subject), one])).values()];
}

/** What a change is made of here; the change itself is null where the patch-id of it can't be made. */
interface Looked {
  readonly head: Commit | null;
  readonly isBaseHere: boolean;
  readonly change: Change | null;
}

async function changeOf({ ledger, canDiff }: Verifying, { base, head }: ChangeSubject): Promise<Looked> {
  const at = await readCommit(ledger.reader, head);
  const from = base === null || at === null ? null : await readCommit(ledger.reader, base);
  const isBaseHere = base === null || from !== null;
  if (at === null || !isBaseHere || !(await canDiff(from?.tree ?? null, at.tree)))
    return { head: at, isBaseHere, change: null };
  return { head: at, isBaseHere, change: { from: from?.tree ?? null, to: at.tree } };
}

async function checkSubject(verifying: Verifying, subject: ChangeSubject, digest: string): Promise<void> {
  const { report, ledger } = verifying;
  const { base, tree, patchId } = subject;
  const { head, isBaseHere, change } = await changeOf(verifying, subject);
  if (head === null)
    return report.unknown('subjects', digest, `the commit ${subject.head} it is about is not here`);
  report.checked('subjects');
  if (head.tree !== tree)
    report.fails('subjects', digest, `it is about the tree ${tree}, and ${head.oid} has ${head.tree}`);
  if (!isBaseHere) return report.unknown('subjects', digest, `its base ${base ?? ''} is not here`);
  if (change === null)
    return report.unknown('subjects', digest, 'objects that the patch-id of the change needs are not here');
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
