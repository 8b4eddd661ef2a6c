import { afterEach, beforeEach, expect, it } from 'vitest';
import { foldExceptions } from '../../../lib/core/events/exceptions.ts';
import { type Finding, fingerprintOf } from '../../../lib/core/records/exception.ts';
import { type EventRecord, encodeRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { type Ledger, openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { anchorOf } from '../../../lib/ledger/told/anchor.ts';
import { openExceptions } from '../../../lib/ledger/told/exceptions.ts';
import { appendTold, readTold } from '../../../lib/ledger/told/told.ts';
import { DAY, JANE, JOHN, START, TXN } from '../../support/events.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }), THOROUGH);
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

const identity = 'Jane Doe <jane@example.com> 1767225600 +0000';
const actor = (day: number): { by: typeof JANE; identity: string; now: number } => ({
  by: JANE,
  identity,
  now: START + day * DAY,
});
const FINDING: Finding = { type: 'provenance-missing', txn: TXN, detectedBy: 'scan', classes: ['iam'] };
const OF = fingerprintOf(FINDING);

async function say(
  day: number,
  more: Partial<EventRecord>,
  anchor: 'exception' | 'waiver' = 'exception',
): Promise<string> {
  const now = START + day * DAY;
  const record: EventRecord = {
    schema: 'agent-log/event/v1',
    id: newUlid(now),
    event: 'exception.closed',
    of: OF,
    txn: TXN,
    by: JANE,
    recordedAt: new Date(now).toISOString(),
    ...more,
  };
  const object = anchorOf(ledger.repo, anchor, record.of);
  await appendTold(ledger, [{ object, records: [record] }], { identity, message: 'said' });
  return encodeRecord(record).digest;
}

async function told(): Promise<string[]> {
  return (await readTold(ledger, 'event')).map(({ stored }) => stored.record.event);
}

it('puts a finding into the queue once, and all findings in one commit', async () => {
  const other: Finding = { type: 'identity-unclear', txn: null, commit: 'a'.repeat(40), detectedBy: 'scan' };
  const first = await openExceptions(ledger, [FINDING, FINDING, other], actor(0));
  expect(first).toEqual({ opened: [OF, fingerprintOf(other)], reopened: [] });
  expect(await repo.git('rev-list', '--count', 'refs/notes/agent-log')).toBe('1');
  expect(await openExceptions(ledger, [other, FINDING], actor(1))).toEqual({ opened: [], reopened: [] });
  expect(await told()).toEqual(['exception.opened', 'exception.opened']);
  const [exception] = foldExceptions(
    (await readTold(ledger, 'event', TXN)).map(({ stored }) => stored),
    { now: START },
  ).things.values();
  expect(exception).toMatchObject({ severity: 'high', due: START + 30 * DAY, classes: ['iam'] });
});

it('lets parallel writers find the same thing once', async () => {
  await Promise.all(Array.from({ length: 4 }, () => openExceptions(ledger, [FINDING], actor(0))));
  expect(await told()).toEqual(['exception.opened']);
});

it('opens again what was called resolved and is there, also where the clock went backwards', async () => {
  await openExceptions(ledger, [FINDING], actor(1));
  await say(5, { resolution: 'resolved', evidence: [`sha256:${'a'.repeat(64)}`] });
  expect(await openExceptions(ledger, [FINDING], actor(4.5))).toEqual({ opened: [], reopened: [OF] });
  const events = (await readTold(ledger, 'event')).map(({ stored }) => stored);
  const { things, anomalies } = foldExceptions(events, { now: START + 6 * DAY });
  expect([things.get(OF)?.state, anomalies]).toEqual(['reopened', []]);
  expect(await openExceptions(ledger, [FINDING], actor(6))).toEqual({ opened: [], reopened: [] });
});

it('leaves what somebody called a false positive', async () => {
  await openExceptions(ledger, [FINDING], actor(0));
  await say(1, { resolution: 'false-positive', text: 'a person did it' });
  expect(await openExceptions(ledger, [FINDING], actor(2))).toEqual({ opened: [], reopened: [] });
});

it('opens again what was waived once the waiver has ended', async () => {
  const waiver = newUlid(START);
  await openExceptions(ledger, [FINDING], actor(0));
  const until = new Date(START + 10 * DAY).toISOString();
  const request = await say(
    1,
    { event: 'waiver.requested', of: waiver, link: OF, until, text: 'until Friday' },
    'waiver',
  );
  await say(2, { event: 'waiver.approved', of: waiver, by: JOHN, evidence: [request] }, 'waiver');
  await say(3, { resolution: 'waived', link: waiver });
  expect((await openExceptions(ledger, [FINDING], actor(4))).reopened).toEqual([]);
  expect((await openExceptions(ledger, [FINDING], actor(11))).reopened).toEqual([OF]);
});
