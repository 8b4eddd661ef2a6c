import { escapeTerminal } from '../../core/escape.ts';
import type { Exception } from '../../core/events/exceptions.ts';
import type { Anomaly, LedgerEvent } from '../../core/events/order.ts';
import type { TrustOf } from '../../core/events/trust.ts';
import { shortOid } from '../../core/oid.ts';
import type { Severity } from '../../core/records/exception.ts';
import { ageOf } from '../../oversight/exceptions/documents.ts';
import { FAULTS } from '../../oversight/exceptions/step.ts';
import type { Paint } from '../terminal/io.ts';
import { block, count, localTime, oneLine, type ViewOptions } from './text.ts';

const SHORT = 8;
const STATES: Readonly<Record<Exception['state'], string>> = {
  open: 'open',
  triaged: 'triaged',
  'in-progress': 'in work',
  'evidence-submitted': 'evidence',
  closed: 'closed',
  reopened: 'reopened',
};

/** The queue, an exception a line. */
export function renderExceptions(
  exceptions: readonly Exception[],
  anomalies: number,
  now: number,
  { paint, columns }: Pick<ViewOptions, 'paint' | 'columns'>,
): string {
  const head = `${'id'.padEnd(SHORT)}  ${'type'.padEnd(18)}  severity  ${'state'.padEnd(9)}  ${'age'.padEnd(4)}  ${'due'.padEnd(8)}  owner`;
  const lines = exceptions.map((one) => {
    const due = dueText(one, now);
    const tint = due.endsWith('late') ? paint.bad : paint.faint;
    return [
      paint.name(one.fingerprint.slice(0, SHORT)),
      one.type.padEnd(18),
      severityPaint(one.severity, paint)(one.severity.padEnd(8)),
      `${STATES[one.state]}${isUnsure(one) ? '?' : ''}`.padEnd(9),
      daysText(ageOf(one, now)).padEnd(4),
      tint(due.padEnd(8)),
      oneLine(one.owner?.name ?? '-', Math.max(8, columns - 67)),
    ].join('  ');
  });
  const rest = [
    ...(exceptions.some(isUnsure)
      ? [paint.faint('? says the ledger: no signature of the person, or of a pipeline, vouches for it')]
      : []),
    ...(anomalies === 0
      ? []
      : [paint.warn(`${count(anomalies, 'step')} in the ledger fit nowhere (exception show, --json)`)]),
  ];
  if (lines.length === 0) return [`No exceptions.`, ...rest, ''].join('\n');
  return `${[paint.faint(head), ...lines, ...rest].join('\n')}\n`;
}

/** That something is not in order anybody may say; that something was done about it is worth as much as who says so. */
function isUnsure({ state, trust }: Exception): boolean {
  return state !== 'open' && trust === 'asserted';
}

/** One exception with all that was done to it. */
export function renderException(
  one: Exception,
  {
    waivers,
    anomalies,
    trustOf,
  }: {
    readonly waivers: readonly string[];
    readonly anomalies: readonly Anomaly[];
    readonly trustOf: TrustOf;
  },
  now: number,
  options: ViewOptions,
): string {
  const { paint } = options;
  const rows: [string, string][] = [
    ['severity', severityPaint(one.severity, paint)(one.severity)],
    ['state', `${one.state}${resolutionText(one)}, ${one.trust}`],
    ...aboutRows(one),
    ['found', `${localTime(new Date(one.detectedAt).toISOString())} by ${one.detectedBy}`],
    [
      'due',
      one.due === null ? 'open' : `${localTime(new Date(one.due).toISOString())} (${dueText(one, now)})`,
    ],
    ['owner', one.owner === null ? 'nobody' : escapeTerminal(`${one.owner.name} <${one.owner.email}>`)],
    ...one.evidence.map((digest): [string, string] => ['evidence', escapeTerminal(digest)]),
    ...one.links.map((link): [string, string] => ['see', escapeTerminal(link)]),
    ...waivers.map((id): [string, string] => ['waiver', id]),
  ];
  const head = `${paint.strong(`exception ${one.fingerprint}`)}\n    ${one.type}\n`;
  const facts = rows.map(([name, text]) => `  ${paint.faint(name.padEnd(12))}${text}\n`).join('');
  const said = one.text === null ? '' : `\n${block(one.text, 2, options).join('\n')}\n`;
  const steps = one.steps.flatMap((step) => stepLines(step, options, trustOf));
  const odd = anomalies.flatMap((step) => stepLines(step, options, trustOf, FAULTS[step.why]));
  const oddPart =
    odd.length === 0
      ? ''
      : `\n${paint.warn('What does not fit, and counts for nothing')}\n${odd.join('\n')}\n`;
  return `${head}${facts}${said}\n${paint.strong('What happened')}\n${steps.join('\n')}\n${oddPart}`;
}

/** What a step did, in a line. */
export function renderStep(one: Pick<Exception, 'fingerprint' | 'type' | 'state'>, paint: Paint): string {
  return `${paint.name(one.fingerprint.slice(0, SHORT))}  ${one.type}  ${one.state}\n`;
}

function aboutRows({ txn, commit, mr, rule, classes }: Exception): [string, string][] {
  const rows: [string, string | null][] = [
    ['transaction', txn],
    ['commit', commit === null ? null : shortOid(commit)],
    ['merge req.', mr],
    ['rule', rule],
    ['classes', classes.length === 0 ? null : classes.join(', ')],
  ];
  return rows.flatMap(([name, text]) =>
    text === null ? [] : [[name, escapeTerminal(text)] as [string, string]],
  );
}

function resolutionText({ state, closings }: Exception): string {
  const last = closings.at(-1);
  if (last === undefined) return '';
  if (state === 'closed') return ` (${last.resolution})`;
  return ` (was ${last.resolution}${last.reopened === null ? '' : `, then ${last.reopened.cause}`})`;
}

/** One step: when, what, who; and the words that were said. */
function stepLines(
  { digest, record }: LedgerEvent,
  options: Pick<ViewOptions, 'paint' | 'columns' | 'full'>,
  trustOf: TrustOf,
  why = '',
): string[] {
  const { event, by, text, recordedAt, resolution, cause } = record;
  const how = resolution ?? cause;
  const time = Number.isNaN(Date.parse(recordedAt)) ? escapeTerminal(recordedAt) : localTime(recordedAt);
  const who = by === null ? 'nobody named' : oneLine(by.name, 24);
  const line = `  ${options.paint.faint(time)}  ${event.slice(event.indexOf('.') + 1).padEnd(18)}  ${who}${how === undefined ? '' : `, ${how}`}, ${trustOf(digest)}${why === '' ? '' : `: ${why}`}`;
  return text === undefined ? [line] : [line, ...block(text, 4, options)];
}

function severityPaint(severity: Severity, paint: Paint): (text: string) => string {
  if (severity === 'critical' || severity === 'high') return paint.bad;
  return severity === 'medium' ? paint.warn : paint.faint;
}

const DAY_S = 24 * 60 * 60;

/** `12d`, or `3h` and `5m` where it is less than a day. */
export function daysText(seconds: number): string {
  if (seconds >= DAY_S) return `${Math.floor(seconds / DAY_S)}d`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 60)}m`;
}

function dueText({ due, state }: Pick<Exception, 'due' | 'state'>, now: number): string {
  if (due === null || state === 'closed') return '-';
  const seconds = Math.abs(due - now) / 1000;
  return due < now ? `${daysText(seconds)} late` : `in ${daysText(seconds)}`;
}
