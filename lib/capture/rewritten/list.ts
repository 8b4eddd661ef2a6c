import type { Pair } from './kept.ts';

/** What a rebase was asked to do, as its hook's shell kept it. */
export interface RebaseList {
  /** Commits it was to make again, in its order. */
  readonly commits: ReadonlySet<string>;
  /** Those of them that were to go into the one before. */
  readonly joined: ReadonlySet<string>;
  /** Merges are made again, and it goes from one line of commits to another. */
  readonly hasMerges: boolean;
  /** What it began on. */
  readonly onto: string | null;
}

const JOINS = new Set(['f', 'fixup', 's', 'squash']);
const MERGES = new Set(['m', 'merge']);
const NOTHING = new Set(['onto', 'd', 'drop']);

/** `command id` lines, and `onto id`. Null where no rebase told. */
export function parseList(text: string): RebaseList | null {
  const lines = [...text.matchAll(/^([a-z]{1,20}) ([0-9a-f]{40}|[0-9a-f]{64})$/gm)].map(
    ([, command = '', oid = '']) => ({
      command,
      oid,
    }),
  );
  if (lines.length === 0) return null;
  const commits = lines.filter(({ command }) => !NOTHING.has(command));
  return {
    commits: new Set(commits.map(({ oid }) => oid)),
    joined: new Set(commits.filter(({ command }) => JOINS.has(command)).map(({ oid }) => oid)),
    hasMerges: commits.some(({ command }) => MERGES.has(command)),
    onto: lines.find(({ command }) => command === 'onto')?.oid ?? null,
  };
}

/** A commit of a list, and those that were to go into it. */
export interface JoinedGroup {
  readonly lead: string;
  readonly joins: readonly string[];
  /** Where HEAD stood before it, as far as pairs tell; null where nobody does. */
  readonly before: string | null;
}

/** The commits others were to go into. Of what the pairs don't name git made nothing anew: it stayed what it was. */
export function groupsOf({ commits, joined, onto }: RebaseList, pairs: readonly Pair[]): JoinedGroup[] {
  const became = new Map(pairs.map(({ from, to }) => [from, to]));
  const groups: { lead: string; joins: string[]; before: string | null }[] = [];
  let head = onto;
  for (const oid of commits) {
    const group = groups.at(-1);
    if (joined.has(oid) && group !== undefined) group.joins.push(oid);
    else groups.push({ lead: oid, joins: [], before: head });
    head = became.get(oid) ?? oid;
  }
  return groups.filter(({ joins }) => joins.length > 0);
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
