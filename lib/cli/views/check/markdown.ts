import type { CheckDecision, CheckDocument } from '../../../core/generated/check-v1.types.ts';
import { shortOid } from '../../../core/oid.ts';
import { markdownCode, markdownText } from '../markdown.ts';
import { count } from '../text.ts';
import { groupDecisions, reasonsOf, toldBy, verdictWord } from './groups.ts';

/** Hosts cut a summary of a megabyte: of a group with more rows the rest is counted. */
const MOST = 100;
const WIDTH = 300;

/** The verdict as a page of Markdown, for the summary of a job or a comment. Text from outside is text there, too. */
export function checkMarkdown(document: CheckDocument): string {
  const { denies, waived, warns, skipped, passed } = groupDecisions(document);
  const { verdict, stage, subject, policy, counts, decisions } = document;
  const range = `${subject.base === null ? '' : `${shortOid(subject.base)}..`}${shortOid(subject.head)}`;
  const all = count(decisions.length, 'decision');
  const target = subject.target === null ? '' : ` to ${markdownText(subject.target, 120)}`;
  return `${[
    `## Agent work: ${verdict === 'deny' ? `denied at ${stage}` : `passed at ${stage}`}`,
    '',
    `${range}${target}: ${counts.denies} of ${all} ${counts.denies === 1 ? 'denies' : 'deny'} it. Policy ${markdownText(policy.path, 120)} of ${shortOid(policy.commit)}.`,
    ...table('What denies it', denies),
    ...table('Waived', waived),
    ...table('Warnings', warns),
    ...names('Does not apply', skipped),
    ...names('Passed', passed),
    ...document.notes.flatMap((note) => ['', `> ${markdownText(note, WIDTH)}`]),
    '',
    document.recorded ? 'Recorded in the ledger.' : 'Nothing was recorded.',
  ].join('\n')}\n`;
}

function table(title: string, decisions: readonly CheckDecision[]): string[] {
  if (decisions.length === 0) return [];
  const more = decisions.length - MOST;
  return [
    '',
    `### ${title}`,
    '',
    '| rule | severity | why | mend it with |',
    '| --- | --- | --- | --- |',
    ...decisions.slice(0, MOST).map(row),
    ...(more > 0 ? ['', `… and ${more} more.`] : []),
  ];
}

function row(decision: CheckDecision): string {
  const waiver = decision.waiver === null ? [] : [`waived by ${decision.waiver}`];
  const said = [...reasonsOf(decision), ...[toldBy(decision)].filter((by) => by !== null), ...waiver];
  const why = (said.length === 0 ? [verdictWord(decision)] : said).slice(0, 10);
  const words = why.map((reason) => markdownText(reason, WIDTH)).join('<br>');
  const mends = decision.hint?.split('\n').slice(0, 10) ?? [];
  const mend = mends.map((one) => markdownCode(one, WIDTH)).join('<br>');
  return `| ${markdownText(decision.rule, 120)} | ${decision.severity} | ${words} | ${mend} |`;
}

function names(title: string, decisions: readonly CheckDecision[]): string[] {
  if (decisions.length === 0) return [];
  const more = decisions.length - MOST;
  const shown = decisions.slice(0, MOST).map(({ rule }) => markdownText(rule, 120));
  const rest = more > 0 ? [`and ${more} more`] : [];
  return [
    '',
    `<details><summary>${title} (${decisions.length})</summary>`,
    '',
    [...shown, ...rest].join(', '),
    '',
    '</details>',
  ];
}
