import { shortOid } from '../../core/oid.ts';
import type { ScannedCommit, ScanSummary } from '../../oversight/scan.ts';
import type { Paint } from '../terminal/io.ts';
import { markdownText } from './markdown.ts';
import { count, oneLine } from './text.ts';

export interface ScanView {
  readonly summary: ScanSummary;
  readonly riskiest: readonly ScannedCommit[];
}

/** The inventory for people: how much agents did, how much of it is on record, and what to look at first. */
export function renderScan({ summary, riskiest }: ScanView, paint: Paint, columns: number): string {
  const lines = [
    paint.strong(count(summary.commits, 'commit')),
    `  ${String(summary.agent).padStart(7)}  by agents, ${summary.recorded} of them with a record`,
    `  ${String(summary.unknown).padStart(7)}  unclear: a bot, or a branch that only hints at an agent`,
    `  ${String(summary.human).padStart(7)}  without any mark of an agent`,
    ...notesLines(summary),
    ...agentLines(summary, paint),
    ...classLines(summary, paint),
  ];
  if (riskiest.length > 0)
    lines.push(
      '',
      paint.strong('The riskiest without a record'),
      ...riskiest.map((commit) => riskLine(commit, paint, columns)),
    );
  return `${lines.join('\n')}\n`;
}

/** The same as a Markdown page. */
export function scanReport({ summary, riskiest }: ScanView): string {
  const rows = (record: Readonly<Record<string, number>>): string[] =>
    sorted(record).map(([name, n]) => `| ${markdownText(name, 80)} | ${n} |`);
  return `${[
    '# What agents did here',
    '',
    '| commits | by agents | with a record | unclear | without a mark |',
    '| --- | --- | --- | --- | --- |',
    `| ${summary.commits} | ${summary.agent} | ${summary.recorded} | ${summary.unknown} | ${summary.human} |`,
    ...(summary.notes.outside + summary.notes.missing === 0
      ? []
      : ['', `Not scanned: ${notesText(summary)}.`]),
    ...(summary.agent === 0
      ? []
      : ['', '## Agents', '', '| agent or tool | commits |', '| --- | --- |', ...rows(summary.agents)]),
    ...(riskiest.length === 0
      ? []
      : [
          '',
          '## Risky and without a record',
          '',
          '| class | commits |',
          '| --- | --- |',
          ...rows(summary.unrecordedByClass),
        ]),
    ...(riskiest.length === 0
      ? []
      : ['', '| commit | class | file | subject |', '| --- | --- | --- | --- |', ...riskiest.map(reportRow)]),
  ].join('\n')}\n`;
}

function notesText({ notes }: ScanSummary): string {
  return `${count(notes.outside, 'noted commit')} outside the range, ${count(notes.missing, 'noted commit')} not in the clone`;
}

/** What the range does not show: a scan that met half of the notes has seen half of the agents. */
function notesLines({ notes }: ScanSummary): string[] {
  const all = notes.outside + notes.missing;
  if (all === 0) return [];
  const missing = notes.missing === 0 ? '' : `, ${notes.missing} of them not in this clone`;
  return [`  ${String(all).padStart(7)}  notes of agents' tools on commits not scanned${missing}`];
}

function agentLines(summary: ScanSummary, paint: Paint): string[] {
  const agents = sorted(summary.agents);
  return agents.length === 0
    ? []
    : [
        '',
        paint.strong('Agents and tools that left a mark'),
        ...agents.map(([name, n]) => `  ${String(n).padStart(7)}  ${oneLine(name, 40)}`),
      ];
}

function classLines(summary: ScanSummary, paint: Paint): string[] {
  const classes = sorted(summary.unrecordedByClass);
  return classes.length === 0
    ? []
    : [
        '',
        paint.strong('Agent commits without a record, by risk'),
        ...classes.map(([name, n]) => `  ${String(n).padStart(7)}  ${name}`),
      ];
}

function riskLine(commit: ScannedCommit, paint: Paint, columns: number): string {
  const file = oneLine(commit.riskiest ?? '', 28).padEnd(28);
  return `  ${paint.name(shortOid(commit.commit))}  ${paint.warn((commit.classes[0] ?? '').padEnd(20).slice(0, 20))}  ${file}  ${oneLine(commit.subject, Math.max(12, columns - 66))}`;
}

function reportRow(commit: ScannedCommit): string {
  return `| \`${shortOid(commit.commit)}\` | ${commit.classes[0] ?? ''} | ${markdownText(commit.riskiest ?? '', 80)} | ${markdownText(commit.subject, 80)} |`;
}

function sorted(record: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(record).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
