import { closingOf, type Exception, foldExceptions, isPassing } from '../../core/events/exceptions.ts';
import { momentAfter } from '../../core/events/order.ts';
import type { Judging } from '../../core/events/people.ts';
import { foldWaivers } from '../../core/events/waivers.ts';
import { groupBy } from '../../core/lists.ts';
import type { Person } from '../../core/person.ts';
import {
  dueOf,
  EXCEPTION_TYPES,
  type Finding,
  fingerprintOf,
  type ReopenCause,
  severityOf,
} from '../../core/records/exception.ts';
import {
  type EventRecord,
  encodeRecord,
  parseLine,
  type SignatureRecord,
} from '../../core/records/record.ts';
import { isUlid, newUlid } from '../../core/ulid.ts';
import { type Ledger, readNote } from '../ledger.ts';
import { appendToNotes } from '../notes/append.ts';
import { anchorOf } from './anchor.ts';
import { firstTelling, readTold, type Told, toldIn, toldOn } from './told.ts';
import { judgingOfTold, type VouchingJudging } from './vouching.ts';

/** In whose name a step is added. */
export interface Actor extends VouchingJudging {
  readonly by: Person | null;
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  /** Signs a record by its digest; null where there is nothing to sign with. */
  readonly sign?: ((digest: string) => Promise<SignatureRecord>) | null;
}

/** Fingerprints of what was not known before, and of what was closed and is there again. */
export interface OpenedExceptions {
  readonly opened: readonly string[];
  readonly reopened: readonly string[];
}

/** What to say of a finding, and as long as what is known of it. */
interface Saying {
  readonly fingerprint: string;
  readonly object: string;
  readonly record: EventRecord;
  readonly lines: readonly string[];
  /** What its steps are judged by. */
  readonly judging: Judging;
  readonly isAgain: boolean;
}

/**
 * Puts findings into the queue, in one commit of the ledger: each once, however often and by whomever it is found. One that
 * was closed as resolved or withdrawn, or for a waiver that has ended, is opened again; one somebody called a false positive or
 * a duplicate is left as it is.
 */
export async function openExceptions(
  ledger: Ledger,
  findings: readonly Finding[],
  actor: Actor,
): Promise<OpenedExceptions> {
  const sayings: Saying[] = [];
  for (const [fingerprint, same] of groupBy(findings, fingerprintOf)) {
    const saying = await sayingOf(ledger, fingerprint, same, actor);
    if (saying !== null) sayings.push(saying);
  }
  const changed = new Set(
    await appendToNotes(
      ledger,
      [
        ...sayings.map((saying) => ({
          object: saying.object,
          lines: (present: readonly string[]) => (isStillNews(present, saying) ? saying.lines : []),
        })),
        ...firstTelling(ledger, sayings[0]?.lines[0]),
      ],
      { identity: actor.identity, message: messageFor(sayings) },
    ),
  );
  const said = sayings.filter(({ object }) => changed.has(object));
  const named = (wanted: boolean): string[] =>
    said.filter(({ isAgain }) => isAgain === wanted).map(({ fingerprint }) => fingerprint);
  return { opened: named(false), reopened: named(true) };
}

function messageFor(sayings: readonly Saying[]): string {
  const what = sayings.length === 1 ? 'an exception' : `${sayings.length} exceptions`;
  return `agent-log: open ${what}\n\nVia: ${sayings[0]?.record.detectedBy ?? 'exception'}\n`;
}

async function sayingOf(
  ledger: Ledger,
  fingerprint: string,
  [finding, ...more]: readonly Finding[],
  actor: Actor,
): Promise<Saying | null> {
  if (finding === undefined) return null;
  const object = anchorOf(ledger.repo, 'exception', fingerprint);
  const told = toldOn(await readNote(ledger, object), 'event');
  const judging = await judgingOfTold(told, actor);
  const known = exceptionsIn(told, judging).get(fingerprint) ?? null;
  const cause = known === null ? null : await causeToReopen(ledger, known, actor);
  const failsAgain = known !== null && isPassing(known) && finding.detectedBy === 'check';
  if (known !== null && cause === null && !failsAgain) return null;
  const classes = [...new Set([finding, ...more].flatMap((one) => one.classes ?? []))];
  const record =
    known === null || cause === null
      ? openedRecord(fingerprint, { ...finding, classes }, actor, momentAfter(known?.lastAt, actor.now))
      : reopenedRecord(known, finding, cause, actor);
  const stored = encodeRecord(record);
  const signature = actor.sign == null ? null : await actor.sign(stored.digest);
  const lines = signature === null ? [stored.line] : [stored.line, encodeRecord(signature).line];
  return { fingerprint, object, record, lines, judging, isAgain: known !== null };
}

/** The exceptions about a transaction, and those about a commit that are about no rule; the oldest first. */
export async function exceptionsOf(
  ledger: Ledger,
  { commit, txn }: { readonly commit: string; readonly txn: string | null },
  judging: VouchingJudging,
): Promise<Exception[]> {
  // What is about a commit is found by its name: no index is asked.
  const ofCommit = await Promise.all(
    EXCEPTION_TYPES.map((type) => {
      const name = fingerprintOf({ type, txn: null, commit });
      return readNote(ledger, anchorOf(ledger.repo, 'exception', name));
    }),
  );
  const told = [
    ...ofCommit.flatMap((note) => toldOn(note, 'event')),
    ...(txn === null ? [] : await readTold(ledger, 'event', txn)),
  ];
  return [...exceptionsIn(told, await judgingOfTold(told, judging)).values()].sort(
    (a, b) => a.openedAt - b.openedAt,
  );
}

/** What lines that were read tell of exceptions. */
export function exceptionsIn(
  told: readonly Told<EventRecord>[],
  judging: Judging,
): ReadonlyMap<string, Exception> {
  const events = told.map(({ stored }) => stored);
  return foldExceptions(events, judging).things;
}

/** Somebody else may have been quicker: nothing is said twice. What they signed meanwhile is not looked at, and so asserted. */
function isStillNews(present: readonly string[], { object, fingerprint, record, judging }: Saying): boolean {
  const told = toldIn({ object, lines: present.map(parseLine) }, 'event');
  const known = exceptionsIn(told, judging).get(fingerprint);
  if (record.event === 'exception.reopened') return known?.state === 'closed';
  return known === undefined || (record.detectedBy === 'check' && isPassing(known));
}

async function causeToReopen(
  ledger: Ledger,
  known: Exception,
  judging: VouchingJudging,
): Promise<ReopenCause | null> {
  const closing = closingOf(known);
  if (closing === null) return null;
  if (closing.resolution === 'resolved' || closing.resolution === 'withdrawn') return 'regression';
  if (closing.resolution !== 'waived') return null;
  return (await isWaiverActive(ledger, closing.link ?? '', judging)) ? null : 'evidence-invalid';
}

async function isWaiverActive(ledger: Ledger, id: string, judging: VouchingJudging): Promise<boolean> {
  if (!isUlid(id)) return false;
  const note = await readNote(ledger, anchorOf(ledger.repo, 'waiver', id));
  const events = toldOn(note, 'event').map(({ stored }) => stored);
  return foldWaivers(events, judging).things.get(id)?.state === 'active';
}

function openedRecord(fingerprint: string, finding: Finding, { by }: Actor, now: number): EventRecord {
  const { type, txn, classes = [] } = finding;
  const severity = finding.severity ?? severityOf(type, classes);
  const due = dueOf(severity, now);
  return {
    schema: 'agent-log/event/v1',
    id: newUlid(now),
    event: 'exception.opened',
    of: fingerprint,
    txn,
    ...about(finding),
    type,
    severity,
    ...(classes.length === 0 ? {} : { classes: [...classes] }),
    detectedBy: finding.detectedBy,
    detectedAt: new Date(now).toISOString(),
    ...(due === null ? {} : { due }),
    ...textOf(finding.text),
    by: by === null ? null : { name: by.name, email: by.email },
    recordedAt: new Date(now).toISOString(),
  };
}

function reopenedRecord(
  known: Exception,
  finding: Finding,
  cause: ReopenCause,
  { by, now }: Actor,
): EventRecord {
  const at = momentAfter(known.lastAt, now);
  const due = dueOf(known.severity, at);
  return {
    schema: 'agent-log/event/v1',
    id: newUlid(at),
    event: 'exception.reopened',
    of: known.fingerprint,
    txn: known.txn,
    ...about(finding),
    detectedBy: finding.detectedBy,
    ...(due === null ? {} : { due }),
    ...textOf(finding.text),
    cause,
    by: by === null ? null : { name: by.name, email: by.email },
    recordedAt: new Date(at).toISOString(),
  };
}

function about({ commit, mr, rule, stage }: Finding): Pick<EventRecord, 'commit' | 'mr' | 'rule' | 'stage'> {
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(mr === undefined ? {} : { mr }),
    ...(rule === undefined ? {} : { rule }),
    ...(stage === undefined ? {} : { stage }),
  };
}

const MOST_TEXT = 4000;

function textOf(text: string | undefined): Pick<EventRecord, 'text'> {
  return text === undefined || text === '' ? {} : { text: text.slice(0, MOST_TEXT) };
}
