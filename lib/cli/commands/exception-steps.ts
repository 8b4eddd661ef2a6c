import { AgentLogError } from '../../core/errors.ts';
import type { Exception } from '../../core/events/exceptions.ts';
import { EXCEPTION_TYPES, type Finding, fingerprintOf, SEVERITIES } from '../../core/records/exception.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { txnNamed } from '../../ledger/reading/txn.ts';
import { openExceptions } from '../../ledger/told/exceptions.ts';
import { exceptionDocument } from '../../oversight/exceptions/documents.ts';
import { exceptionNamed, waiverNamed } from '../../oversight/exceptions/named.ts';
import { type Queue, readQueue } from '../../oversight/exceptions/queue.ts';
import { addStep, type Step } from '../../oversight/exceptions/step.ts';
import { actorOf } from '../shared/acting.ts';
import { judgingOf } from '../shared/judging.ts';
import { lastMomentFlag } from '../shared/moments.ts';
import { evidenceOf, oidOf } from '../shared/named-evidence.ts';
import { textFlag } from '../shared/open-flags.ts';
import { needed, oneOf, personFlag, reasonFlag } from '../shared/words.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderStep } from '../views/exceptions.ts';

type Args = readonly string[];

/** Opens one by hand. One that is open already is told, and left as it is. */
export async function open(io: Io, ledger: Ledger, _args: Args, flags: Flags): Promise<number> {
  const finding = await findingOf(ledger, flags);
  const actor = { ...(await actorOf(io, ledger, flags)), ...(await judgingOf(io, ledger)) };
  const { opened, reopened } = await openExceptions(ledger, [finding], actor);
  if (opened.length + reopened.length === 0) io.say('hint: that was open before, or closed for good\n');
  const queue = await readQueue(ledger, actor);
  return told(io, exceptionNamed(queue.exceptions, fingerprintOf(finding)), queue, flags);
}

async function findingOf(ledger: Ledger, flags: Flags): Promise<Finding> {
  const type = oneOf(flags, 'type', EXCEPTION_TYPES);
  if (type === undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'an exception has a type', {
      hints: [`--type, one of: ${EXCEPTION_TYPES.join(', ')}.`],
    });
  const severity = oneOf(flags, 'severity', SEVERITIES);
  const [rule, text] = [textFlag(flags, 'rule'), reasonFlag(flags, 'reason')];
  return {
    type,
    ...(await subjectOf(ledger, flags)),
    ...(severity === undefined ? {} : { severity }),
    ...(rule === undefined ? {} : { rule }),
    ...(text === undefined ? {} : { text }),
    detectedBy: 'person',
  };
}

async function subjectOf(ledger: Ledger, flags: Flags): Promise<Pick<Finding, 'txn' | 'commit' | 'mr'>> {
  const [txn, commit, mr] = [textFlag(flags, 'txn'), textFlag(flags, 'commit'), textFlag(flags, 'mr')];
  if (txn === undefined && commit === undefined && mr === undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'an exception is about something', {
      hints: ['--txn <txn>, --commit <revision> or --mr <URL>.'],
    });
  return {
    txn: txn === undefined ? null : (await txnNamed(ledger, txn)).txn,
    ...(commit === undefined ? {} : { commit: await oidOf(ledger, commit) }),
    ...(mr === undefined ? {} : { mr }),
  };
}

/** Says who sees to it, how bad it is and until when. */
export function triage(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  const owner = personFlag(flags, 'owner');
  const severity = oneOf(flags, 'severity', SEVERITIES);
  const due = lastMomentFlag(flags, 'due');
  return act(io, ledger, args, flags, {
    event: 'exception.triaged',
    ...(owner === undefined ? {} : { owner }),
    ...(severity === undefined ? {} : { severity }),
    ...(due === undefined ? {} : { due }),
  });
}

export function comment(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  const text = needed(reasonFlag(flags, 'reason'), 'what is there to say', 'exception comment <id> -m "…"');
  return act(io, ledger, args, flags, { event: 'exception.commented', text });
}

/** Names what is done about it: a commit, a merge request, a revert. */
export function link(io: Io, ledger: Ledger, [id, to, ...rest]: Args, flags: Flags): Promise<number> {
  const what = needed(
    to ?? textFlag(flags, 'link'),
    'what does it lead to',
    'exception link <id> <commit|URL>',
  );
  return act(io, ledger, [id ?? '', ...rest], flags, { event: 'exception.linked', link: what });
}

export async function submit(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  const evidence = await evidenceOf(ledger, flags);
  return act(io, ledger, args, flags, { event: 'exception.evidence-submitted', ...evidence });
}

const RESOLUTIONS = ['resolved', 'false-positive', 'waived', 'duplicate', 'withdrawn'] as const;

/** Closes one; with what, depends on how. */
export async function close(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  const evidence = await evidenceOf(ledger, flags);
  const resolution = oneOf(flags, 'resolution', RESOLUTIONS) ?? 'resolved';
  const to = textFlag(flags, 'link');
  return act(io, ledger, args, flags, (queue) => ({
    event: 'exception.closed',
    resolution,
    ...evidence,
    ...(to === undefined ? {} : { link: linkFor(resolution, to, queue) }),
  }));
}

/** What it is closed for, by its whole name. Nothing is closed for a waiver that permits nothing. */
function linkFor(resolution: (typeof RESOLUTIONS)[number], name: string, queue: Queue): string {
  if (resolution === 'duplicate') return exceptionNamed(queue.exceptions, name).fingerprint;
  if (resolution !== 'waived') return name;
  const { id, state } = waiverNamed(queue.waivers, name);
  if (state === 'active') return id;
  throw new AgentLogError('STEP_REFUSED', 'answer', `waiver ${id} permits nothing: it is ${state}`, {
    hints: ['A second person says yes to it first: git agent-log exception approve-waiver <waiver>.'],
  });
}

const CAUSES = ['audit-follow-up', 'regression', 'evidence-invalid', 'record-tampered'] as const;

export function reopen(io: Io, ledger: Ledger, args: Args, flags: Flags): Promise<number> {
  const cause = oneOf(flags, 'cause', CAUSES);
  if (cause === undefined)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'nothing is re-opened without a cause', {
      hints: [`--cause, one of: ${CAUSES.join(', ')}.`],
    });
  return act(io, ledger, args, flags, { event: 'exception.reopened', cause });
}

type Doing = Omit<Step, 'of' | 'txn'>;

async function act(
  io: Io,
  ledger: Ledger,
  [name, ...more]: Args,
  flags: Flags,
  doing: Doing | ((queue: Queue) => Doing),
): Promise<number> {
  const id = needed(name, 'which exception', 'exception list');
  if (more.length > 0) throw tooMany(more[0] ?? '');
  const actor = { ...(await actorOf(io, ledger, flags)), ...(await judgingOf(io, ledger)) };
  const queue = await readQueue(ledger, actor);
  const { fingerprint: of, txn } = exceptionNamed(queue.exceptions, id);
  const step = typeof doing === 'function' ? doing(queue) : doing;
  const text = reasonFlag(flags, 'reason');
  const said = text === undefined ? {} : { text };
  const added = await addStep(
    ledger,
    queue.events,
    { ...said, ...step, of, txn },
    { ...actor, trustOf: queue.trustOf },
  );
  const after = await readQueue(ledger, {
    ...actor,
    now: Math.max(actor.now, Date.parse(added.record.recordedAt)),
  });
  return told(io, exceptionNamed(after.exceptions, of), after, flags);
}

function told(io: Io, one: Exception, queue: Queue, flags: Flags): number {
  if (flags['json'] === true) io.print(`${JSON.stringify(exceptionDocument(one, queue, io.now))}\n`);
  else io.print(renderStep(one, io.paint));
  return 0;
}

function tooMany(word: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `one exception at a time: '${word}' is left over`, {
    hints: ['git agent-log exception -h'],
  });
}
