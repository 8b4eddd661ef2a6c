import type { ImportReport, ReportedItem } from '../../capture/imports/import.ts';
import { shortOid } from '../../core/oid.ts';
import type { Paint } from '../terminal/io.ts';
import { count, oneLine } from './text.ts';

const MOST_SHOWN = 20;

/** What an import wrote, what it left, and what it could not read. */
export function renderImport(report: ImportReport, paint: Paint, columns: number): string {
  const { format, sources } = report;
  if (sources === 0) return `Nothing of ${format} is in this clone.\n${fetchHint(format)}`;
  const lines = [
    paint.strong(`${format}: ${count(sources, 'source')} looked at`),
    ...tallies(report),
    ...itemLines(report, paint, columns),
    ...problemLines(report, paint, columns),
    ...unreadLines(report, paint, columns),
  ];
  return `${lines.join('\n')}\n`;
}

function tallies({ items, empty, dryRun }: ImportReport): string[] {
  const of = (status: ReportedItem['status']): ReportedItem[] =>
    items.filter((item) => item.status === status);
  const txns = new Set(of('new').map(({ txn }) => txn)).size;
  const rows: [number, string][] = [
    [of('new').length, `${dryRun ? 'would be imported' : 'imported'}, ${count(txns, 'transaction')}`],
    [of('imported').length, 'imported before'],
    [of('changed').length, 'imported before, and changed since: the record stays as it is'],
    [of('recorded').length, 'left: on commits with a record of their own, made while the agent worked'],
    [empty, 'name no agent'],
  ];
  return rows.filter(([n], i) => n > 0 || i === 0).map(([n, text]) => `  ${String(n).padStart(7)}  ${text}`);
}

function itemLines({ items }: ImportReport, paint: Paint, columns: number): string[] {
  const written = items.filter(({ status }) => status === 'new');
  if (written.length === 0) return [];
  return [
    '',
    ...written.slice(-MOST_SHOWN).map((item) => itemLine(item, paint, columns)),
    ...more(written, paint),
  ];
}

function itemLine(
  { commit, txn, agent, model, author }: ReportedItem,
  paint: Paint,
  columns: number,
): string {
  const who = [agent ?? 'unknown', model ?? 'unknown model', author ?? 'nobody named'].join(', ');
  return `  ${paint.name(shortOid(commit))}  ${txn}  ${oneLine(who, Math.max(12, columns - 42))}`;
}

function problemLines({ problems }: ImportReport, paint: Paint, columns: number): string[] {
  if (problems.length === 0) return [];
  return [
    '',
    paint.warn(`Not imported (${problems.length})`),
    ...problems.slice(0, MOST_SHOWN).map(({ commit, code, detail }) => {
      const at = commit === null ? ' '.repeat(10) : paint.name(shortOid(commit));
      return `  ${at}  ${code}: ${oneLine(detail, Math.max(12, columns - 16 - code.length))}`;
    }),
    ...more(problems, paint),
  ];
}

function unreadLines({ unread }: ImportReport, paint: Paint, columns: number): string[] {
  if (unread.length === 0) return [];
  return [
    '',
    paint.strong('Fields that entered no record'),
    ...unread
      .slice(0, MOST_SHOWN)
      .map(({ field, count: n }) => `  ${String(n).padStart(7)}  ${oneLine(field, columns - 11)}`),
    ...more(unread, paint),
  ];
}

function more(all: readonly unknown[], paint: Paint): string[] {
  const left = all.length - MOST_SHOWN;
  return left > 0 ? [paint.faint(`  … ${left} more (--json)`)] : [];
}

const REFSPECS: Readonly<Record<ImportReport['format'], string>> = {
  'git-ai': 'refs/notes/ai:refs/notes/ai',
  entire: "'refs/heads/entire/checkpoints/v1:refs/remotes/origin/entire/checkpoints/v1'",
  gitvow: "'refs/notes/gitvow/*:refs/notes/gitvow/*'",
  'agent-trace': 'refs/notes/agent-trace:refs/notes/agent-trace',
  whogitit: 'refs/notes/whogitit:refs/notes/whogitit',
};

/** A clone has nobody's notes until they are asked for. */
function fetchHint(format: ImportReport['format']): string {
  return `hint: if the remote has some, get them with: git fetch origin ${REFSPECS[format]}\n`;
}
