import { AgentLogError } from '../../core/errors.ts';
import type { ExecutionRecord, LandingRecord, StoredRecord } from '../../core/records/record.ts';
import type { Regrouping } from '../../core/records/regroup.ts';
import { isUlid, isUlidPrefix } from '../../core/ulid.ts';
import { candidatesOf } from '../binding/candidates.ts';
import { resolveCommit } from '../binding/resolve.ts';
import { type Ledger, readNote } from '../ledger.ts';
import { readRegroups } from '../told/regroups.ts';
import { notesOfTxns } from './find.ts';
import { presentCommits } from './present.ts';
import { scanLedger } from './scan.ts';

/** A transaction and the commits its work is in, in the order it was made. */
export interface FoundTxn {
  /** What it is called now. */
  readonly txn: string;
  readonly commits: readonly string[];
  /** Commits it was made as, where the work is in others now. */
  readonly formerCommits?: readonly string[];
  /** The id asked for, when it was joined with an older transaction and is now called otherwise. */
  readonly asked?: string;
  /** Other ids it has had. */
  readonly joined?: readonly string[];
  /** Transactions that records of it were split off to. */
  readonly splitInto?: readonly string[];
}

/** One record of a transaction and the commit it is on. */
export interface TxnMember {
  readonly commit: string;
  readonly stored: StoredRecord<ExecutionRecord>;
  /** Where its work went, or is said to have gone. */
  readonly landings: readonly LandingRecord[];
}

/**
 * Finds a transaction by its id, present or past, or the beginning of it. Null when there is none; throws AMBIGUOUS when
 * several begin so.
 */
export async function findTxn(ledger: Ledger, prefix: string): Promise<FoundTxn | null> {
  const [regroups, named] = await Promise.all([readRegroups(ledger), recordsNaming(ledger, [prefix])]);
  const names = new Set(
    [...named.map(({ stored }) => stored.record.txn), ...regroups.mentioned].filter((txn) =>
      txn.startsWith(prefix),
    ),
  );
  const found = [...new Set([...names].map(regroups.nameOf))];
  if (found.length > 1) {
    throw new AgentLogError('AMBIGUOUS', 'answer', `${found.length} transactions begin with ${prefix}`, {
      hints: found.slice(0, 5),
    });
  }
  const [txn] = found;
  if (txn === undefined) return null;
  const isAll = regroups.namesOf(txn).every((name) => name.startsWith(prefix));
  const members = await membersAmong(ledger, regroups, txn, isAll ? named : null);
  return { txn, ...(await placesOf(ledger, members)), ...pastOf(regroups, txn, names) };
}

/**
 * The transaction somebody means: by any commit that belongs to it, by its id, or by 8 or more of its first characters. A
 * whole id is an id, whatever branch or tag is called so. Throws NOT_FOUND.
 */
export async function txnNamed(ledger: Ledger, name: string): Promise<FoundTxn> {
  const byId = isUlid(name.toUpperCase()) ? await findTxn(ledger, name.toUpperCase()) : null;
  if (byId !== null) return byId;
  const resolution = await resolveCommit(ledger, name);
  const record = resolution === null || resolution.binding === 'claimed' ? null : resolution.record;
  const found = isUlidPrefix(record?.record.txn ?? name)
    ? await findTxn(ledger, await presentName(ledger, record, name))
    : null;
  if (found !== null) return found;
  const problem =
    resolution === null ? `no transaction is called '${name}'` : `commit '${name}' belongs to no transaction`;
  throw new AgentLogError('NOT_FOUND', 'answer', problem, {
    hints: ['Name it by its id, by 8 or more of its first characters, or by a commit that belongs to it.'],
  });
}

async function presentName(
  ledger: Ledger,
  record: StoredRecord<ExecutionRecord> | null,
  name: string,
): Promise<string> {
  if (record === null) return name.toUpperCase();
  return (await readRegroups(ledger)).txnOf(record.digest, record.record.txn);
}

/** Over this many places to look in, reading the whole ledger is quicker. */
const MANY_PLACES = 50;

/** The records of a transaction, by its present id, in the order they were made. */
export function membersOf(ledger: Ledger, regroups: Regrouping, txn: string): Promise<TxnMember[]> {
  return membersAmong(ledger, regroups, txn, null);
}

/** `named` are the records that name it, where they are known. */
async function membersAmong(
  ledger: Ledger,
  regroups: Regrouping,
  txn: string,
  named: readonly TxnMember[] | null,
): Promise<TxnMember[]> {
  const names = regroups.namesOf(txn);
  const moved = regroups.movedInto(txn).map(({ commit }) => commit);
  const all =
    names.length + moved.length > MANY_PLACES
      ? await everyRecord(ledger)
      : [...(named ?? (await recordsNaming(ledger, names))), ...(await recordsOn(ledger, moved))];
  const members = all.filter(({ stored }) => regroups.txnOf(stored.digest, stored.record.txn) === txn);
  const unique = new Map(members.map((member) => [`${member.commit} ${member.stored.digest}`, member]));
  return [...unique.values()].sort(byTime);
}

async function everyRecord(ledger: Ledger): Promise<TxnMember[]> {
  const all: TxnMember[] = [];
  for await (const { object, stored, landings } of scanLedger(ledger))
    all.push({ commit: object, stored, landings });
  return all;
}

/** Records that name a transaction of one of these ids or beginnings of one. */
function recordsNaming(ledger: Ledger, txns: readonly string[]): Promise<readonly TxnMember[]> {
  if (ledger.notes === undefined) return readNaming(ledger, txns);
  const known = naming.get(ledger.notes) ?? new Map<string, Promise<readonly TxnMember[]>>();
  naming.set(ledger.notes, known);
  const records = known.get(txns.join(' ')) ?? readNaming(ledger, txns);
  known.set(txns.join(' '), records);
  return records;
}

/** The same of a ledger whose notes are remembered, by those. */
const naming = new WeakMap<NonNullable<Ledger['notes']>, Map<string, Promise<readonly TxnMember[]>>>();

async function readNaming(ledger: Ledger, txns: readonly string[]): Promise<readonly TxnMember[]> {
  const all = await recordsOn(ledger, await notesOfTxns(ledger, txns));
  return all.filter(({ stored }) => txns.some((txn) => stored.record.txn.startsWith(txn)));
}

async function recordsOn(ledger: Ledger, commits: readonly string[]): Promise<TxnMember[]> {
  const notes = await Promise.all([...new Set(commits)].map((commit) => readNote(ledger, commit)));
  return notes.flatMap((note) =>
    candidatesOf(note).map(({ record: stored, landings }) => ({
      commit: note?.object ?? '',
      stored,
      landings,
    })),
  );
}

async function placesOf(
  ledger: Ledger,
  members: readonly TxnMember[],
): Promise<Pick<FoundTxn, 'commits' | 'formerCommits'>> {
  const present = await presentCommits(ledger, members);
  const commits = new Set(members.flatMap((member) => present.get(member) ?? []));
  const former = members.map(({ commit }) => commit).filter((commit) => !commits.has(commit));
  return {
    commits: [...commits],
    ...(former.length === 0 ? {} : { formerCommits: [...new Set(former)] }),
  };
}

/** Within what was one transaction its own count tells; between several, when they began. */
function byTime(a: TxnMember, b: TxnMember): number {
  const one = a.stored.record;
  const other = b.stored.record;
  if (one.txn === other.txn) return one.seq - other.seq;
  return one.txn < other.txn ? -1 : 1;
}

function pastOf(
  regroups: Regrouping,
  txn: string,
  names: ReadonlySet<string>,
): Pick<FoundTxn, 'asked' | 'joined' | 'splitInto'> {
  const [asked] = names;
  const joined = regroups.namesOf(txn).filter((name) => name !== txn);
  const splitInto = regroups.splitFrom(txn);
  return {
    ...(asked === undefined || names.has(txn) ? {} : { asked }),
    ...(joined.length === 0 ? {} : { joined }),
    ...(splitInto.length === 0 ? {} : { splitInto }),
  };
}
