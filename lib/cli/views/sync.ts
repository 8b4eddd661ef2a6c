import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { UnreadableNote } from '../../ledger/binding/inspect.ts';
import type { MergeProblem } from '../../ledger/sync/merge-plan.ts';
import type { SyncResult } from '../../ledger/sync/sync.ts';
import type { Vanished } from '../../ledger/sync/vanished.ts';
import type { Paint } from '../terminal/io.ts';
import { count, oneLine } from './text.ts';

/** What `sync --json` prints. Lists end after a thousand; the counts are of everything. */
export interface SyncDocument {
  readonly schema: 'agent-log/sync/v1';
  readonly remote: string;
  readonly tip: string | null;
  readonly received: number;
  readonly pushed: boolean | null;
  readonly races: number;
  /** Entries of texts that came in, and whether ours were sent; null where this remote is to have none. */
  readonly payloads: { readonly received: number; readonly pushed: boolean | null } | null;
  readonly vanished: readonly Vanished[];
  readonly vanishedCount: number;
  readonly problems: readonly MergeProblem[];
  readonly problemCount: number;
  readonly unreadable: readonly UnreadableNote[];
}

const MOST_LISTED = 1000;
const MOST_SHOWN = 10;

export function syncDocument(result: SyncResult, unreadable: readonly UnreadableNote[]): SyncDocument {
  const { remote, tip, received, pushed, races, payloads } = result;
  return {
    schema: 'agent-log/sync/v1',
    remote,
    tip,
    received: received.notes.length,
    pushed,
    races,
    payloads,
    vanished: received.vanished.slice(0, MOST_LISTED),
    vanishedCount: received.vanished.length,
    problems: received.problems
      .slice(0, MOST_LISTED)
      .map((problem) => ({ ...problem, path: readable(problem.path) })),
    problemCount: received.problems.length,
    unreadable,
  };
}

export function renderSync(document: SyncDocument, paint: Paint, columns: number): string {
  const { remote, tip, received, pushed } = document;
  if (tip === null)
    return `Nothing to sync: neither this clone nor ${escapeTerminal(remote)} has a ledger.\n`;
  const came = received === 0 ? 'nothing new came in' : `${count(received, 'note')} came in`;
  const went = { true: ', ours were sent', false: ', it has all of ours', null: '' }[String(pushed)] ?? '';
  const lines = [
    `${paint.strong(escapeTerminal(remote))}: ${came}${went}`,
    ...payloadLines(document),
    ...vanishedLines(document, paint),
    ...problemLines(document, paint, columns),
    ...unreadableLines(document, paint, columns),
  ];
  return `${lines.join('\n')}\n`;
}

function payloadLines({ payloads }: SyncDocument): string[] {
  if (payloads === null || (payloads.received === 0 && payloads.pushed !== true)) return [];
  const came =
    payloads.received === 0 ? 'none came in' : `${count(payloads.received, 'entry', 'entries')} came in`;
  return [`texts: ${came}${payloads.pushed === true ? ', ours were sent' : ''}`];
}

function vanishedLines({ vanished, vanishedCount, pushed, remote }: SyncDocument, paint: Paint): string[] {
  if (vanishedCount === 0) return [];
  const back = pushed === null ? 'kept here' : 'kept here and sent back';
  return [
    '',
    paint.warn(`Gone from ${escapeTerminal(remote)}, ${back} (${count(vanishedCount, 'note')})`),
    ...vanished.slice(0, MOST_SHOWN).map(({ object, records }) => {
      const what = records.length === 0 ? '' : `  ${count(records.length, 'line')}`;
      return `  ${paint.name(shortOid(object))}${what}`;
    }),
    ...more(vanishedCount, paint),
    paint.faint('  Somebody removed it there: ask who forced a push to the ledger.'),
  ];
}

const PROBLEMS: Readonly<Record<MergeProblem['problem'], string>> = {
  missing: 'its content is not here',
  'too-large': 'too large to read',
  binary: 'two versions that are no text',
  conflict: 'another entry has its place',
  'not-a-file': 'not a file',
  'unsafe-name': 'a name git would not write',
};

function problemLines({ problems, problemCount }: SyncDocument, paint: Paint, columns: number): string[] {
  if (problemCount === 0) return [];
  return [
    '',
    paint.warn(`Could not be joined; nothing was dropped (${problemCount})`),
    ...problems.slice(0, MOST_SHOWN).map(({ problem, path, keptAt }) => {
      const kept = keptAt === null ? 'in the history alone' : `kept at ${keptAt}`;
      return `  ${oneLine(`${path}: ${PROBLEMS[problem]}, ${kept}`, columns - 2)}`;
    }),
    ...more(problemCount, paint),
  ];
}

function unreadableLines({ unreadable }: SyncDocument, paint: Paint, columns: number): string[] {
  if (unreadable.length === 0) return [];
  return [
    '',
    paint.warn(`Lines that can't be read as records; they are kept (${unreadable.length})`),
    ...unreadable
      .slice(0, MOST_SHOWN)
      .map(
        ({ object, problem, detail }) =>
          `  ${shortOid(object)}  ${oneLine(`${problem}: ${detail}`, columns - 14)}`,
      ),
    ...more(unreadable.length, paint),
  ];
}

function more(all: number, paint: Paint): string[] {
  return all > MOST_SHOWN ? [paint.faint(`  … ${all - MOST_SHOWN} more (--json)`)] : [];
}

/** A path is bytes: what is UTF-8 in it is shown as such. */
function readable(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}
