import { relative } from 'node:path';
import { escapeTerminal } from '../../core/escape.ts';
import type { RevertedDocument } from '../../core/generated/reverted-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import type { Recovered } from '../../revert/apply/recover.ts';
import type { Stop } from '../../revert/by-hand/stop.ts';
import type { NextStep } from '../../revert/telling/publish.ts';
import type { Io } from '../terminal/io.ts';
import { leftAlone, nextLines } from './applied.ts';
import { count, oneLine, shellWord } from './text.ts';

const MOST_FILES = 30;

type View = Pick<Io, 'paint' | 'columns' | 'cwd'>;

/** That a person is needed, where, and for what. */
export function renderStop({ worktree, conflicts }: Stop, { paint, columns, cwd }: View): string {
  const near = relative(cwd, worktree);
  const shown = conflicts.slice(0, MOST_FILES).map((path) => `  ${oneLine(path, columns - 2)}`);
  const more = conflicts.length - shown.length;
  const what =
    conflicts.length === 0
      ? 'Nothing is in conflict, but the ways to the result differ: look at it.'
      : `${count(conflicts.length, 'file')} in conflict, for you to resolve:`;
  return [
    paint.warn(what),
    ...shown,
    ...(more > 0 ? [`  and ${count(more, 'more file')}`] : []),
    '',
    'It lies in a worktree of its own; yours is as it was.',
    `hint: cd ${shellWord(near === '' ? '.' : near)}`,
    `hint: ${conflicts.length === 0 ? 'look at' : 'edit'} the files there, \`git add\` them, then`,
    'hint: git agent-revert --continue   (or --abort, and nothing has happened)',
    '',
  ].join('\n');
}

export function stopDocument({ worktree, conflicts }: Stop, txns: readonly string[]): RevertedDocument {
  return { ...NOTHING, state: 'stopped', txns: [...txns], worktree, conflicts: [...conflicts] };
}

/** How a revert ended that had stopped, or was cut off. */
export interface RevertEnd {
  readonly txns: readonly string[];
  readonly commit: string | null;
  readonly branch: string | null;
  readonly theirs: readonly string[];
  readonly stays: string | null;
}

export function renderEnd(
  state: Recovered['result'],
  { commit, theirs, stays }: RevertEnd,
  next: NextStep | null,
  { paint }: Pick<Io, 'paint'>,
): string {
  return [
    endLine(state, commit, next, paint),
    ...nextLines(next),
    ...theirs.map(leftAlone),
    ...(stays === null ? [] : [`warning: ${escapeTerminal(stays)} stays: there is something of yours in it`]),
    '',
  ].join('\n');
}

function endLine(
  state: Recovered['result'],
  commit: string | null,
  next: NextStep | null,
  paint: Io['paint'],
): string {
  const where = next === null ? '' : ` on branch ${paint.name(escapeTerminal(next.branch))}`;
  if (state === 'undone') return `${paint.good('Given up.')} Everything is as it was before.`;
  if (state === 'left') return 'Given up. HEAD went elsewhere since, so nothing was touched.';
  if (commit === null) return `${paint.good('Staged.')} Look at it, and commit it with git.`;
  return `${paint.good('Done:')} ${paint.name(shortOid(commit))}${where} takes it back.`;
}

export function endDocument(
  state: Recovered['result'],
  { txns, commit, branch, theirs, stays }: RevertEnd,
): RevertedDocument {
  return {
    ...NOTHING,
    state,
    txns: [...txns],
    commit,
    branch: branch?.replace(/^refs\/heads\//, '') ?? null,
    leftAlone: [...theirs],
    worktree: stays,
  };
}

const NOTHING = {
  schema: 'agent-log/reverted/v1',
  commit: null,
  branch: null,
  conflicts: [],
  leftAlone: [],
} as const satisfies Partial<RevertedDocument> as Omit<RevertedDocument, 'state' | 'txns' | 'worktree'>;
