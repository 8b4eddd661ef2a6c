import type { Pair } from './kept.ts';

/** What a rebase was asked to do, as its hook's shell kept it. */
export interface RebaseList {
  /** Commits it was to make again. */
  readonly commits: ReadonlySet<string>;
  /** Those of them that were to go into the one before. */
  readonly joined: ReadonlySet<string>;
  /** What it began on. */
  readonly onto: string | null;
}

const JOINS = new Set(['f', 'fixup', 's', 'squash']);

/** `command id` lines, and `onto id`. Null where no rebase told. */
export function parseList(text: string): RebaseList | null {
  const lines = [...text.matchAll(/^([a-z]{1,20}) ([0-9a-f]{40}|[0-9a-f]{64})$/gm)].map(
    ([, command = '', oid = '']) => ({
      command,
      oid,
    }),
  );
  if (lines.length === 0) return null;
  const commits = lines.filter(({ command }) => command !== 'onto');
  return {
    commits: new Set(commits.map(({ oid }) => oid)),
    joined: new Set(commits.filter(({ command }) => JOINS.has(command)).map(({ oid }) => oid)),
    onto: lines.find(({ command }) => command === 'onto')?.oid ?? null,
  };
}

/**
 * Pairs without those of commits that were skipped, or dropped for being empty: git says of them that they became
 * whatever HEAD was, which is what the rebase began on, a commit it left as it was, or what it made of the one before.
 */
export function withoutSkipped(pairs: readonly Pair[], list: RebaseList | null): Pair[] {
  if (list === null) return [...pairs];
  const made = new Set<string>();
  return pairs.filter(({ from, to }) => {
    const isOld = to === list.onto || list.commits.has(to);
    const isTaken = made.has(to) && !list.joined.has(from);
    made.add(to);
    return !isOld && !isTaken;
  });
}
