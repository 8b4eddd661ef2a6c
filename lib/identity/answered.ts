import type { Person } from '../core/person.ts';
import type { ApprovalRecord, ChangeSubject } from '../core/records/record.ts';
import { readCommit } from '../git/objects/objects.ts';
import { isAncestor } from '../git/refs/refs.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Told } from '../ledger/told/told.ts';
import { voiceOf } from './approvals/voice.ts';
import { lastWithdrawals, withdrawalOf } from './approvals/withdrawn.ts';
import { type Roster, whoIs } from './roster/roster.ts';
import type { JudgedAt } from './signatures/judge.ts';

/** A commit's work, and the person its record names as answering for it. */
export interface Answering {
  readonly commit: string;
  readonly txn: string;
  readonly sponsor: Person;
}

/**
 * Whether that person has signed that they do: of the transaction, in a change the commit is part of, and they did not take it back. An id of
 * a transaction can be copied into any record, so that alone shows nothing.
 */
export async function isAnsweredFor(
  ledger: Ledger,
  { commit, txn, sponsor }: Answering,
  approvals: readonly Told<ApprovalRecord>[],
  roster: Roster,
  at: JudgedAt,
): Promise<boolean> {
  const voices = approvals.map((told) => voiceOf(told, roster, at));
  const kindOf = (voice: (typeof voices)[number]): string => voice.told.stored.record.kind;
  const withdrawals = lastWithdrawals(
    voices.filter((voice) => kindOf(voice) === 'withdrawal'),
    at.now,
  );
  const { id } = whoIs(roster, sponsor);
  const standing = voices.filter(
    (voice) =>
      kindOf(voice) === 'sponsorship' &&
      voice.assurance === 'attested' &&
      voice.who.id === id &&
      voice.told.stored.record.txns.includes(txn) &&
      withdrawalOf(voice, withdrawals) === null,
  );
  for (const { told } of standing)
    if (await isPartOf(ledger, commit, told.stored.record.subject)) return true;
  return false;
}

/** A squash has the tree that was sponsored, and none of its commits. */
async function isPartOf(
  { repo, reader }: Ledger,
  commit: string,
  { base, head, tree }: ChangeSubject,
): Promise<boolean> {
  if (commit === head || (await readCommit(reader, commit))?.tree === tree) return true;
  if ((await readCommit(reader, head)) === null || !(await isAncestor(repo, commit, head))) return false;
  return base === null || !(await isAncestor(repo, commit, base));
}
