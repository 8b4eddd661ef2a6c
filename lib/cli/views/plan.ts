import { escapeTerminal } from '../../core/escape.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import type { Paint } from '../terminal/io.ts';
import { block, count, cut, oneLine } from './text.ts';

const VERDICTS: Readonly<Record<RevertPlan['verdict'], string>> = {
  'in-force': 'in force: there is nothing to bring back',
  clean: 'clean: it can be taken back as one unit',
  'already-reverted': 'already reverted: there is nothing to do',
  noop: 'nothing of it is left: there is nothing to do',
  'needs-decision': 'needs a decision: nothing is changed before you take it',
  'not-landed': 'not on this branch',
  refused: 'refused',
};

/** Where bringing back is told in other words than taking out. */
const RELAND_VERDICTS: Readonly<Partial<Record<RevertPlan['verdict'], string>>> = {
  clean: 'clean: it can be brought back as one unit',
  noop: 'all of it is there: there is nothing to do',
};

const MOST_FILES = 30;
const MOST_PEOPLE = 10;

export interface PlanView {
  readonly paint: Paint;
  readonly columns: number;
}

/** A plan for the one who decides: what goes, what stays, what stands in the way, and every way through. */
export function renderPlan(plan: RevertPlan, { paint, columns }: PlanView): string {
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint.strong(title), ...lines];
  const below = (text: string, indent = 11): string[] =>
    block(text.replaceAll(/\s+/g, ' '), indent, { paint, columns, full: true });
  const told = (what: string, paths: readonly string[]): string[] =>
    paths.length === 0 ? [] : below(`${what}: ${paths.map(shownPath).join(', ')}`);
  const commitLine = (commit: string, subject: string, more: string): string =>
    `  ${paint.name(shortOid(commit))}  ${oneLine(subject, Math.max(10, columns - 14 - more.length))}${more === '' ? '' : `  ${paint.faint(more)}`}`;
  const { regenerated = [], notTried = [] } = plan;
  const colour = plan.verdict === 'clean' ? paint.good : plan.verdict === 'refused' ? paint.bad : paint.warn;
  return `${[
    `${paint.strong(count(plan.txns.length, 'transaction'))} ${plan.txns.map((txn) => paint.name(txn)).join(' ')}`,
    colour(resultOf(plan)),
    ...plan.why.flatMap((why) => below(why.replaceAll(WHOLE_ID, shortOid), 2)),
    ...section(
      unitsTitle(plan),
      plan.units.flatMap((unit) => [
        commitLine(unit.commit, unit.subject, kindOf(unit)),
        ...told('written by hand in the merge, goes too', unit.handEdited ?? []),
        ...told('maybe not only the agent’s', unit.shared ?? []),
      ]),
    ),
    ...section('Stays', staysOf(plan, columns)),
    ...section(
      'In the way',
      plan.blockers.flatMap(({ commit, subject, paths, reason, author }) => [
        commitLine(commit, subject, ''),
        ...below(author),
        ...below(`${paths.map(shownPath).join(', ')}: ${reason}`),
      ]),
    ),
    ...section(
      'Goes with it',
      plan.resultTree === null
        ? []
        : plan.dependants.flatMap(({ commit, subject, why }) => [
            commitLine(commit, subject, ''),
            ...below(why),
          ]),
    ),
    ...section('Files', filesOf(plan, paint, columns)),
    ...section(
      'Made again, not merged',
      regenerated.flatMap(({ path, command }) => [`  ${shownPath(path)}`, ...below(`by: ${command}`)]),
    ),
    ...section(
      'Worked on these files since',
      plan.affected
        .slice(0, MOST_PEOPLE)
        .map(({ author, commits }) => `  ${oneLine(author, columns - 15)}  ${count(commits, 'commit')}`),
    ),
    ...section(
      'Needs the approval of its owners (CODEOWNERS)',
      plan.approvals.map(({ owner, paths }) => `  ${oneLine(`${owner}: ${paths.join(', ')}`, columns - 2)}`),
    ),
    ...section(
      'Overwritten since, stays',
      plan.superseded.map(
        ({ path, lines, by }) =>
          `  ${shownPath(path)}: ${extentOf(lines)}, by ${by.map((one) => shortOid(one)).join(', ')}`,
      ),
    ),
    ...section(
      'Of the transaction, stays',
      plan.residue.map(({ path, lines }) => `  ${shownPath(path)}: ${extentOf(lines)}`),
    ),
    ...section(
      'Not undone',
      plan.notUndone.flatMap((what) => below(what, 2)),
    ),
    ...section(
      'Look at',
      plan.warnings.flatMap(({ text }) => below(text, 2).map((line) => paint.warn(line))),
    ),
    ...section(
      'Not tried: there was no time',
      notTried.flatMap((what) => below(what, 2)),
    ),
    ...section(
      'Ways through',
      plan.options.map((option) => optionLine(option, paint)),
    ),
    ...(plan.options.length === 0 ? [] : below(HOW_TO_TAKE_ONE, 2).map((line) => paint.faint(line))),
  ].join('\n')}\n`;
}

/** Ids are whole in a plan, for tools; a person needs no more of one than finds it. */
const WHOLE_ID = /\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g;

const HOW_TO_TAKE_ONE = 'Add one of them to the command; with --plan, it shows what that would do.';

function unitsTitle({ action, verdict }: RevertPlan): string {
  if (verdict === 'already-reverted' || verdict === 'noop' || verdict === 'in-force') return 'Its commits';
  return action === 'reland' ? 'Reverts it undoes' : 'Goes';
}

/** A path as it is where that can be told on one line; else between quotes, so that no two look the same. */
function shownPath(path: string): string {
  const shown = escapeTerminal(path);
  return shown === path && !/^\s|\s$|\s\s|"/.test(path) ? path : `"${shown}"`;
}

/** Of a file that was not read by lines it is not known how many. */
function extentOf(lines: number): string {
  return lines === 0 ? 'the file' : count(lines, 'line');
}

function resultOf({ action, verdict, resultTree, verified }: RevertPlan): string {
  const told = (action === 'reland' ? RELAND_VERDICTS[verdict] : undefined) ?? VERDICTS[verdict];
  if (verdict !== 'needs-decision' || resultTree === null) return told;
  return verified === null ? 'as you decided; no verify command has looked at the result' : told;
}

function kindOf({ commit, kind, members }: RevertPlan['units'][number]): string {
  const brought = members.filter((member) => member !== commit).length;
  switch (kind) {
    case 'commit':
      return '';
    case 'merge':
      return `merge of ${count(members.length, 'commit')}`;
    case 'part':
      return brought === 0 ? 'part of it' : `${count(brought, 'commit')} of what it merged`;
    case 'squash':
      return 'squash';
  }
}

function staysOf({ kept, missing, claimed, leftOut }: RevertPlan, columns: number): string[] {
  const shown = leftOut
    .slice(0, MOST_FILES)
    .map((path) => `  ${cut(shownPath(path), columns - 15)}  not asked for`);
  const more = leftOut.length - shown.length;
  return [
    ...(kept === 0 ? [] : [`  ${count(kept, 'later commit')}`]),
    ...missing.map((commit) => `  ${shortOid(commit)}  of the transaction, not on this branch`),
    ...claimed.map((commit) => `  ${shortOid(commit)}  only says that it belongs to it`),
    ...shown,
    ...(more > 0 ? [`  and ${count(more, 'more file')}`] : []),
  ];
}

const LETTERS = { added: 'A', modified: 'M', deleted: 'D', type: 'T' } as const;

function filesOf({ files }: RevertPlan, paint: Paint, columns: number): string[] {
  const shown = files.slice(0, MOST_FILES).map(({ path, change, classes }) => {
    const risk = classes.length === 0 ? '' : `  ${paint.warn(classes.join(', '))}`;
    return `  ${LETTERS[change]} ${cut(shownPath(path), columns - 4)}${risk}`;
  });
  const more = files.length - shown.length;
  return more > 0 ? [...shown, `  and ${count(more, 'more file')}`] : shown;
}

function optionLine(
  { flag, verdict, adds, leaves = [], regenerates = [] }: RevertPlan['options'][number],
  paint: Paint,
): string {
  const result =
    verdict === 'clean' ? paint.good('clean') : verdict === 'noop' ? 'changes nothing' : 'yours to look at';
  const takes = adds.length === 0 ? '' : `, takes ${count(adds.length, 'more commit')} with it`;
  const stays = leaves.length === 0 ? '' : `, leaves ${count(leaves.length, 'file')} as it is`;
  const makes = regenerates.length === 0 ? '' : `, makes ${count(regenerates.length, 'file')} again`;
  return `  ${flag.padEnd(28)} ${result}${makes}${takes}${stays}`;
}
