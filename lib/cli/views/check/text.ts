import { escapeTerminal } from '../../../core/escape.ts';
import type { CheckDecision, CheckDocument } from '../../../core/generated/check-v1.types.ts';
import { shortOid } from '../../../core/oid.ts';
import { wrapWords } from '../../terminal/hint-lines.ts';
import { block, count, oneLine, type ViewOptions } from '../text.ts';
import { groupDecisions, reasonsOf, toldBy, verdictWord } from './groups.ts';

/** Of a group with more, the rest is counted. */
const MOST = 50;

/** The verdict for people: what denies and what mends it, then what else there is to know. */
export function checkText(document: CheckDocument, options: ViewOptions): string {
  const { denies, waived, warns, skipped, passed } = groupDecisions(document);
  const { paint } = options;
  const lines = [
    ...headLines(document, options),
    ...group(paint.bad('Denies'), denies, options),
    ...group(paint.warn('Waived'), waived, options),
    ...group(paint.warn('Warns'), warns, options),
    ...rest(paint.faint('Does not apply'), skipped, options),
    ...rest(paint.good('Passed'), passed, options),
  ];
  if (document.notes.length > 0)
    lines.push('', ...document.notes.flatMap((note) => block(`note: ${note}`, 0, options)));
  return `${[...lines, '', recordedLine(document)].join('\n')}\n`;
}

function headLines(document: CheckDocument, { paint, columns }: ViewOptions): string[] {
  const { verdict, stage, subject, policy, counts } = document;
  const all = count(document.decisions.length, 'decision');
  const said =
    verdict === 'deny'
      ? paint.bad(`DENIED at ${stage}: ${counts.denies} of ${all}`)
      : paint.good(`Passed at ${stage}: ${all}`);
  const base = subject.base === null ? '' : `${shortOid(subject.base)}..`;
  const target = subject.target === null ? '' : ` to ${subject.target}`;
  return [
    said,
    oneLine(`change: ${base}${shortOid(subject.head)}${target}`, columns),
    oneLine(`policy: ${policy.path} of ${shortOid(policy.commit)}`, columns),
    ...(subject.mr === undefined ? [] : [oneLine(`merge request: ${subject.mr}`, columns)]),
  ];
}

function group(title: string, decisions: readonly CheckDecision[], options: ViewOptions): string[] {
  if (decisions.length === 0) return [];
  const shown = options.full ? decisions : decisions.slice(0, MOST);
  const more = decisions.length - shown.length;
  const left = more > 0 ? [`  … and ${more} more (--full)`] : [];
  return [
    '',
    `${title} (${decisions.length})`,
    ...shown.flatMap((one) => decisionLines(one, options)),
    ...left,
  ];
}

function decisionLines(decision: CheckDecision, options: ViewOptions): string[] {
  const { paint, columns } = options;
  const aside = [decision.severity, verdictWord(decision), toldBy(decision)]
    .filter((part) => part !== null)
    .join(', ');
  const waiver = decision.waiver === null ? [] : block(`waived by ${decision.waiver}`, 6, options);
  const hint = (decision.hint?.split('\n') ?? []).flatMap((mend) =>
    wrapWords(`mend: ${escapeTerminal(mend)}`, Math.max(20, columns - 6)).map((line) => `      ${line}`),
  );
  return [
    `  ${paint.name(oneLine(decision.rule, Math.max(20, columns - aside.length - 5)))} ${paint.faint(`(${oneLine(aside, 60)})`)}`,
    ...reasonsOf(decision).flatMap((reason) => block(reason, 6, options)),
    ...(options.full ? decision.clauses.flatMap((clause) => clauseLines(clause, options)) : []),
    ...waiver,
    ...hint.map((line) => paint.strong(line)),
  ];
}

/** A clause as it was evaluated, and what it saw. */
function clauseLines(
  { id, result, facts }: CheckDecision['clauses'][number],
  options: ViewOptions,
): string[] {
  return [
    ...block(`clause ${id}: ${result}`, 6, options),
    ...Object.entries(facts).flatMap(([name, text]) => block(`${name} = ${text}`, 8, options)),
  ];
}

/** What asks for nothing is told by name, and as the others are where all is wanted. */
function rest(title: string, decisions: readonly CheckDecision[], options: ViewOptions): string[] {
  return (options.full ? group : names)(title, decisions, options);
}

function names(title: string, decisions: readonly CheckDecision[], options: ViewOptions): string[] {
  if (decisions.length === 0) return [];
  const shown = decisions.slice(0, MOST).map(({ rule }) => oneLine(rule, 60));
  const more = decisions.length - shown.length;
  const all = [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
  return ['', `${title} (${decisions.length})`, ...block(all, 2, options)];
}

function recordedLine({ recorded, ledger }: CheckDocument): string {
  if (!recorded) return 'Nothing was recorded.';
  return ledger === null ? 'Recorded.' : `Recorded in the ledger at ${shortOid(ledger)}.`;
}
