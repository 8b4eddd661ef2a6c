import { AgentLogError } from '../../core/errors.ts';
import type { MergeRequestRecord } from '../../core/records/record.ts';
import type { RiskClass } from '../../core/risk/risk.ts';
import { isUlid, isUlidPrefix } from '../../core/ulid.ts';
import { commitsBetween, reachedFrom } from '../../git/history/commit-range.ts';
import { commitsOfRange } from '../../git/history/named-range.ts';
import { type Resolution, resolveCommit } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { selectRecords } from '../../ledger/reading/select.ts';
import { type FoundTxn, findTxn } from '../../ledger/reading/txn.ts';
import { mrUrl } from '../../ledger/told/change-subject.ts';
import type { ChangeTarget } from '../../ledger/told/change-target.ts';
import { newestMergeRequest, readMergeRequest } from '../../ledger/told/merge-requests.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import type { Told } from '../../ledger/told/told.ts';
import type { BundleManifest } from './evidence.ts';

/** What somebody asks evidence of. */
export type Asked =
  | { readonly kind: 'named'; readonly name: string }
  /** The last work of an agent that touched one of some risk classes; without any, the last at all. */
  | { readonly kind: 'last'; readonly classes: readonly RiskClass[] };

/** What a question came to. */
export interface Subject {
  readonly question: BundleManifest['question'];
  /** Oldest first. */
  readonly commits: readonly string[];
  /** Commits whose work is in others now, but whose notes tell of it. */
  readonly former: readonly string[];
  /** As they are called now. */
  readonly txns: readonly string[];
  readonly mr: Told<MergeRequestRecord> | null;
}

/** A bundle of more than these nobody reads; a range of a whole year is asked for in parts. */
export const MOST_COMMITS = 1000;

/** Finds what is asked for. `target` is the branch things land on. Throws NOT_FOUND, and BAD_ARGUMENT where it is too much. */
export async function subjectOf(ledger: Ledger, asked: Asked, target: ChangeTarget | null): Promise<Subject> {
  const subject =
    asked.kind === 'last' ? await last(ledger, asked.classes, target) : await named(ledger, asked.name);
  if (subject.commits.length <= MOST_COMMITS) return subject;
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    `that is ${subject.commits.length} commits; a bundle holds ${MOST_COMMITS}`,
    {
      hints: ['Ask for parts of it: a range such as v1.0..v1.1, a merge request or a transaction.'],
    },
  );
}

/** As `show` reads a name; a whole id of a transaction is one, whatever branch is called so. */
async function named(ledger: Ledger, name: string): Promise<Subject> {
  if (/^https?:\/\//.test(name)) return ofMr(ledger, await mrNamed(ledger, name), question('mr', name));
  if (name.includes('..')) return ofRange(ledger, name);
  const whole = isUlid(name.toUpperCase()) ? await findTxn(ledger, name.toUpperCase()) : null;
  if (whole !== null) return ofTxn(whole, question('txn', name));
  const resolution = await resolveCommit(ledger, name);
  if (resolution !== null) return ofCommit(resolution, name);
  const found = isUlidPrefix(name) ? await findTxn(ledger, name.toUpperCase()) : null;
  if (found !== null) return ofTxn(found, question('txn', name));
  throw new AgentLogError('NOT_FOUND', 'answer', `nothing is called '${name}'`, {
    hints: ['Name a commit, a transaction, a range or the URL of a merge request; or ask for --last.'],
  });
}

/**
 * The merge request an agent opened last: of those with commits of agents, that were told of, and touched such a class, the
 * one that was told of last for the first time. Where there is none: the transaction of the newest record of such a class
 * whose work is on the target.
 */
async function last(
  ledger: Ledger,
  classes: readonly RiskClass[],
  target: ChangeTarget | null,
): Promise<Subject> {
  const isWanted = (record: MergeRequestRecord): boolean =>
    record.agentCommits > 0 &&
    (classes.length === 0 || record.classes.some((one) => classes.includes(one as RiskClass)));
  const mr = await newestMergeRequest(ledger, isWanted);
  if (mr !== null) return ofMr(ledger, mr, question('last', mr.stored.record.url, classes));
  const txn = await lastLanded(ledger, classes, target);
  if (txn !== null) return ofTxn(txn, question('last', txn.txn, classes));
  const what = classes.length === 0 ? '' : ` that touched ${classes.join(' or ')}`;
  throw new AgentLogError('NOT_FOUND', 'answer', `no agent's work${what} is known here`, {
    hints: ['git agent-log list shows what is; git agent-log sync --fetch gets what others recorded.'],
  });
}

/** So many of the newest records are looked at: of what lands at all, most lands soon. */
const MOST_LOOKED_AT = [10, 1000];

async function lastLanded(
  ledger: Ledger,
  classes: readonly RiskClass[],
  target: ChangeTarget | null,
): Promise<FoundTxn | null> {
  const { txnOf } = await readRegroups(ledger);
  const seen = new Set<string>();
  for (const most of MOST_LOOKED_AT) {
    const asked = classes.length === 0 ? [{ most }] : classes.map((one) => ({ most, class: one }));
    const found = (await Promise.all(asked.map((query) => selectRecords(ledger, query)))).flat();
    found.sort((a, b) => (a.stored.record.id < b.stored.record.id ? 1 : -1));
    for (const { stored } of found) {
      const txn = txnOf(stored.digest, stored.record.txn);
      if (seen.has(txn)) continue;
      seen.add(txn);
      const known = await findTxn(ledger, txn);
      if (known !== null && (await isOnTarget(ledger, known.commits, target))) return known;
    }
  }
  return null;
}

async function isOnTarget(
  ledger: Ledger,
  commits: readonly string[],
  target: ChangeTarget | null,
): Promise<boolean> {
  if (target === null) return commits.length > 0;
  const objects = await Promise.all(commits.map((oid) => ledger.reader.read(oid)));
  const here = commits.filter((_, i) => objects[i]?.type === 'commit');
  return (await reachedFrom(ledger.repo, here, [target.commit])).size > 0;
}

async function mrNamed(ledger: Ledger, text: string): Promise<Told<MergeRequestRecord>> {
  const url = mrUrl(text);
  const told = await readMergeRequest(ledger, url);
  if (told !== null) return told;
  throw new AgentLogError('NOT_FOUND', 'answer', `nobody has told of ${url} here`, {
    hints: [`git agent-log mr open ${url} --head BRANCH; or fetch the ledger: git agent-log sync --fetch`],
  });
}

/** Its range as it was told last, what its transactions are in now, and what it landed as. */
async function ofMr(
  ledger: Ledger,
  mr: Told<MergeRequestRecord>,
  asked: Subject['question'],
): Promise<Subject> {
  const { subject, txns, landed } = mr.stored.record;
  const range = await commitsBetween(ledger.repo, subject, MOST_COMMITS + 1);
  const { nameOf } = await readRegroups(ledger);
  const names = [...new Set(txns.map(nameOf))];
  const found = (await Promise.all(names.map((txn) => findTxn(ledger, txn)))).filter((one) => one !== null);
  const present = found.flatMap(({ commits }) => commits);
  // As they were made, then as they landed.
  const all = new Set([
    ...[...(range ?? [])].reverse(),
    ...present,
    ...(landed === undefined ? [] : [landed]),
  ]);
  const former = found.flatMap(({ formerCommits = [] }) => formerCommits).filter((oid) => !all.has(oid));
  return { question: asked, commits: [...all], former, txns: names, mr };
}

async function ofRange(ledger: Ledger, name: string): Promise<Subject> {
  const commits = (await commitsOfRange(ledger.repo, name)).reverse();
  if (commits.length === 0)
    throw new AgentLogError('NOT_FOUND', 'answer', `there are no commits in '${name}'`, {
      hints: ['a..b is what b has and a has not.'],
    });
  return { question: question('range', name), commits, former: [], txns: [], mr: null };
}

function ofTxn({ txn, commits, formerCommits = [] }: FoundTxn, asked: Subject['question']): Subject {
  return { question: asked, commits, former: formerCommits, txns: [txn], mr: null };
}

function ofCommit({ commit }: Resolution, name: string): Subject {
  return { question: question('commit', name), commits: [commit.oid], former: [], txns: [], mr: null };
}

function question(
  kind: Subject['question']['kind'],
  name: string,
  classes: readonly RiskClass[] = [],
): Subject['question'] {
  return { kind, name: name.slice(0, 4000), classes: [...classes] };
}
