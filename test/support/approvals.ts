import { type ApprovalRecord, type ChangeSubject, encodeRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import type { ApprovalsContext } from '../../lib/identity/approvals/judge.ts';
import { parseMailmap } from '../../lib/identity/roster/mailmap.ts';
import { parseRoster } from '../../lib/identity/roster/parse.ts';
import type { Roster } from '../../lib/identity/roster/roster.ts';
import type { Told } from '../../lib/ledger/told/told.ts';
import { NOW } from './records.ts';
import { ed25519Key, type SignatureParts, signatureOf, type TestKey } from './ssh-keys.ts';

export const [JANE_KEY, JOHN_KEY, CI_KEY]: readonly [TestKey, TestKey, TestKey] = [
  ed25519Key(),
  ed25519Key(),
  ed25519Key(),
];
export const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
export const JANE = { name: 'Jane Doe', email: 'jane@example.com' };
export const JOHN = { name: 'John Roe', email: 'john@example.com' };

/** Jane and John with a key each, a pipeline with one, and whatever is added. */
export function testRoster(more = '', mailmap = ''): Roster {
  const text = `version: 1
people:
  - name: Jane Doe
    email: jane@example.com
    emails: [jd@example.com]
    accounts: {github: jane}
    keys: ["${JANE_KEY.text}"]
    sponsors: [dependency-manifest]
  - name: John Roe
    email: john@example.com
    keys: ["${JOHN_KEY.text}"]
ci: [{name: main, keys: ["${CI_KEY.text}"]}]
services: [deploy@example.com]
${more}`;
  const from = { commit: 'c'.repeat(40), file: 'f'.repeat(40), mailmap: parseMailmap(mailmap) };
  const { roster, problems } = parseRoster(text, from);
  if (problems.length > 0) throw new Error(problems.map(({ where, what }) => `${where} ${what}`).join());
  return roster;
}

export const SUBJECT: ChangeSubject = {
  base: 'b'.repeat(40),
  head: 'a'.repeat(40),
  tree: '7'.repeat(40),
  patchId: '9'.repeat(40),
  target: 'refs/heads/main',
  targetCommit: 'b'.repeat(40),
};
export const POLICY = `sha256:${'d'.repeat(64)}`;

/** A change by John, as it is now. */
export function testContext(more: Partial<ApprovalsContext> = {}): ApprovalsContext {
  return {
    roster: testRoster(),
    change: { subject: SUBJECT, policy: POLICY, merge: 'clean' },
    authors: [JOHN],
    sponsors: [],
    commits: new Set([SUBJECT.head]),
    files: new Map([[TXN, [{ path: 'package.json', classes: ['dependency-manifest'] }]]]),
    now: NOW,
    ...more,
  };
}

export function approval(more: Partial<ApprovalRecord> = {}, at = NOW): ApprovalRecord {
  return {
    schema: 'agent-log/approval/v1',
    id: newUlid(at),
    kind: 'approval',
    subject: SUBJECT,
    policy: POLICY,
    txns: [TXN],
    by: JANE,
    note: null,
    prev: null,
    recordedAt: new Date(at).toISOString(),
    ...more,
  };
}

/** A record on the note of its head, signed with some keys. */
export function told(
  record: ApprovalRecord,
  keys: readonly TestKey[] = [],
  parts: SignatureParts = {},
): Told<ApprovalRecord> {
  const stored = { ...encodeRecord(record), record };
  const signatures = keys.map((key) => signatureOf(key, stored.digest, parts));
  return { object: record.subject.head, stored, signatures };
}
