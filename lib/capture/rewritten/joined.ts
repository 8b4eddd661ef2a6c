import { readCommit } from '../../git/objects/objects.ts';
import { type GradedCommit, patchOf, shapeOf } from '../../ledger/binding/grade.ts';
import { patchesBetween } from '../../ledger/binding/patch-cache.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { changeOf } from '../../ledger/relink/looked.ts';
import type { Pair } from './kept.ts';
import { groupsOf, type JoinedGroup, type RebaseList } from './list.ts';

/** A group, and the commits it is about where they are here. */
interface Known extends JoinedGroup {
  readonly made: GradedCommit | null;
  readonly own: GradedCommit | null;
  readonly stood: GradedCommit | null;
}

/**
 * Pairs of a rebase that joined commits, as it went. Of a commit that was skipped right before one that joins it, git says
 * that it became the same as that one. But that one went into what HEAD was then, and the commit that came of it stands
 * where HEAD's stood, and not on it. One that was to be joined and was skipped adds nothing to the change.
 */
export async function asJoined(
  ledger: Ledger,
  pairs: readonly Pair[],
  list: RebaseList | null,
): Promise<Pair[]> {
  // With merges HEAD goes elsewhere between two commits.
  if (list === null || list.hasMerges) return [...pairs];
  const became = new Map(pairs.map(({ from, to }) => [from, to]));
  const groups = await Promise.all(groupsOf(list, pairs).map((group) => lookUp(ledger, group, became)));
  const shapes = groups.flatMap(({ made, own, stood }) => [made, own, stood]);
  await patchesBetween(
    ledger,
    shapes.flatMap((shape) => (shape === null ? [] : (changeOf(shape) ?? []))),
  );
  const mended = new Map<string, readonly Pair[]>();
  for (const group of groups)
    for (const [from, instead] of await mendedIn(ledger, group, list)) mended.set(from, instead);
  return pairs.flatMap((pair) => mended.get(pair.from) ?? [pair]);
}

async function lookUp(
  ledger: Ledger,
  group: JoinedGroup,
  became: ReadonlyMap<string, string>,
): Promise<Known> {
  const look = async (oid: string | null | undefined): Promise<GradedCommit | null> => {
    const commit = oid == null ? null : await readCommit(ledger.reader, oid);
    return commit === null ? null : shapeOf(ledger, commit);
  };
  const of = [became.get(group.lead), group.lead, group.before];
  const [made = null, own = null, stood = null] = await Promise.all(of.map(look));
  return { ...group, made, own, stood };
}

/** What is true in place of the pairs that some commits begin. */
async function mendedIn(
  ledger: Ledger,
  { lead, joins, made, own, stood }: Known,
  { onto }: RebaseList,
): Promise<Map<string, readonly Pair[]>> {
  const mended = new Map<string, readonly Pair[]>();
  if (made === null) return mended;
  // A rebase from the root begins on a commit of its own making, on which it puts none.
  const isFirst = stood?.oid === onto && made.parents.length === 0;
  const isSkipped = stood !== null && !isFirst && stood.parents.join() === made.parents.join();
  const base = isSkipped ? stood : own;
  if (isSkipped) {
    const isOntos = stood.oid === made.oid || stood.oid === onto;
    mended.set(lead, isOntos ? [] : [{ from: stood.oid, to: made.oid }]);
  }
  if (base !== null && (await makesTheSame(ledger, base, made))) for (const oid of joins) mended.set(oid, []);
  return mended;
}

async function makesTheSame(ledger: Ledger, one: GradedCommit, other: GradedCommit): Promise<boolean> {
  if (one.oid === other.oid) return true;
  const [a, b] = await Promise.all([one, other].map((shape) => patchOf(ledger, shape)));
  return a != null && a === b;
}
