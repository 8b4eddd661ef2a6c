import {
  type ApprovalRecord,
  encodeRecord,
  type LedgerRecord,
  type StoredRecord,
} from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { readRoster } from '../../identity/roster/read.ts';
import { personWithAccount, type Roster } from '../../identity/roster/roster.ts';
import { pipelineBehind } from '../../identity/signatures/judge.ts';
import { judgedAt } from '../../identity/signatures/judged-at.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { changeSubject } from '../../ledger/told/change-subject.ts';
import { policyDigest } from '../../ledger/told/policy-digest.ts';
import { appendTold, type Told, toldOn } from '../../ledger/told/told.ts';
import type { CheckRequest } from '../check.ts';
import { txnsOf } from '../gather/look.ts';
import { rangeCommits } from '../gather/range-commits.ts';
import { type ImportFile, readImports, TELL_APPROVALS } from '../imports/files.ts';
import type { ImportedApproval } from '../imports/imported.ts';
import type { Recorder } from '../record-check.ts';

type Change = Pick<ApprovalRecord, 'subject' | 'policy' | 'txns'>;

/**
 * Takes in what a host says was approved of a change, as it is now: signed where there is a key, for then the word of a pipeline
 * stands behind it. What was taken in before is not said again. Gives how many are new. Throws what changeSubject and readImports throw.
 */
export async function recordHostApprovals(
  ledger: Ledger,
  request: Pick<CheckRequest, 'revision' | 'target' | 'mr' | 'now'>,
  files: readonly ImportFile[],
  { identity, sign }: Recorder,
): Promise<number> {
  const telling = files.filter(({ format }) => TELL_APPROVALS.has(format));
  if (telling.length === 0) return 0;
  const subject = await changeSubject(ledger, request);
  const found = (await readImports(telling, subject.head)).flatMap(({ approvals }) => approvals);
  const target = subject.targetCommit ?? subject.head;
  const [roster, policy, commits] = await Promise.all([
    readRoster(ledger.reader, target),
    policyDigest(ledger.reader, target),
    rangeCommits(ledger, [subject.head, ...(subject.base === null ? [] : [`^${subject.base}`])]),
  ]);
  const change = {
    subject,
    ...(policy === null ? {} : { policy }),
    txns: txnsOf(commits).slice(0, MOST_TXNS),
  };
  const before = toldOn(await readNote(ledger, subject.head), 'approval');
  const at = await judgedAt(ledger, roster, before, request.now);
  // What somebody took in without a pipeline's key is no reason for the pipeline not to say it.
  const sure = sign === null ? before : before.filter((told) => pipelineBehind(told, roster, at) !== null);
  const last = lastOfAccounts(sure);
  const known = new Set(last.map(saying));
  const records: LedgerRecord[] = [];
  let count = 0;
  for (const approval of found) {
    const { record, digest } = approvalRecord(approval, change, roster, request.now + count);
    if (known.has(saying(record))) continue;
    count++;
    records.push(record, ...(sign === null ? [] : [await sign(digest)]));
  }
  const gone = sign === null ? [] : noLongerSaid(last, found, telling);
  for (const record of gone.map((one, i) => withdrawalOf(one, change, request.now + count + i))) {
    const { digest } = encodeRecord(record);
    records.push(record, ...(sign === null ? [] : [await sign(digest)]));
  }
  if (records.length > 0)
    await appendTold(ledger, [{ object: subject.head, records }], {
      identity,
      message: 'agent-log: approvals of the host\n\nVia: import\n',
    });
  return count;
}

const MOST_TXNS = 1000;

/** What was said last in the name of each account of a host. */
function lastOfAccounts(told: readonly Told<ApprovalRecord>[]): ApprovalRecord[] {
  const last = new Map<string, ApprovalRecord>();
  for (const { stored } of told) {
    const { imported } = stored.record;
    if (imported !== undefined) last.set(accountOf(imported), stored.record);
  }
  return [...last.values()];
}

/** What the host said before and says no more: dismissed, or followed by another review of the same account. */
function noLongerSaid(
  before: readonly ApprovalRecord[],
  found: readonly ImportedApproval[],
  files: readonly ImportFile[],
): ApprovalRecord[] {
  const formats = new Set<string>(files.map(({ format }) => format));
  const still = new Set(found.map(({ imported }) => accountOf(imported)));
  return before.filter(
    ({ kind, imported }) =>
      kind === 'approval' &&
      imported !== undefined &&
      formats.has(imported.format) &&
      !still.has(accountOf(imported)),
  );
}

function accountOf({ format, account }: ImportedApproval['imported']): string {
  return JSON.stringify([format, account.toLowerCase()]);
}

function withdrawalOf({ by, imported }: ApprovalRecord, change: Change, now: number): ApprovalRecord {
  return {
    schema: 'agent-log/approval/v1',
    id: newUlid(now),
    kind: 'withdrawal',
    ...change,
    by,
    note: null,
    ...(imported === undefined ? {} : { imported }),
    prev: null,
    recordedAt: new Date(now).toISOString(),
  };
}

/** All but when it was taken in. */
function saying({ kind, subject, policy, imported }: ApprovalRecord): string {
  return JSON.stringify([kind, subject, policy, imported]);
}

/** A yes the host tells of, in the name of whoever has the account at the target. */
function approvalRecord(
  { imported, name, note }: ImportedApproval,
  change: Change,
  roster: Roster,
  now: number,
): StoredRecord<ApprovalRecord> {
  const host = (['github', 'gitlab'] as const).find((one) => imported.format.includes(one)) ?? null;
  const person = personWithAccount(roster, imported.account, host);
  const record: ApprovalRecord = {
    schema: 'agent-log/approval/v1',
    id: newUlid(now),
    kind: 'approval',
    ...change,
    by: {
      name: person?.name ?? name ?? imported.account,
      email: person?.email ?? `${imported.account}@${host ?? 'host'}`,
    },
    note,
    imported,
    prev: null,
    recordedAt: new Date(now).toISOString(),
  };
  return { ...encodeRecord(record), record };
}
