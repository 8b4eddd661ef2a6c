import type { RegroupRecord } from '../generated/regroup-v1.types.ts';
import { groupBy } from '../lists.ts';
import { newUlid, timeOfUlid } from '../ulid.ts';

/** Which transaction is which, after everything that was said afterwards. */
export interface Regrouping {
  /** The transaction a record belongs to now; `recorded` is the one it was recorded in. */
  readonly txnOf: (record: string, recorded: string) => string;
  /** What a transaction is called now: itself, unless it was joined with an older one. */
  readonly nameOf: (txn: string) => string;
  /** Every id a transaction has had, its own first, oldest first. */
  readonly namesOf: (txn: string) => readonly string[];
  /** Records that were moved into a transaction, and the commits they are on. */
  readonly movedInto: (txn: string) => readonly Member[];
  /** Transactions that records of this one were moved to, as they are called now. */
  readonly splitFrom: (txn: string) => readonly string[];
  /** Every transaction that was joined or split. */
  readonly mentioned: readonly string[];
  /** The latest regroup; null when there is none. */
  readonly last: string | null;
}

export interface Member {
  readonly commit: string;
  readonly record: string;
}

interface Move extends Member {
  readonly id: string;
  readonly txn: string;
}

/**
 * What a set of regroups comes to. The same for any order they arrive in: joins add up, whoever makes them, and of two
 * moves of one record the later holds. So two clones that merge their ledgers agree, and there is no circle to run in.
 */
export function foldRegroups(events: Iterable<RegroupRecord>): Regrouping {
  const roots = new Map<string, string>();
  const moves = new Map<string, Move>();
  const mentioned = new Set<string>();
  const leaving = new Map<string, Set<string>>();
  let last: string | null = null;
  for (const { id, change } of events) {
    if (last === null || id > last) last = id;
    for (const txn of change.action === 'join' ? change.txns : [change.from, change.txn]) mentioned.add(txn);
    if (change.action === 'join') joinAll(roots, change.txns);
    else
      for (const member of change.members) {
        keepLatest(moves, { ...member, id, txn: change.txn });
        leaving.set(member.record, (leaving.get(member.record) ?? new Set()).add(change.from));
      }
  }
  const nameOf = (txn: string): string => rootOf(roots, txn);
  const names = groupBy(mentioned, nameOf);
  const moved = groupBy(moves.values(), ({ txn }) => nameOf(txn));
  const split = splitsBy(leaving, (record) => nameOf(moves.get(record)?.txn ?? ''), nameOf);
  return {
    txnOf: (record, recorded) => nameOf(moves.get(record)?.txn ?? recorded),
    nameOf,
    namesOf: (txn) => [...(names.get(nameOf(txn)) ?? [txn])].sort(),
    movedInto: (txn) => moved.get(nameOf(txn)) ?? [],
    splitFrom: (txn) => [...(split.get(nameOf(txn)) ?? [])].sort(),
    mentioned: [...mentioned],
    last,
  };
}

/** An id that sorts after another, so that what was seen before counts as before, whatever the clocks say. */
export function ulidAfter(last: string | null, now: number): string {
  const time = last === null ? now : Math.max(now, timeOfUlid(last) + 1);
  return newUlid(Math.min(time, LATEST_TIME));
}

const LATEST_TIME = 2 ** 48 - 1;

/** The oldest id is what joined transactions are called: no matter who joins them, and in which order. */
function joinAll(roots: Map<string, string>, txns: readonly string[]): void {
  for (const txn of txns) {
    const [one, other] = [rootOf(roots, txns[0] ?? txn), rootOf(roots, txn)].sort() as [string, string];
    if (one !== other) roots.set(other, one);
  }
}

function rootOf(roots: Map<string, string>, txn: string): string {
  let root = txn;
  for (let next = roots.get(root); next !== undefined; next = roots.get(root)) root = next;
  // Shortened, so that a long chain of joins is walked once.
  for (let at = txn; at !== root; ) {
    const next = roots.get(at) ?? root;
    roots.set(at, root);
    at = next;
  }
  return root;
}

/** Where the records that were ever moved from a transaction are now. */
function splitsBy(
  leaving: ReadonlyMap<string, ReadonlySet<string>>,
  nowIn: (record: string) => string,
  nameOf: (txn: string) => string,
): Map<string, Set<string>> {
  const split = new Map<string, Set<string>>();
  for (const [record, txns] of leaving)
    for (const from of txns) {
      const [name, now] = [nameOf(from), nowIn(record)];
      if (name !== now) split.set(name, (split.get(name) ?? new Set()).add(now));
    }
  return split;
}

/** Two moves may even share an id, in a ledger somebody made up: then the text decides, for all in the same way. */
function keepLatest(moves: Map<string, Move>, move: Move): void {
  const known = moves.get(move.record);
  const rank = ({ id, txn, commit }: Move): string => `${id} ${txn} ${commit}`;
  if (known === undefined || rank(move) > rank(known)) moves.set(move.record, move);
}
