import type { Binding } from '../../core/records/binding.ts';
import { type ExecutionRecord, isBinding, isReadable, type StoredRecord } from '../../core/records/record.ts';
import type { LoggedCommit } from '../../git/history/logged-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Scratch } from '../../git/objects/scratch.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { promisorOf } from '../../git/repository/partial-clone.ts';
import type { TreePair } from '../../git/trees/tree-diff.ts';
import { sealedChange } from '../../ledger/binding/grade.ts';
import { landingsOf } from '../../ledger/binding/landings.ts';
import { type Resolution, resolveCommit } from '../../ledger/binding/resolve.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { membersOf, type TxnMember } from '../../ledger/reading/txn.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { beginningOf } from './beginning.ts';
import { problemsOf } from './integrity.ts';
import { fetchLacking } from './lacking.ts';
import { commitsSaying } from './messages.ts';
import { ownChange } from './own-change.ts';

/** A commit that was shown to hold a record of the transaction. */
export interface Member {
  readonly commit: string;
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly binding: Exclude<Binding, 'claimed' | 'none'>;
  /** What the record itself was sealed for; null where its trees are not here. */
  readonly work: Work | null;
}

/** The trees before and after a piece of work. */
export interface Work {
  readonly before: string;
  readonly after: string;
}

/** The commits of transactions, wherever they are. */
export interface Candidates {
  readonly members: readonly Member[];
  /** Commits that only say that they belong to it. */
  readonly claimed: readonly string[];
  /** Records for which no commit could be shown to be theirs, by the commit they were bound to. */
  readonly unproven: readonly string[];
  /** Every record of the transactions, and the commit whose note holds it. */
  readonly records: readonly TxnMember[];
  /** The commits each record is known by, by its digest. */
  readonly knownAs: ReadonlyMap<string, readonly string[]>;
  /** What is wrong with the records themselves. */
  readonly problems: readonly string[];
  /** Whether any commit of the branch that was searched says it takes another back. */
  readonly saysReverts: boolean;
  /** What this commit leads to was not searched; null when all was. */
  readonly searchedFrom: string | null;
  /** All commits that were searched; null where they are many. */
  readonly searched: readonly LoggedCommit[] | null;
}

/**
 * Every commit that can be shown to hold a record of some transactions (by present id): those the ledger names, where
 * their work landed, and those of the branch whose message names them. A message alone makes no member.
 */
export async function candidatesFor(
  ledger: Ledger,
  scratch: Scratch,
  txns: readonly string[],
  tip: string,
): Promise<Candidates> {
  const regroups = await readRegroups(ledger);
  const ids = new Set(txns.flatMap((txn) => regroups.namesOf(txn)));
  const records = (await Promise.all(txns.map((txn) => membersOf(ledger, regroups, txn)))).flat();
  const searchedFrom = await beginningOf(
    ledger,
    [...ids],
    records.map(({ stored }) => stored),
  );
  const saying = commitsSaying(ledger.repo, [...ids], tip, searchedFrom);
  const known = await Promise.all(records.map((record) => placesOf(ledger, record)));
  const ahead = readAhead(ledger, known.flat());
  // Whoever awaits them hears of a failure.
  for (const asked of [saying, ahead]) asked.catch(() => undefined);
  const { named, saysReverts, searched } = await saying;
  const lacking = await lackingOf(ledger, scratch, [...known.flat(), ...named]);
  if (lacking !== null) return { ...NONE, problems: [lacking], saysReverts, searchedFrom, searched };
  const resolved = new Map<string, Resolution>();
  const commits = new Set([...known.flat(), ...named]);
  // Asked for all at once, git has answered when each is looked at.
  await Promise.all([ahead, readAhead(ledger, named)]);
  for (const commit of commits) {
    const resolution = await resolveCommit(ledger, commit);
    if (resolution !== null) resolved.set(commit, resolution);
  }
  const wanted = new Map(records.map(({ stored }) => [stored.digest, stored]));
  const all = [...resolved.values()];
  const made = new Map(records.map(({ stored, commit }) => [stored.digest, commit]));
  const workIn = (stored: StoredRecord<ExecutionRecord>): Promise<Work | null> =>
    workOf(ledger, scratch, { stored, commit: made.get(stored.digest) ?? '' });
  const members = (await Promise.all(all.map((one) => provenOf(one, wanted, workIn)))).flat();
  const problems = await Promise.all(all.map((one) => problemsOf(ledger, one)));
  const proven = new Set(members.map(({ stored }) => stored.digest));
  return {
    members,
    claimed: claimedAmong(named, resolved, members, ids, wanted),
    unproven: records.filter(({ stored }) => !proven.has(stored.digest)).map(({ commit }) => commit),
    records,
    knownAs: knownAs(records, known, members),
    saysReverts,
    searchedFrom,
    searched,
    problems: [...new Set(problems.flat())],
  };
}

const NONE: Candidates = {
  members: [],
  claimed: [],
  unproven: [],
  records: [],
  knownAs: new Map(),
  problems: [],
  saysReverts: true,
  searchedFrom: null,
  searched: null,
};

/** What commits did is compared with what records say: it has to be here. */
async function lackingOf(
  ledger: Ledger,
  scratch: Scratch,
  commits: readonly string[],
): Promise<string | null> {
  if ((await promisorOf(ledger.repo)) === null) return null;
  const pairs: TreePair[] = [];
  for (const oid of new Set(commits)) {
    const commit = await readCommit(ledger.reader, oid);
    const [first] = commit?.parents ?? [];
    const parent = first === undefined ? null : await readCommit(ledger.reader, first);
    const from = parent?.tree ?? emptyTree(ledger.repo.format);
    if (commit !== null) pairs.push({ from, to: commit.tree });
  }
  return fetchLacking(ledger.repo, scratch, pairs);
}

/** Commits that say in a trailer that they belong to the transactions, without being shown to. */
function claimedAmong(
  named: readonly string[],
  resolved: ReadonlyMap<string, Resolution>,
  members: readonly Member[],
  ids: ReadonlySet<string>,
  wanted: ReadonlyMap<string, unknown>,
): string[] {
  const held = new Set(members.map(({ commit }) => commit));
  return named.filter((commit) => {
    const claims = resolved.get(commit)?.claims;
    if (claims === undefined || held.has(commit)) return false;
    return claims.txns.some((txn) => ids.has(txn)) || claims.records.some((digest) => wanted.has(digest));
  });
}

function knownAs(
  records: readonly TxnMember[],
  places: readonly (readonly string[])[],
  members: readonly Member[],
): Map<string, readonly string[]> {
  const known = new Map<string, Set<string>>();
  const add = (digest: string, commits: readonly string[]): void => {
    known.set(digest, new Set([...(known.get(digest) ?? []), ...commits]));
  };
  for (const [i, { stored }] of records.entries()) add(stored.digest, places[i] ?? []);
  for (const { stored, commit } of members) add(stored.digest, [commit]);
  return new Map([...known].map(([digest, commits]) => [digest, [...commits]]));
}

async function readAhead(ledger: Ledger, commits: readonly string[]): Promise<void> {
  await Promise.all(
    commits.map(async (oid) => {
      const [commit] = await Promise.all([readCommit(ledger.reader, oid), readNote(ledger, oid)]);
      if (commit?.parents[0] !== undefined) await readCommit(ledger.reader, commit.parents[0]);
    }),
  );
}

/** The commit a record was bound to, and those its work landed in. */
async function placesOf(ledger: Ledger, { commit, stored }: TxnMember): Promise<string[]> {
  const landings = landingsOf(await readNote(ledger, commit));
  return [commit, ...landings.filter(({ record }) => record === stored.digest).map((one) => one.commit)];
}

/** The records among those wanted that a commit was shown to hold, in the order they were made. */
async function provenOf(
  { commit, isGone, binding, record, alsoHere }: Resolution,
  wanted: ReadonlyMap<string, StoredRecord<ExecutionRecord>>,
  workIn: (stored: StoredRecord<ExecutionRecord>) => Promise<Work | null>,
): Promise<Member[]> {
  if (isGone || binding === 'claimed' || binding === 'none' || record === null) return [];
  const held = [record, ...alsoHere].map(({ digest }) => wanted.get(digest));
  const inOrder = held
    .filter((stored) => stored !== undefined)
    .sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  return Promise.all(
    inOrder.map(async (stored) => ({
      commit: commit.oid,
      stored,
      binding,
      work: await workIn(stored),
    })),
  );
}

/**
 * What a record was sealed for; null where that is not here. Its trees tell nothing of what a merge brought: that is told from the
 * commit it was sealed for.
 */
export async function workOf(
  ledger: Ledger,
  scratch: Scratch,
  { commit, stored: { record, digest } }: Pick<TxnMember, 'commit' | 'stored'>,
): Promise<Work | null> {
  const made = await readCommit(ledger.reader, commit);
  if (made !== null && made.parents.length > 1) return ownChange(ledger, scratch, commit);
  if (made === null && (await wasMerge(ledger, commit, digest))) return null;
  const change = await sealedChange(ledger, record);
  if (change === null) return null;
  const before = change.from ?? emptyTree(ledger.repo.format);
  const here = await Promise.all([before, change.to].map((tree) => ledger.reader.read(`${tree}^{tree}`)));
  return here.every((tree) => tree !== null) ? { before, after: change.to } : null;
}

/** Whether a record was bound to a merge that is not here. */
async function wasMerge(ledger: Ledger, commit: string, digest: string): Promise<boolean> {
  const lines = (await readNote(ledger, commit))?.lines ?? [];
  const bindings = lines.filter(isReadable).filter(isBinding);
  return bindings.some(({ record }) => record.record === digest && record.parents.length > 1);
}
