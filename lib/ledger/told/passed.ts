import { type Exception, isPassing } from '../../core/events/exceptions.ts';
import { momentAfter } from '../../core/events/order.ts';
import type { Judging } from '../../core/events/people.ts';
import { fingerprintOf } from '../../core/records/exception.ts';
import { type DecisionRecord, type EventRecord, encodeRecord, parseLine } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { type Ledger, readNote } from '../ledger.ts';
import { appendToNotes, type NoteAppend } from '../notes/append.ts';
import { anchorOf } from './anchor.ts';
import { type Actor, exceptionsIn } from './exceptions.ts';
import { toldIn, toldOn } from './told.ts';
import { judgingOfTold } from './vouching.ts';

type Stage = DecisionRecord['stage'];

/** A rule that passes now for a change, as a pipeline of the target has signed. */
export interface Pass {
  readonly rule: string;
  readonly txn: string | null;
  readonly commit?: string;
  readonly mr?: string;
  readonly stage: Stage;
  /** What it was denied at before, and is not now: this stage, and those before it. */
  readonly covers: readonly Stage[];
  /** Digest of the decision. */
  readonly decision: string;
}

/** Fingerprints of the exceptions it is evidence for, and of those of them that were closed by it. */
export interface PassedExceptions {
  readonly submitted: readonly string[];
  readonly closed: readonly string[];
}

/** What was found before anybody kept its stage was found where changes are let in. */
const USUAL_STAGE: Stage = 'merge';

/**
 * Hands in passes as evidence of the exceptions that the same rules have opened for the same change, in one commit of the ledger. A person
 * looks at it and closes them; with `close`, that is done here, too.
 */
export async function submitPasses(
  ledger: Ledger,
  passes: readonly Pass[],
  actor: Actor,
  { close }: { readonly close: boolean },
): Promise<PassedExceptions> {
  const found = await Promise.all(passes.flatMap((pass) => openOf(ledger, pass, actor)));
  const open = found.flatMap((one) => one ?? []);
  if (open.length === 0) return { submitted: [], closed: [] };
  const appends = await Promise.all(open.map((one) => appendOf(one, actor, close)));
  const changed = new Set(
    await appendToNotes(ledger, appends, {
      identity: actor.identity,
      message: `agent-log: ${open.length} rules pass again\n\nVia: check\n`,
    }),
  );
  const submitted = open
    .filter(({ object }) => changed.has(object))
    .map(({ exception }) => exception.fingerprint);
  return { submitted, closed: close ? submitted : [] };
}

interface Open {
  readonly pass: Pass;
  readonly object: string;
  readonly exception: Exception;
  /** What its steps are judged by. */
  readonly judging: Judging;
}

/** A rule that was broken may have been one that could not be judged. */
function openOf(ledger: Ledger, pass: Pass, actor: Actor): Promise<Open | null>[] {
  return (['policy-violation', 'decision-error'] as const).map(async (type) => {
    const fingerprint = fingerprintOf({ ...pass, type });
    const object = anchorOf(ledger.repo, 'exception', fingerprint);
    const told = toldOn(await readNote(ledger, object), 'event');
    const judging = await judgingOfTold(told, actor);
    const exception = exceptionsIn(told, judging).get(fingerprint);
    return exception !== undefined && isMendedBy(exception, pass)
      ? { pass, object, exception, judging }
      : null;
  });
}

function isMendedBy(exception: Exception, { covers }: Pass): boolean {
  if (exception.state === 'closed' || isPassing(exception)) return false;
  return covers.includes(exception.stage ?? USUAL_STAGE);
}

async function appendOf(
  { pass, object, exception, judging }: Open,
  actor: Actor,
  close: boolean,
): Promise<NoteAppend> {
  const events = [
    stepOf(exception, pass, actor, 'exception.evidence-submitted', 0),
    ...(close ? [stepOf(exception, pass, actor, 'exception.closed', 1)] : []),
  ];
  const lines: string[] = [];
  for (const event of events) {
    const { line, digest } = encodeRecord(event);
    lines.push(line);
    if (actor.sign != null) lines.push(encodeRecord(await actor.sign(digest)).line);
  }
  return {
    object,
    lines: (present) => {
      const told = toldIn({ object, lines: present.map(parseLine) }, 'event');
      const now = exceptionsIn(told, judging).get(exception.fingerprint);
      return now !== undefined && isMendedBy(now, pass) ? lines : [];
    },
  };
}

function stepOf(
  { fingerprint, txn, lastAt }: Exception,
  { rule, commit, mr, stage, decision }: Pass,
  { by, now }: Actor,
  event: EventRecord['event'],
  after: number,
): EventRecord {
  const at = momentAfter(lastAt, now) + after;
  return {
    schema: 'agent-log/event/v1',
    id: newUlid(at),
    event,
    of: fingerprint,
    txn,
    ...(commit === undefined ? {} : { commit }),
    ...(mr === undefined ? {} : { mr }),
    rule,
    stage,
    detectedBy: 'check',
    ...(event === 'exception.closed' ? { resolution: 'resolved' as const } : {}),
    evidence: [decision],
    by: by === null ? null : { name: by.name, email: by.email },
    recordedAt: new Date(at).toISOString(),
  };
}
