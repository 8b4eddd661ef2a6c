import { AgentLogError } from '../../core/errors.ts';
import { foldExceptions } from '../../core/events/exceptions.ts';
import { type Anomaly, type Fault, type LedgerEvent, momentAfter } from '../../core/events/order.ts';
import { foldRequests } from '../../core/events/requests.ts';
import { ALL_ASSERTED, type StepTrust } from '../../core/events/trust.ts';
import { foldWaivers, MAX_WAIVER_DAYS, type WaiverJudging } from '../../core/events/waivers.ts';
import { type EventRecord, encodeRecord } from '../../core/records/record.ts';
import { redactTexts } from '../../core/records/redact.ts';
import { newUlid } from '../../core/ulid.ts';
import { CLOCK_SKEW_MS } from '../../core/utc-time.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { anchorOf } from '../../ledger/told/anchor.ts';
import type { Actor } from '../../ledger/told/exceptions.ts';
import { appendTold } from '../../ledger/told/told.ts';

/** What somebody does to an exception, a waiver or a request: the fields of the event, without who and when. */
export type Step = Pick<EventRecord, 'event' | 'of' | 'txn'> &
  Partial<Omit<EventRecord, 'schema' | 'id' | 'event' | 'of' | 'txn' | 'by' | 'recordedAt'>>;

/**
 * Adds a step to the ledger, after the last one known of its thing. Throws STEP_REFUSED when it does not fit what `events`
 * come to: then nothing was written.
 */
export async function addStep(
  ledger: Ledger,
  events: readonly LedgerEvent[],
  step: Step,
  actor: Actor & WaiverJudging,
): Promise<LedgerEvent> {
  const at = momentAfter(lastOf(events, step.of, actor.now), actor.now);
  const stored = encodeRecord(await recordOf(step, actor, at));
  const event: LedgerEvent = { digest: stored.digest, record: stored.record as EventRecord };
  // Nobody is asked for a signature of what can't be, and only the signature tells whose key it is.
  refuseMisfit(events, event, actor, actor.sign == null ? 'asserted' : 'attested');
  const signature = actor.sign == null ? null : await actor.sign(stored.digest);
  const kind = step.event.startsWith('exception.')
    ? 'exception'
    : step.event.startsWith('waiver.')
      ? 'waiver'
      : 'evidence';
  const records = signature === null ? [stored.record] : [stored.record, signature];
  const object = anchorOf(ledger.repo, kind, step.of);
  if (signature !== null) {
    const told = { object, stored: { ...stored, record: event.record }, signatures: [signature] };
    refuseMisfit(events, event, actor, (await actor.vouch?.([told]))?.get(event.digest) ?? 'asserted');
  }
  const message = `agent-log: ${step.event} ${step.of.slice(0, 12)}\n\nVia: ${kind}\n`;
  await appendTold(ledger, [{ object, records }], { identity: actor.identity, message });
  return event;
}

async function recordOf({ text, ...step }: Step, { by }: Actor, at: number): Promise<EventRecord> {
  const [redacted] = text === undefined ? [] : await redactTexts([text]);
  return {
    schema: 'agent-log/event/v1',
    id: newUlid(at),
    ...step,
    ...(redacted === undefined ? {} : { text: redacted.text }),
    by: by === null ? null : { name: by.name, email: by.email },
    recordedAt: new Date(at).toISOString(),
  };
}

/** What comes from a clock far ahead counts for nothing, and nothing has to come after it. */
function lastOf(events: readonly LedgerEvent[], of: string, now: number): string | undefined {
  const times = events
    .filter(({ record }) => record.of === of)
    .map(({ record }) => ({ text: record.recordedAt, at: Date.parse(record.recordedAt) }))
    .filter(({ at }) => at <= now + CLOCK_SKEW_MS);
  return times.sort((a, b) => a.at - b.at).at(-1)?.text;
}

/** Throws STEP_REFUSED where a step would count for nothing, if it is to be believed so far. */
function refuseMisfit(
  events: readonly LedgerEvent[],
  event: LedgerEvent,
  actor: Actor & WaiverJudging,
  trust: StepTrust,
): void {
  const { trustOf = ALL_ASSERTED } = actor;
  const judging = {
    ...actor,
    trustOf: (digest: string) => (digest === event.digest ? trust : trustOf(digest)),
  };
  const misfits = anomaliesOf([...events, event], judging);
  const anomaly = misfits.find(({ digest }) => digest === event.digest);
  if (anomaly !== undefined) throw refused(anomaly);
}

function anomaliesOf(events: readonly LedgerEvent[], actor: WaiverJudging): Anomaly[] {
  const { vouched: _, ...judging } = actor;
  return [foldExceptions, foldWaivers, foldRequests].flatMap((fold) => fold(events, judging).anomalies);
}

function refused({ why, record }: Anomaly): AgentLogError {
  const kind = NOT_SAID.has(why) ? 'usage' : 'answer';
  return new AgentLogError('STEP_REFUSED', kind, `${record.event}: ${FAULTS[why]}`, {
    hints: [HINTS[why] ?? 'Nothing was written. Look at how it stands: git agent-log exception show'],
  });
}

/** What whoever takes the step can say better, whatever the queue holds. */
const NOT_SAID: ReadonlySet<Fault> = new Set<Fault>([
  'incomplete',
  'needs-reason',
  'needs-link',
  'needs-scope',
  'needs-end',
]);

/** Why a step counts for nothing, in words. */
export const FAULTS: Readonly<Record<Fault, string>> = {
  'no-time': 'it has no time that can be read',
  'from-the-future': 'it is dated more than a day ahead',
  'wrong-name': 'it is not named after what it is about',
  unknown: 'nothing of that name was begun before',
  'known-already': 'it was begun before',
  closed: 'it is closed',
  'not-closed': 'it is not closed',
  'decided-already': 'that was decided already',
  'too-late': 'its time is over',
  incomplete: 'it does not say enough',
  'needs-evidence': 'that needs evidence',
  'needs-reason': 'that needs a reason',
  'needs-link': 'that needs what it leads to',
  'needs-person': 'that needs a person',
  'needs-other-person': 'that takes a second person: neither who asked for it nor who made the change',
  'other-request': 'it approves another request than the one that stands',
  'needs-role': 'that is for people with the role for it',
  'needs-auditor':
    'one of this severity is closed, or called less severe, with the signature of somebody with the role audit',
  'needs-signature': 'it is not signed by the person it names',
  'needs-scope': 'a waiver is for a rule or for an exception',
  'needs-end': 'a waiver ends, and within its longest time',
};

const HINTS: Readonly<Partial<Record<Fault, string>>> = {
  closed: 'Re-open it first: git agent-log exception reopen <id> --cause …',
  'needs-evidence': 'Name what shows it: --evidence <commit, or sha256:… of a file>.',
  'needs-reason': 'Say why: --reason "…".',
  'needs-link': 'Say what it leads to: --link <waiver, exception, commit or URL>.',
  'needs-scope': 'Name the exception, or a rule: git agent-log exception waive <id>, or --rule NAME.',
  'needs-person': 'git config user.name "…" and git config user.email "…".',
  'needs-other-person': 'Ask a colleague to do it, under their own name.',
  'other-request': 'Look at what is asked for, and ask anew if it is not that: git agent-log exception waive',
  'needs-auditor':
    'Somebody who has the role audit in .agent-log/sponsors.yaml does it, and signs: git config gpg.format ssh.',
  'needs-role': 'Who holds the role audit or waivers is in .agent-log/sponsors.yaml.',
  'needs-end': `--until a day at most ${MAX_WAIVER_DAYS} days from now. Ask again when it ends.`,
};
