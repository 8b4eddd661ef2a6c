import { AgentLogError } from '../core/errors.ts';
import type { JoinChange, RegroupRecord, SplitChange } from '../core/generated/regroup-v1.types.ts';
import { shortOid } from '../core/oid.ts';
import type { Person } from '../core/person.ts';
import { ulidAfter } from '../core/records/regroup.ts';
import { readCommit } from '../git/objects/objects.ts';
import { resolveCommit } from '../ledger/binding/resolve.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { membersOf, type TxnMember, txnNamed } from '../ledger/reading/txn.ts';
import { appendRegroup, readRegroups } from '../ledger/told/regroups.ts';

export interface RegroupOptions {
  /** Who signs the ledger's commit (see committerLine), and who says so (see committer). */
  readonly identity: string;
  readonly by: Person | null;
  readonly now: number;
  /** Milliseconds the append may wait for other writers. */
  readonly patience?: number;
}

/** A regroup worked out, and the transactions it leads to. */
export interface RegroupPlan {
  /** Null when there is nothing to change. */
  readonly change: JoinChange | SplitChange | null;
  readonly txn: string;
  /** The records that are that transaction then. */
  readonly members: readonly TxnMember[];
}

/** Makes several transactions one, under the oldest of their ids. Writes nothing yet. Throws NOT_FOUND. */
export async function planJoin(ledger: Ledger, names: readonly string[]): Promise<RegroupPlan> {
  const regroups = await readRegroups(ledger);
  const found = await Promise.all(names.map((name) => txnNamed(ledger, name)));
  const txns = [...new Set(found.map(({ txn }) => txn))].sort();
  const [txn = ''] = txns;
  const members = await Promise.all(txns.map((one) => membersOf(ledger, regroups, one)));
  const change: JoinChange | null = txns.length < 2 ? null : { action: 'join', txns };
  return { change, txn, members: members.flat() };
}

/** Makes some commits of a transaction one of their own. Writes nothing yet. Throws NOT_FOUND. */
export async function planSplit(
  ledger: Ledger,
  name: string,
  revisions: readonly string[],
  now: number,
): Promise<RegroupPlan> {
  const regroups = await readRegroups(ledger);
  const { txn: from } = await txnNamed(ledger, name);
  const commits = new Set(await Promise.all(revisions.map((revision) => commitNamed(ledger, revision))));
  const all = await membersOf(ledger, regroups, from);
  const held = new Set<TxnMember>();
  for (const commit of commits) {
    const own = await membersIn(ledger, commit, all);
    if (own.length === 0) throw notOf(commit, from);
    for (const member of own) held.add(member);
  }
  const members = all.filter((member) => held.has(member));
  if (members.length === all.length) throw allOf(from);
  const txn = ulidAfter(regroups.last, now);
  const change: SplitChange = {
    action: 'split',
    from,
    txn,
    members: members.map(({ commit, stored }) => ({ commit, record: stored.digest })),
  };
  return { change, txn, members };
}

/** Writes a regroup into the ledger. Gives its digest; null when there is nothing to change. */
export async function applyRegroup(
  ledger: Ledger,
  { change, txn }: RegroupPlan,
  options: RegroupOptions,
): Promise<string | null> {
  if (change === null) return null;
  const { identity, by, now, patience } = options;
  const record: RegroupRecord = {
    schema: 'agent-log/regroup/v1',
    id: ulidAfter((await readRegroups(ledger)).last, now),
    change,
    by,
    recordedAt: new Date(now).toISOString(),
  };
  const message = `agent-log: ${change.action} ${txn}\n\nVia: regroup\n`;
  return appendRegroup(ledger, record, {
    identity,
    message,
    ...(patience === undefined ? {} : { patience }),
  });
}

/**
 * Those of the records that are a commit's: made on it, or shown to be in it since a rebase or a squash. That is the commit people see, and
 * may be the only one that is left.
 */
async function membersIn(ledger: Ledger, commit: string, all: readonly TxnMember[]): Promise<TxnMember[]> {
  const made = all.filter((member) => member.commit === commit);
  if (made.length > 0) return made;
  const resolution = await resolveCommit(ledger, commit);
  if (resolution === null || resolution.record === null || resolution.binding === 'claimed') return [];
  const held = new Set([resolution.record, ...resolution.alsoHere].map(({ digest }) => digest));
  return all.filter(({ stored }) => held.has(stored.digest));
}

async function commitNamed(ledger: Ledger, revision: string): Promise<string> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit !== null) return commit.oid;
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit is called '${revision}'`, {
    hints: ['Name a commit as git does.'],
  });
}

function notOf(commit: string, txn: string): AgentLogError {
  return new AgentLogError('NOT_FOUND', 'answer', `${shortOid(commit)} does not belong to ${txn}`, {
    hints: [`\`git agent-log show ${shortOid(commit)}\` says which transaction it belongs to.`],
  });
}

function allOf(txn: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'answer', `those are all the commits of ${txn}`, {
    hints: ['Leave at least one commit where it is, or use the transaction as it is.'],
  });
}
