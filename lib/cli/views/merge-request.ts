import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { MergeRequestRecord } from '../../core/records/record.ts';
import type { Paint } from '../terminal/io.ts';
import { count, localTime, oneLine } from './text.ts';

/** One merge request, for people. */
export function renderMergeRequest(record: MergeRequestRecord, paint: Paint, columns: number): string {
  const { url, subject, txns, classes, agentCommits, title, landed, recordedAt } = record;
  const rows: [string, string][] = [
    ['state', stateOf(record)],
    ['changes', `${shortOid(subject.base ?? 'nothing')}..${shortOid(subject.head)}`],
    ['to', subject.target ?? 'no branch'],
    ['agents', count(agentCommits, 'commit')],
    ...txns.slice(0, MOST_SHOWN).map((txn, i): [string, string] => [i === 0 ? 'txns' : '', paint.name(txn)]),
    ...(txns.length > MOST_SHOWN ? [['', `and ${txns.length - MOST_SHOWN} more`] as [string, string]] : []),
    ...(classes.length === 0 ? [] : [['risk', classes.join(', ')] as [string, string]]),
    ...(landed === undefined ? [] : [['landed', shortOid(landed)] as [string, string]]),
    ['told', localTime(recordedAt)],
  ];
  const lines = [
    paint.strong(escapeTerminal(url)),
    ...(title === null ? [] : [`  ${oneLine(title, columns - 2)}`]),
    ...rows.map(([name, text]) => `${name.padEnd(9)}${oneLine(text, columns - 9)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const MOST_SHOWN = 10;

/** Merge requests as they come, two lines each; `all` is how many somebody has told of. */
export function renderMergeRequests(
  records: readonly MergeRequestRecord[],
  all: number,
  paint: Paint,
  columns: number,
): string {
  if (all === 0) return 'Nobody has told of a merge request here yet: git agent-log mr open URL\n';
  if (records.length === 0) return `None of ${count(all, 'merge request')}.\n`;
  const lines = records.flatMap((record) => [
    paint.strong(oneLine(record.url, columns)),
    `  ${oneLine(`${stateOf(record)}, ${count(record.agentCommits, 'agent commit')}, ${record.classes.join(', ') || 'no risk class'}`, columns - 2)}`,
  ]);
  return `${lines.join('\n')}\n`;
}

function stateOf({ state }: MergeRequestRecord): string {
  return state ?? 'open';
}
