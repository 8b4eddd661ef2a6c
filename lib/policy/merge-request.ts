import { recordDigest } from '../core/digest.ts';
import type { Person } from '../core/person.ts';
import type { ChangeSubject, MergeRequestRecord } from '../core/record.ts';
import { newUlid } from '../core/ulid.ts';
import { reachedFrom } from '../git/commit-range.ts';
import { changeSubject } from '../ledger/change-subject.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readMergeRequest } from '../ledger/merge-requests.ts';
import { findTxn } from '../ledger/txn.ts';
import { inOrder } from './gather/changed.ts';
import { lookAt, txnsOf } from './gather/look.ts';

/** A merge request as somebody tells of it. What is not told stays as it was told before. */
export interface MergeRequestTold {
  /** As mrUrl gives it. */
  readonly url: string;
  readonly head?: string | undefined;
  readonly target?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly state?: MergeRequestRecord['state'];
  readonly by: Person | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly progress?: (done: number) => void;
}

/**
 * Looks at a merge request as it is now: what it changes, whose work that is, and once it is merged, where it went. Writes
 * nothing. Throws what changeSubject throws.
 */
export async function lookAtMergeRequest(
  ledger: Ledger,
  told: MergeRequestTold,
): Promise<MergeRequestRecord> {
  const before = (await readMergeRequest(ledger, told.url))?.stored.record ?? null;
  const subject = await subjectNow(ledger, told, before);
  const isSame = before !== null && subject === before.subject;
  const { commits, files } = isSame
    ? { commits: [], files: [] }
    : await lookAt(ledger, subject, told.progress);
  const txns = isSame ? before.txns : txnsOf(commits).slice(0, MOST_TXNS);
  const landed = before?.landed ?? (await landedAs(ledger, subject, txns));
  const state = told.state ?? (landed === null ? (before?.state ?? 'open') : 'merged');
  return {
    schema: 'agent-log/mr/v1',
    id: newUlid(told.now),
    url: told.url,
    subject,
    txns,
    classes: isSame ? before.classes : inOrder(files.flatMap(({ classes }) => [...classes])),
    agentCommits: isSame ? before.agentCommits : commits.filter(({ isAgent }) => isAgent).length,
    title: told.title?.slice(0, MOST_TITLE) ?? before?.title ?? null,
    description:
      told.description === undefined ? (before?.description ?? null) : recordDigest(told.description),
    state,
    ...(landed === null ? {} : { landed }),
    by: told.by === null ? null : { name: told.by.name, email: told.by.email },
    recordedAt: new Date(told.now).toISOString(),
  };
}

const MOST_TXNS = 1000;
const MOST_TITLE = 1000;

/** What was merged changes nothing any more: it stays what it was when it was told of last. */
async function subjectNow(
  ledger: Ledger,
  { url, head, target }: MergeRequestTold,
  before: MergeRequestRecord | null,
): Promise<ChangeSubject> {
  if (before !== null && head === undefined) return before.subject;
  const named = target ?? before?.subject.target ?? undefined;
  const subject = await changeSubject(ledger, {
    revision: head ?? 'HEAD',
    ...(named === undefined ? {} : { target: named }),
    mr: url,
  });
  return before !== null && subject.base === subject.head ? before.subject : subject;
}

/** The commit of the target that holds its work: its head itself, or what the host made of it. Null while there is none. */
async function landedAs(
  ledger: Ledger,
  { head, base, target, targetCommit }: ChangeSubject,
  txns: readonly string[],
): Promise<string | null> {
  const tip = target === null ? targetCommit : await tipOf(ledger, target);
  if (tip === null || head === base) return null;
  const works = await Promise.all(txns.map(async (txn) => (await findTxn(ledger, txn))?.commits ?? []));
  const places = [...new Set([head, ...works.flat()])];
  const read = await Promise.all(places.map((oid) => ledger.reader.read(`${oid}^{commit}`)));
  const here = places.filter((_, i) => read[i]?.type === 'commit');
  const there = await reachedFrom(ledger.repo, here, [tip]);
  // What the target had before the change left it is not what became of it.
  const before = base === null ? new Set<string>() : await reachedFrom(ledger.repo, here, [base]);
  const landed = here.filter((oid) => there.has(oid) && !before.has(oid));
  return landed.includes(head) ? head : (landed.at(-1) ?? null);
}

async function tipOf({ reader }: Ledger, target: string): Promise<string | null> {
  const remote = target.replace(/^refs\/heads\//, 'refs/remotes/origin/');
  for (const name of [remote, target]) {
    const commit = await reader.read(`${name}^{commit}`);
    if (commit?.type === 'commit') return commit.oid;
  }
  return null;
}
