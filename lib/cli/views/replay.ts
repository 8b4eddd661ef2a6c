import { escapeTerminal } from '../../core/escape.ts';
import { shortOid } from '../../core/oid.ts';
import type {
  Difference,
  MissingInput,
  Outcome,
  Problem,
  ReplayedCall,
  ReplayedCheck,
  ReplaySummary,
} from '../../replay/outcome.ts';
import type { ReplayEnvironment, ReplayMode } from '../../replay/replay.ts';
import type { Paint } from '../terminal/io.ts';
import { verdictTint } from './facts.ts';
import { count, oneLine } from './text.ts';

export interface ReplayedView {
  readonly mode: ReplayMode;
  readonly outcomes: readonly Outcome[];
  readonly environment: ReplayEnvironment;
  readonly recorded: number;
  readonly dryRun: boolean;
  readonly summary: ReplaySummary;
}

/** What `replay --json` prints. */
export function replayedDocument({ outcomes, ...rest }: ReplayedView): object {
  const { dryRun, environment, mode, recorded, summary } = rest;
  return {
    schema: 'agent-log/replayed/v1',
    mode,
    dryRun,
    environment,
    replays: outcomes,
    recorded,
    summary,
  };
}

const MOST_NAMED = 50;
const MOST_DETAILS = 10;

/** Of one commit all there is to say; of many those that are not as recorded, and how many there are of each. */
export function renderReplays(view: ReplayedView, paint: Paint, columns: number): string {
  const { outcomes, summary } = view;
  const told = outcomes.length === 1 ? outcomes : outcomes.filter(({ verdict }) => !QUIET.has(verdict));
  const lines = told.slice(0, MOST_NAMED).flatMap((outcome) => outcomeLines(outcome, paint, columns));
  if (view.mode !== 'verify') lines.push(paint.faint(containmentLine(view.environment)));
  if (told.length > MOST_NAMED) lines.push(`… and ${told.length - MOST_NAMED} more (--json has all)`);
  if (outcomes.length !== 1)
    lines.push(paint.strong(count(outcomes.length, 'commit')), ...counts(summary, paint));
  lines.push(
    paint.faint(view.dryRun ? 'Nothing was recorded.' : `${count(view.recorded, 'replay')} recorded.`),
  );
  return `${lines.join('\n')}\n`;
}

const QUIET: ReadonlySet<string> = new Set(['identical', 'equivalent', 'skipped']);

function counts(summary: ReplaySummary, paint: Paint): string[] {
  const verdicts = Object.keys(summary) as (keyof ReplaySummary)[];
  return verdicts
    .filter((verdict) => summary[verdict] > 0)
    .map((verdict) => `  ${String(summary[verdict]).padStart(7)}  ${verdictTint(verdict, paint)(verdict)}`);
}

function outcomeLines(outcome: Outcome, paint: Paint, columns: number): string[] {
  const { commit, subject, verdict, record, binding, sealed, classes } = outcome;
  const head = `${paint.name(shortOid(commit))}  ${verdictTint(verdict, paint)(verdict)}`;
  const tie = record === null ? 'no record' : `${binding}, ${sealed ? 'sealed' : 'not sealed'}`;
  const risk = classes.length === 0 ? '' : `  ${paint.warn(classes.join(', '))}`;
  return [
    `${head}  ${paint.faint(tie)}${risk}  ${oneLine(subject ?? '', columns - 46)}`.trimEnd(),
    ...outcome.problems.map((problem) => `    ${PROBLEMS[problem]}`),
    ...(outcome.calls === undefined ? [] : [coverageLine(outcome.coverage)]),
    ...few(outcome.calls ?? [], 0, callLine),
    ...(outcome.checks ?? []).map(checkLine),
    ...(outcome.similarity === undefined ? [] : [similarityLine(outcome.similarity)]),
    ...few(missingBesides(outcome), 0, missingLine),
    ...few(outcome.differences, outcome.differencesLeftOut ?? 0, differenceLine),
  ];
}

function few<T>(items: readonly T[], leftOut: number, line: (item: T) => string): string[] {
  const more = items.length + leftOut - Math.min(items.length, MOST_DETAILS);
  const lines = items.slice(0, MOST_DETAILS).map((item) => `    ${line(item)}`);
  return more > 0 ? [...lines, `    … and ${more} more`] : lines;
}

const PROBLEMS: Readonly<Record<Problem, string>> = {
  'record-altered':
    'the note has not the record that its binding names: somebody changed or removed the line',
  'seal-broken': 'the ledger says that the message names the record, and it names another or none',
  'txn-differs': 'the message names the record, but another transaction',
  'binding-contradicts': 'the binding tells of another tree or other parents than the commit has',
  'claim-unproven': 'a record is named for this commit, and nothing of it is here',
  'object-damaged': 'the bytes of a commit or tree are not what its id says: run `git fsck`',
  'commit-changed': 'the commit was changed after the record was sealed',
  'base-moved': 'the recorded change, on another base',
  'holds-several': 'several records in one commit',
  'written-afterwards': 'the record was written for a commit that was there: it says nothing that was seen',
  'try-broke': 'trying it again came to an error, which is told above',
};

function containmentLine({ containment }: ReplayEnvironment): string {
  return containment === undefined
    ? 'Nothing was run: nothing here shuts commands in.'
    : `What was run was shut in by ${containment}: no network, and nothing of this disk but the worktree.`;
}

function coverageLine({ callsTotal, executed, stubbed, skipped }: Outcome['coverage']): string {
  return `    ${count(callsTotal, 'call')}: ${executed} done again, ${stubbed} taken from the record, ${skipped} left out`;
}

function callLine({ id, name, outcome, why }: ReplayedCall): string {
  const said = why === null ? '' : `: ${escapeTerminal(why)}`;
  return `${escapeTerminal(name)} (${escapeTerminal(id)}) ${OUTCOMES[outcome]}${said}`;
}

function checkLine({ name, passed, why }: ReplayedCheck): string {
  const said = why === null ? '' : `: ${escapeTerminal(why)}`;
  return `    ${CHECKS[name]} ${passed ? 'passed' : 'did not pass'}${said}`;
}

const CHECKS: Readonly<Record<ReplayedCheck['name'], string>> = {
  runner: 'the runner',
  check: 'the declared check',
  'risk-classes': 'no risk class that the record has not',
};

function similarityLine(similarity: number): string {
  return `    ${Math.round(similarity * 100)} % of the files changed are the same, which decides nothing`;
}

const OUTCOMES: Readonly<Record<ReplayedCall['outcome'], string>> = {
  differs: 'did something else',
  failed: 'could not be done again',
  limit: 'was ended',
  stubbed: 'was taken from the record',
  looked: 'had nothing to do',
  unable: 'can not be done again',
};

/** Calls are told of already. */
function missingBesides({ missing }: Outcome): MissingInput[] {
  return missing.filter(({ kind }) => kind !== 'call');
}

function missingLine({ kind, id }: MissingInput): string {
  if (kind === 'containment') return `missing: ${escapeTerminal(id)}`;
  if (kind === 'record') return `missing: ${escapeTerminal(id)}, which is in no ledger here`;
  if (kind === 'field') return `missing in the record: ${escapeTerminal(id)}`;
  return `missing: ${kind} ${shortOid(id)}`;
}

function differenceLine({ path, expected, found }: Difference): string {
  return `${escapeTerminal(path)}: recorded ${entryText(expected)}, found ${entryText(found)}`;
}

function entryText(entry: string | null): string {
  if (entry === null) return 'nothing';
  const [first = '', second] = entry.split(' ');
  return second === undefined ? shortOid(first) : `${first} ${shortOid(second)}`;
}

/** What to do about what is missing, for stderr. */
export function replayHints(outcomes: readonly Outcome[]): string {
  const kinds = new Set(outcomes.flatMap(({ missing }) => missing).map(({ kind }) => kind));
  const hints = [
    ...(kinds.has('commit') || kinds.has('tree')
      ? [
          'hint: Objects are missing here: get the whole history with `git fetch --unshallow`, or the branch the work was made on.',
        ]
      : []),
    ...(kinds.has('containment')
      ? ['hint: Install bubblewrap. Without something to shut them in, recorded commands are never run.']
      : []),
    ...(kinds.has('call')
      ? [
          'hint: Calls are done again from their texts: `agentLog.level` full keeps them, and its key opens them.',
        ]
      : []),
    ...(kinds.has('record') ? ['hint: Get the records with `git agent-log sync --fetch`.'] : []),
  ];
  return hints.map((hint) => `${hint}\n`).join('');
}
