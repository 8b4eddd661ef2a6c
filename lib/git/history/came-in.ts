import type { GitPlace } from '../process/runner.ts';
import { gitText } from '../process/runner.ts';

/** The commit of a branch by which another one came into it. */
export interface CameIn {
  readonly commit: string;
  /** What the branch was at before. */
  readonly before: string;
  /** What a merge brought in: its other parents. Empty for any other commit. */
  readonly merged: readonly string[];
}

/**
 * How a commit came into a branch that has it: by the first commit along the branch's first parents that reaches it. Null where it
 * lies on that line itself, and nothing tells what of the line is whose. Throws GIT_FAILED where one of them is not here.
 */
export async function cameIn(place: GitPlace, commit: string, tip: string): Promise<CameIn | null> {
  const [line, after] = await Promise.all([
    gitText(place, 'rev-list', '--first-parent', '--parents', tip, `^${commit}`),
    gitText(place, 'rev-list', '--ancestry-path', tip, `^${commit}`),
  ]);
  const reaching = new Set(after.split('\n'));
  const first = line
    .split('\n')
    .map((text) => text.split(' '))
    .findLast(([oid = '']) => reaching.has(oid));
  const [oid, before, ...merged] = first ?? [];
  if (oid === undefined || before === undefined || before === commit) return null;
  return { commit: oid, before, merged };
}
