import type { LedgerRecord } from '../../core/records/record.ts';
import { voiceOf } from '../../identity/approvals/voice.ts';
import { type Roster, whoIs } from '../../identity/roster/roster.ts';
import { judgeSignatures, whyNot } from '../../identity/signatures/judge.ts';
import type { Note } from '../../ledger/ledger.ts';
import { type Told, toldOn } from '../../ledger/told/told.ts';
import type { Verifying } from './context.ts';
import type { TrustFile } from './trust.ts';

/**
 * Whose signatures they are. A record in the name of somebody whose keys are known, and signed with none of them, was signed by a
 * stranger; a key nobody knows proves nothing either way, and neither does one that counts no more.
 */
export function checkSigners(verifying: Verifying, note: Note): void {
  for (const told of toldOn(note, 'approval')) checkApproval(verifying, told);
  const others: Told<LedgerRecord>[] = [
    ...toldOn(note, 'decision'),
    ...toldOn(note, 'checkpoint'),
    ...toldOn(note, 'event'),
  ];
  for (const told of others) checkOther(verifying, told);
}

/** Says in plain words how many approvals count by the keys an auditor pinned: those of others are no failure, and no approval either. */
export function sayWhoApproved({ report, seen }: Verifying, trust: TrustFile | null): void {
  if (trust?.signers === undefined || seen.approvals.size === 0) return;
  const all = seen.approvals.size;
  const named = [...seen.approvals.values()].filter(Boolean).length;
  const rest = all - named;
  report.says(
    'signers',
    `of ${all === 1 ? '1 approval' : `${all} approvals`}, ${named} ${named === 1 ? 'is' : 'are'} by people or pipelines that the trust file names${
      rest === 0
        ? ''
        : `; ${rest === 1 ? 'the other one counts' : `the other ${rest} count`} for nothing here: that is no yes`
    }`,
  );
}

function checkApproval(verifying: Verifying, told: Told<LedgerRecord> & Parameters<typeof voiceOf>[0]): void {
  const { digest, record } = told.stored;
  const isYes = record.kind === 'approval';
  if (isYes) verifying.seen.approvals.set(digest, false);
  const roster = rosterFor(verifying, told);
  if (roster === null) return;
  const { assurance, who, unsure } = voiceOf(told, roster, { now: verifying.now });
  if (assurance !== 'asserted') {
    if (isYes) verifying.seen.approvals.set(digest, true);
    return;
  }
  const says = `it is in the name of ${who.name} <${who.email}>, and no signature of it is theirs: ${unsure.join(', ')}`;
  if (isStrange(told, roster, who.person)) verifying.report.fails('signers', digest, says);
  else verifying.report.unknown('signers', digest, says);
}

/** Decisions and checkpoints are signed by pipelines alone, steps of exceptions by people too. */
function checkOther(verifying: Verifying, told: Told<LedgerRecord>): void {
  const roster = rosterFor(verifying, told);
  if (roster === null) return;
  const judged = judgeSignatures(told, roster, verifying);
  if (judged.some(({ by }) => by.kind !== 'nobody')) return;
  const { record, digest } = told.stored;
  const says = `no key that counts signed it: ${whyNot(judged).join(', ')}`;
  const who = 'by' in record && record.by !== null ? whoIs(roster, record.by) : null;
  const isPipelines = record.schema !== 'agent-log/event/v1' && roster.ci.length > 0;
  const isUnknown = told.signatures.every(({ publicKey }) => !roster.byKey.has(publicKey));
  if (isPipelines ? isUnknown : isStrange(told, roster, who?.person ?? null))
    verifying.report.fails('signers', digest, says);
  else verifying.report.unknown('signers', digest, says);
}

/** The person's keys are known, and it was signed with others. */
function isStrange(
  { signatures }: Told<LedgerRecord>,
  roster: Roster,
  person: Roster['people'][number] | null,
): boolean {
  if (person === null || person.keys.length === 0) return false;
  return signatures.every(({ publicKey }) => {
    const holder = roster.byKey.get(publicKey);
    return holder?.kind !== 'person' || holder.person !== person;
  });
}

/** Null where there is nothing to judge, or nobody to judge it by. */
function rosterFor({ roster, report }: Verifying, { stored, signatures }: Told<LedgerRecord>): Roster | null {
  if (signatures.length === 0) return null;
  report.checked('signers');
  if (roster !== null && roster.byKey.size > 0) return roster;
  report.unknown(
    'signers',
    stored.digest,
    "nobody's keys are known: the target names none, and no trust file does",
  );
  return null;
}
