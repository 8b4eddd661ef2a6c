import type { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { formatPerson, type Person } from '../../core/person.ts';
import type { ApprovalRecord, ChangeSubject } from '../../core/records/record.ts';
import type { JudgedWords } from '../../identity/approvals/judge.ts';
import type { Spoken } from '../../identity/approvals/speak.ts';
import type { Assurance } from '../../identity/approvals/voice.ts';
import { fingerprint } from '../../identity/signatures/public-key.ts';
import type { Paint } from '../terminal/io.ts';
import { count, oneLine } from './text.ts';

/** What `approve --json` and `sponsor --json` print. */
export interface ApprovedDocument {
  readonly schema: 'agent-log/approved/v1';
  readonly kind: ApprovalRecord['kind'];
  readonly id: string;
  /** Digest of the record. */
  readonly record: string;
  /** False when it had been said before: nothing was added. */
  readonly isNew: boolean;
  readonly subject: ChangeSubject;
  readonly policy: string | null;
  readonly txns: readonly string[];
  readonly commits: number;
  readonly by: Person;
  readonly note: string | null;
  /** Public key; null for an unsigned word. */
  readonly signedBy: string | null;
  /** The commit the roster was read from, and whether it has one. */
  readonly roster: { readonly commit: string; readonly exists: boolean };
  /** What a reader makes of it now; null for a withdrawal. */
  readonly judged: {
    readonly assurance: Assurance;
    readonly person: string | null;
    readonly holds: boolean;
    readonly present: boolean;
    readonly isAuthor: boolean;
    readonly roles: readonly string[];
    readonly notTheirs: readonly string[];
    readonly why: readonly string[];
  } | null;
}

export function approvedDocument({ told, words, roster, commits, isNew }: Spoken): ApprovedDocument {
  const { record, digest } = told.stored;
  return {
    schema: 'agent-log/approved/v1',
    kind: record.kind,
    id: record.id,
    record: digest,
    isNew,
    subject: record.subject,
    policy: record.policy ?? null,
    txns: record.txns,
    commits,
    by: record.by,
    note: record.note,
    signedBy: told.signatures[0]?.publicKey ?? null,
    roster: { commit: roster.commit, exists: roster.file !== null },
    judged: judgedOf(words, digest),
  };
}

function judgedOf({ approvals, sponsorships }: JudgedWords, digest: string): ApprovedDocument['judged'] {
  const word = [...approvals, ...sponsorships].find((one) => one.digest === digest);
  if (word === undefined) return null;
  const { assurance, holds, present, isAuthor, roles, why, who } = word;
  const notTheirs = word.kind === 'sponsorship' ? word.notTheirs : [];
  return { assurance, person: who.person?.email ?? null, holds, present, isAuthor, roles, notTheirs, why };
}

const VERBS: Readonly<Record<ApprovalRecord['kind'], string>> = {
  approval: 'Approved',
  sponsorship: 'Sponsored',
  withdrawal: 'Taken back',
};

/** What was said, and what it binds. */
export function renderApproved(document: ApprovedDocument, paint: Paint): string {
  const { subject, kind, isNew, by, signedBy, txns } = document;
  const { head, tree, target, mr } = subject;
  const branch = target === null ? 'a bare commit' : target.replace('refs/heads/', '');
  const lines = [
    `${isNew ? VERBS[kind] : `${VERBS[kind]} before`}: ${workText(document.commits, escapeTerminal(branch))}, up to ${paint.name(head.slice(0, 12))} (tree ${tree.slice(0, 12)})`,
    `  by       ${escapeTerminal(formatPerson(by))}`,
    `  signed   ${signedBy === null ? paint.warn('no') : fingerprint(signedBy)}`,
    ...(txns.length === 0 ? [] : [`  txns     ${txnsText(txns)}`]),
    ...(mr === undefined ? [] : [`  request  ${escapeTerminal(mr)}`]),
    ...judgedLines(document, paint),
  ];
  return `${lines.join('\n')}\n`;
}

/** What is sponsored may have landed before somebody answers for it. */
function workText(commits: number, branch: string): string {
  return commits === 0 ? `work that ${branch} has already` : `${count(commits, 'commit')} for ${branch}`;
}

function txnsText(txns: readonly string[]): string {
  return txns.length <= 3 ? txns.join(', ') : `${txns.slice(0, 3).join(', ')} and ${txns.length - 3} more`;
}

function judgedLines({ judged }: ApprovedDocument, paint: Paint): string[] {
  if (judged === null) return [];
  const { assurance, why, isAuthor, notTheirs } = judged;
  const against = [
    ...why,
    ...(isAuthor ? ["you wrote or committed some of it: it is no second person's word"] : []),
    ...(notTheirs.length > 0
      ? [`.agent-log/sponsors.yaml at the target does not let you sponsor ${pathsText(notTheirs)}`]
      : []),
  ];
  return [
    `  counts   ${assurance === 'attested' ? paint.good(assurance) : paint.warn(assurance)}`,
    ...against.map((one) => `  ${paint.warn('but')}      ${escapeTerminal(one)}`),
  ];
}

function pathsText(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

/** By name, the first few. */
export function peopleText(people: readonly Person[]): string {
  const shown = people
    .slice(0, 3)
    .map((person) => oneLine(formatPerson(person), 100))
    .join(', ');
  return people.length > 3 ? `${shown} and ${people.length - 3} more` : shown;
}

/** What a reader will check, and what would make it count for more. */
export function approvedHints(
  { kind, roster, signedBy, judged, isNew }: ApprovedDocument,
  problem: AgentLogError | null,
  unsigned: readonly Person[],
): string {
  const hints = [
    ...(kind === 'approval'
      ? ['it holds while target, history, tree, patch and policy stay what they are and the merge is clean']
      : []),
    ...(kind === 'sponsorship' ? ['it holds for the transaction, also when the agent goes on with it'] : []),
    ...(kind === 'sponsorship' && unsigned.length > 0
      ? [`${peopleText(unsigned)}, whom a record of the change names, still has to sign: each as themselves`]
      : []),
    ...(problem === null ? [] : [problem.message, ...problem.hints]),
    ...(!roster.exists && problem === null
      ? ["there is no .agent-log/sponsors.yaml at the target: nobody's key is known there"]
      : []),
    ...(signedBy === null && kind !== 'withdrawal'
      ? ['without a signature it is only asserted: set gpg.format ssh and user.signingKey']
      : []),
    ...(roster.exists && signedBy !== null && judged?.assurance === 'asserted'
      ? ['have your key added to .agent-log/sponsors.yaml at the target: until then it is only asserted']
      : []),
    ...(isNew ? ['tell the remote and others: git agent-log sync'] : []),
  ];
  return hints.map((hint) => `hint: ${escapeTerminal(hint)}\n`).join('');
}
