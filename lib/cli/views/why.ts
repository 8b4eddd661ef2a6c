import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type { WhyDocument, WhyGroup, WhyGroupCommit } from '../../oversight/why-document.ts';
import { assuranceRow, bindingText, modelText, sponsorText, textOrDigest } from './facts.ts';
import { block, count, localTime, oneLine, type ViewOptions } from './text.ts';

/** Where lines come from: the story of those asked for, or a whole file summed up. */
export function renderWhy(document: WhyDocument, options: ViewOptions): string {
  const { paint } = options;
  const where = document.revision === null ? 'in the worktree' : `in ${shortOid(document.revision)}`;
  const which = document.asked === null ? count(document.lines, 'line') : lineText([document.asked]);
  const width = Math.max(20, options.columns - which.length - where.length - 3);
  const head = `${paint.strong(oneLine(document.file, width))}, ${which} ${where}\n`;
  if (document.asked === null)
    return `${head}\n${document.groups.map((group) => summary(group, document.lines, options)).join('\n')}`;
  // Who asks for lines reads them from above; a summary names first who has most of them.
  const groups = [...document.groups].sort((a, b) => (a.runs[0]?.from ?? 0) - (b.runs[0]?.from ?? 0));
  const text = document.text === null ? '' : `${block(document.text, 4, options, 10).join('\n')}\n`;
  return `${head}${text}\n${groups.map((group) => story(document.file, group, options)).join('\n')}`;
}

/** A group of a whole file, in three or four lines. */
function summary(group: WhyGroup, all: number, options: ViewOptions): string {
  const { paint, columns } = options;
  const share = `${String(Math.max(1, Math.round((100 * group.lines) / all))).padStart(3)} %`;
  const lines = [`${String(group.lines).padStart(6)} ${share}  ${title(group, columns - 14, options)}`];
  const more = (text: string): number => lines.push(`${' '.repeat(14)}${text}`);
  if (group.txn !== null) {
    const who = [group.agent?.name, group.model?.name].filter((name) => name != null).join(', ');
    const word = group.commits.find(({ capture }) => capture?.assurance != null)?.capture?.assurance;
    more(
      oneLine(
        `${word == null ? '' : `(${word}) `}${who}; sponsor: ${group.sponsor?.name ?? 'nobody is named'}`,
        columns - 14,
      ),
    );
    if (group.task !== null) more(oneLine(taskText(group.task), columns - 14));
  }
  more(paint.faint(oneLine(lineText(group.runs, options.full ? group.runs.length : 6), columns - 14)));
  for (const commit of group.commits.slice(0, options.full ? group.commits.length : 3))
    more(`${paint.name(shortOid(commit.commit))}  ${oneLine(commit.subject, columns - 26)}`);
  const hidden = options.full ? 0 : group.commits.length - 3;
  if (hidden > 0) more(paint.faint(`… ${count(hidden, 'more commit')} (--full)`));
  return `${lines.join('\n')}\n`;
}

function taskText(task: NonNullable<WhyGroup['task']>): string {
  return `Task: ${task.text ?? `(${task.missing?.says ?? 'the text is not in this clone'}${task.ref === null ? '' : `; ${task.ref}`})`}`;
}

function title(group: WhyGroup, width: number, { paint }: ViewOptions): string {
  if (group.txn !== null) return `${paint.good('agent')}    ${paint.name(group.txn)}`;
  if (group.authorship === 'uncommitted') return paint.warn('not committed yet');
  const tints = { agent: paint.warn, human: paint.strong, unknown: paint.warn };
  const author = oneLine(
    `${group.authorship === 'agent' ? 'no record; ' : ''}${group.author ?? ''}`,
    width - 9,
  );
  return `${tints[group.authorship](group.authorship.padEnd(7))}  ${author}`;
}

/** A group in full: its transaction, then what each of its commits adds. */
function story(file: string, group: WhyGroup, options: ViewOptions): string {
  const { paint } = options;
  const head = `${paint.strong(capital(lineText(group.runs, 6)))}: `;
  if (group.authorship === 'uncommitted')
    return `${head}${paint.warn('not committed yet')}\n${block('What an agent writes is recorded when it is committed.', 2, options).join('\n')}\n`;
  const top = `${head}${title(group, options.columns - head.length, options)}\n`;
  const commits = group.commits.map((commit) => commitStory(file, group, commit, options));
  return group.txn === null ? top + commits.join('') : [top + facts(group, options), ...commits].join('\n');
}

function facts(group: WhyGroup, options: ViewOptions): string {
  const agent = group.agent === null ? 'unknown' : [group.agent.name, group.agent.version].join(' ').trim();
  const rows = [
    row('sponsor', sponsorText(group, options), options),
    row('agent', escapeTerminal(agent), options),
    row('model', modelText(group), options),
  ];
  const task = [
    options.paint.strong('Task') +
      (group.task?.ref ? ` ${options.paint.faint(escapeTerminal(group.task.ref))}` : ''),
    ...(group.task === null ? ['  none was given'] : textOrDigest(group.task, options)),
  ];
  return `${rows.join('')}\n${task.join('\n')}\n`;
}

const WHOSE: Readonly<Record<string, string>> = {
  agent: 'the agent wrote what this commit has of the file',
  shell: "a command of the agent's wrote what this commit has of the file",
  mixed: 'the agent wrote in the file, and so did somebody else',
  unseen: 'nobody was seen writing the file; it is in the agent’s commit',
};

function commitStory(file: string, group: WhyGroup, commit: WhyGroupCommit, options: ViewOptions): string {
  const { paint, columns } = options;
  const named = `${paint.name(shortOid(commit.commit))} ${oneLine(commit.subject, columns - 26)}`;
  const rows =
    group.txn === null ? [row('commit', named, options)] : [`${paint.strong('Commit')} ${named}\n`];
  if (group.txn === null) {
    for (const { agent, kind, seen } of commit.signals.slice(0, 6))
      rows.push(row('sign', oneLine(`${agent}, ${kind}: ${seen}`, columns - 14), options));
    rows.push(row('record', nothing(group, commit), options));
  } else {
    rows.push(
      row('recorded', commit.recordedAt === null ? 'unknown' : localTime(commit.recordedAt), options),
    );
    rows.push(row('binding', bindingText(commit, options), options));
    for (const [name, text] of assuranceRow(commit, options)) rows.push(row(name, text, options));
    rows.push(
      row(
        'whose',
        commit.by === null ? 'the record does not list the file' : (WHOSE[commit.by] ?? ''),
        options,
      ),
    );
  }
  if (commit.path !== file) rows.push(row('then called', oneLine(commit.path, columns - 14), options));
  if (commit.shallow)
    rows.push(row('shallow', 'this clone ends here: the lines may be older. git fetch --unshallow', options));
  const said =
    commit.reason === null ? [] : [paint.strong('The agent said'), ...textOrDigest(commit.reason, options)];
  const problems = commit.problems.flatMap((problem) => block(problem, 2, options));
  const bad = problems.length === 0 ? [] : [paint.bad('Problems'), ...problems];
  const text = [...said, ...bad].map((line) => `${line}\n`).join('');
  const more =
    group.txn === null ? '' : `${paint.faint(`More: git agent-log show ${shortOid(commit.commit)}`)}\n`;
  return `${rows.join('')}${text}${more}`;
}

function nothing(group: WhyGroup, commit: WhyGroupCommit): string {
  if (commit.binding === 'claimed')
    return 'the message names one, which does not prove that it is about this commit';
  if (group.authorship === 'human') return 'none, and no mark of an agent';
  return 'none: nothing tells what was asked, or who answers for it';
}

function row(name: string, text: string, { paint }: ViewOptions): string {
  return `  ${paint.faint(name.padEnd(12))}${text}\n`;
}

/** `line 3`, or `lines 1-4, 9, 12-20`, the first `most` runs of them. */
function lineText(runs: readonly { from: number; to: number }[], most: number = runs.length): string {
  const shown = runs.slice(0, most).map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`));
  const more = runs.length - shown.length;
  const one = runs.length === 1 && runs[0]?.from === runs[0]?.to;
  return `${one ? 'line' : 'lines'} ${shown.join(', ')}${more > 0 ? ` and ${more} more places` : ''}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
