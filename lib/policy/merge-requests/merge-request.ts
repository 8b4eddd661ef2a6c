import { recordDigest } from '../../core/digest.ts';
import type { Person } from '../../core/person.ts';
import type { ChangeSubject, MergeRequestRecord } from '../../core/records/record.ts';
import { newUlid } from '../../core/ulid.ts';
import { cameIn } from '../../git/history/came-in.ts';
import { commitsBetween, reachedFrom } from '../../git/history/commit-range.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { judgeMany } from '../../ledger/binding/judge-many.ts';
import { recordsHeld } from '../../ledger/binding/resolve.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { presentCommits } from '../../ledger/reading/present.ts';
import { membersOf, type TxnMember } from '../../ledger/reading/txn.ts';
import { changeSubject } from '../../ledger/told/change-subject.ts';
import { readMergeRequest } from '../../ledger/told/merge-requests.ts';
import { readRegroups } from '../../ledger/told/regroups.ts';
import { inOrder } from '../gather/changed.ts';
import { lookAt, txnsOf } from '../gather/look.ts';

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
  const isOtherHead = before !== null && before.subject.head !== subject.head;
  // Where its old head went is not where this one did.
  const landed = (await landedAs(ledger, subject, txns)) ?? (isOtherHead ? null : (before?.landed ?? null));
  const last = isOtherHead && before.landed !== undefined ? 'open' : (before?.state ?? 'open');
  const state = told.state ?? (landed === null ? last : 'merged');
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
const MOST_COMMITS = 10_000;
const MOST_TITLE = 1000;

/** What was merged changes nothing any more: it is told by what it changed when it came in. */
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
  if (subject.base !== subject.head) return subject;
  const side = await targetBefore(ledger, subject, before);
  if (side === null) return before?.subject ?? subject;
  return changeSubject(ledger, {
    revision: `${side}..${subject.head}`,
    ...(named === undefined ? {} : { target: named }),
    mr: url,
  });
}

/**
 * What the target was at before a head that is in it by now came in. Null where nothing tells: on the target's own line that takes
 * an earlier head which the branch has grown from, and the merge that took the branch in is not its head.
 */
async function targetBefore(
  { repo, reader }: Ledger,
  { head, targetCommit }: ChangeSubject,
  before: MergeRequestRecord | null,
): Promise<string | null> {
  if (targetCommit === null) return null;
  const entry = await cameIn(repo, head, targetCommit);
  if (entry !== null) return entry.before;
  const old = before?.subject;
  if (old === undefined || old.targetCommit === null || old.head === head) return null;
  const isMerge = ((await readCommit(reader, head))?.parents.length ?? 0) > 1;
  const grown = await reachedFrom(repo, [old.head], [head]);
  return !isMerge && grown.has(old.head) ? old.targetCommit : null;
}

/**
 * What a merge brought in beyond the head that was told of, by its tip: perhaps of the same merge request, perhaps of another one
 * that stands on it. Null where that head is all of it, or did not land by itself.
 */
export async function mergedBeyond(
  ledger: Ledger,
  { subject, landed }: MergeRequestRecord,
): Promise<{ readonly merge: string; readonly tip: string } | null> {
  if (landed !== subject.head || subject.target === null) return null;
  const target = await tipOf(ledger, subject.target);
  const entry = target === null ? null : await cameIn(ledger.repo, subject.head, target);
  const [tip, ...more] = entry?.merged ?? [];
  if (entry === null || tip === undefined || more.length > 0 || tip === subject.head) return null;
  return { merge: entry.commit, tip };
}

/** The commit of the target that holds its work: its head itself, or what the host made of it. Null while there is none. */
async function landedAs(
  ledger: Ledger,
  subject: ChangeSubject,
  txns: readonly string[],
): Promise<string | null> {
  const { head, base, target, targetCommit } = subject;
  const tip = target === null ? targetCommit : await tipOf(ledger, target);
  if (tip === null || head === base) return null;
  const works = await worksOf(ledger, subject, txns);
  const present = await presentCommits(ledger, works);
  const places = [...new Set([head, ...works.flatMap((work) => present.get(work) ?? [])])];
  const read = await Promise.all(places.map((oid) => ledger.reader.read(`${oid}^{commit}`)));
  const here = places.filter((_, i) => read[i]?.type === 'commit');
  const there = await reachedFrom(ledger.repo, here, [tip]);
  // What the target had before the change left it is not what became of it.
  const before = base === null ? new Set<string>() : await reachedFrom(ledger.repo, here, [base]);
  const landed = here.filter((oid) => there.has(oid) && !before.has(oid));
  if (landed.includes(head)) return head;
  return (await isAllOf(ledger, works, landed)) ? (landed.at(-1) ?? null) : null;
}

/** The records of its own commits, and not all of their transactions; where its commits are not here, nothing tells them apart. */
async function worksOf(
  ledger: Ledger,
  subject: Pick<ChangeSubject, 'base' | 'head'>,
  txns: readonly string[],
): Promise<TxnMember[]> {
  const regroups = await readRegroups(ledger);
  const names = [...new Set(txns.map(regroups.nameOf))];
  const all = (await Promise.all(names.map((txn) => membersOf(ledger, regroups, txn)))).flat();
  const range = await commitsBetween(ledger.repo, subject, MOST_COMMITS);
  if (range === null) return all;
  const own = new Set<string>();
  for await (const { judgement } of judgeMany(ledger, range))
    for (const { candidate } of recordsHeld(judgement.judged)) own.add(candidate.record.digest);
  return all.filter(({ stored }) => own.has(stored.digest));
}

/** Whether some commits hold all of several works. One that is just one of them may have been picked; a squash, or one that was changed, was not. */
async function isAllOf(
  ledger: Ledger,
  works: readonly TxnMember[],
  commits: readonly string[],
): Promise<boolean> {
  const held = new Set<string>();
  for await (const { judgement } of judgeMany(ledger, commits))
    for (const { binding, candidate } of recordsHeld(judgement.judged)) {
      if (binding === 'squashed' || binding === 'modified') return true;
      held.add(candidate.record.digest);
    }
  return works.every(({ stored }) => held.has(stored.digest));
}

async function tipOf({ reader }: Ledger, target: string): Promise<string | null> {
  const remote = target.replace(/^refs\/heads\//, 'refs/remotes/origin/');
  for (const name of [remote, target]) {
    const commit = await reader.read(`${name}^{commit}`);
    if (commit?.type === 'commit') return commit.oid;
  }
  return null;
}
