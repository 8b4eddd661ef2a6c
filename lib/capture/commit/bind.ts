import type { BindingRecord } from '../../core/generated/binding-v1.types.ts';
import { sameList } from '../../core/lists.ts';
import { shortOid } from '../../core/oid.ts';
import { type ExecutionRecord, encodeRecord, isBinding, isReadable, parseLine } from '../../core/record.ts';
import { claimedTrailers } from '../../core/trailers.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { runGit } from '../../git/process/runner.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { currentBranch } from '../../git/repository/repository.ts';
import { committerLine } from '../../identity/committer.ts';
import { fitOf, shapeOf } from '../../ledger/binding/grade.ts';
import {
  dropBound,
  listPending,
  type Pending,
  pendingNames,
  removePending,
  setAside,
  takeBack,
  unusedDigests,
} from '../../ledger/binding/pending.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { appendToNotes, type NoteAppend } from '../../ledger/notes/append.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { queueRecords } from '../payloads/queue.ts';
import { type Place, placeOf, sessionKey } from '../place.ts';
import { loadSealedUsage, loadSession, removeSealedUsage, saveSession } from '../session/session-store.ts';
import { noteRecorded, settleSession, settleWrites } from '../session/settle.ts';
import { tellMended } from '../spool/journal.ts';
import { noteSeenHead } from '../spool/seen.ts';
import { loadTxn, saveTxn, settleTxn } from '../transaction/transaction.ts';
import { bindingRecord } from './binding-record.ts';

export interface BindOptions {
  /** What made us look: `post-commit`, `stop`, `command`… */
  readonly via: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: GitConfig;
  readonly now: number;
  /** Milliseconds the append may wait for other writers. */
  readonly patience: number;
}

export interface Bound {
  readonly digest: string;
  readonly commit: string;
  readonly grade: BindingRecord['grade'];
  readonly sealed: boolean;
}

interface Match {
  readonly pending: Pending;
  readonly commit: Commit;
  readonly sealed: boolean;
  readonly grade: BindingRecord['grade'];
}

/** A record whose commit did not come within this time is set aside: kept, and no longer looked for. */
const UNUSED_AFTER_MS = 60 * 60 * 1000;
const LOCK_PATIENCE_MS = 5000;

/**
 * Binds every waiting record whose commit is there: a note on it with the record and what is known only now.
 * Idempotent, so any hook or command may call it, several at once.
 */
export async function bindPending(ledger: Ledger, options: BindOptions): Promise<Bound[]> {
  await takeBackNamed(ledger);
  if ((await pendingNames(ledger.repo)).length === 0) return [];
  const waiting = await listPending(ledger.repo);
  const matches = await findCommits(ledger, waiting, options.now);
  const bound = await appendBindings(ledger, matches, options);
  const place = placeOf(ledger.repo);
  const settled = await withLock(
    place.lock,
    LOCK_PATIENCE_MS,
    () => settleAll(place, matches).then(() => true),
    () => Promise.resolve(false),
  );
  // Bound and not settled it goes on waiting: else the next record would have its number and tell its calls again.
  if (settled) await Promise.all(matches.map(({ pending }) => removePending(ledger.repo, pending.digest)));
  for (const { commit } of matches) await noteSeenHead(place, commit.oid);
  await setAsideUnused(ledger, waiting, matches, options.now);
  await dropBound(ledger.repo);
  return bound;
}

/** An editor may be open for longer than a record waits, and a clock may jump: HEAD names the record all the same. */
async function takeBackNamed(ledger: Ledger): Promise<void> {
  const unused = await unusedDigests(ledger.repo);
  const head = unused.length === 0 ? null : await readCommit(ledger.reader, 'HEAD');
  const named = new Set(head === null ? [] : claimedTrailers(head.message).records);
  await Promise.all(
    unused.filter((digest) => named.has(digest)).map((digest) => takeBack(ledger.repo, digest)),
  );
}

/** Counts records whose commit HEAD already is, without writing the ledger: cheap enough for the next commit's hook. */
export async function settleHead(ledger: Ledger, place: Place): Promise<void> {
  if ((await pendingNames(ledger.repo)).length === 0) return;
  const head = await readCommit(ledger.reader, 'HEAD');
  if (head === null) return;
  const matches = await matchCommit(ledger, await listPending(ledger.repo), head);
  await settleAll(place, matches);
}

async function settleAll(place: Place, matches: readonly Match[]): Promise<void> {
  for (const { pending, commit } of matches) {
    const { digest, record } = pending;
    const txn = await loadTxn(place, record.txn);
    if (txn === null || txn.settled.includes(digest)) continue;
    const { sessionId, name } = record.agent;
    const session = sessionId === null ? null : await loadSession(place, sessionKey(name, sessionId));
    if (session !== null) {
      const covered = await loadSealedUsage(place, session.key, digest);
      if (covered !== null) session.sealedUsage.set(digest, covered);
      settleSession(session, digest, record);
      noteRecorded(session, digest, record, commit.oid);
      await saveSession(place, session);
      if (covered !== null) await removeSealedUsage(place, session.key, digest);
    }
    for (const other of record.contributors ?? []) await settleContributor(place, other, record);
    await saveTxn(place, settleTxn(txn, digest, record, commit.oid));
  }
}

/** What another session wrote is committed now: its own next record must not be said to hold it again. */
async function settleContributor(
  place: Place,
  { name, sessionId }: { readonly name: string; readonly sessionId: string },
  { files }: ExecutionRecord,
): Promise<void> {
  const session = await loadSession(place, sessionKey(name, sessionId));
  if (session === null) return;
  settleWrites(
    session,
    files.filter((file) => file.sessionId === sessionId),
  );
  await saveSession(place, session);
}

async function findCommits(ledger: Ledger, waiting: readonly Pending[], now: number): Promise<Match[]> {
  const head = await readCommit(ledger.reader, 'HEAD');
  const atHead = head === null ? [] : await matchCommit(ledger, waiting, head);
  // What was rewritten before it was bound is named by both: the one it was made for is the record's own.
  const named = atHead.filter((match) => match.sealed && isItsOwn(match));
  const missing = without(waiting, named);
  const elsewhere = missing.length === 0 ? [] : await searchCommits(ledger, missing, now);
  // Without an answer nobody knows which commit names the record: it goes on waiting.
  if (elsewhere === null) return named;
  // HEAD may merely look like the commit (a merge of it does): then the one that names the record is the right one.
  const taken = new Set(elsewhere.map(({ pending }) => pending.digest));
  const alike = atHead.filter(({ sealed, pending }) => !sealed && !taken.has(pending.digest));
  return [...named, ...elsewhere, ...alike];
}

/** Of several commits that name a record the firmest comes first, and of those the one it was made for. */
function rankOf(match: Match): number {
  return isItsOwn(match) ? -1 : GRADES.indexOf(match.grade);
}

/** The very commit a record was made for, not one that was made of it and looks the same. */
function isItsOwn({ grade, commit, pending }: Match): boolean {
  return grade === 'exact' && standsOnItsHead(pending, commit);
}

function standsOnItsHead({ record: { head, amends } }: Pending, { parents }: Commit): boolean {
  return head.commit === (parents[0] ?? null) || (amends !== undefined && sameList(head.parents, parents));
}

function without(waiting: readonly Pending[], matches: readonly Match[]): Pending[] {
  const found = new Set(matches.map(({ pending }) => pending.digest));
  return waiting.filter(({ digest }) => !found.has(digest));
}

/**
 * The records a commit belongs to: those its message names, and, where a hook took the trailers out, the newest one
 * sealed for exactly this tree on exactly this parent.
 */
async function matchCommit(ledger: Ledger, waiting: readonly Pending[], commit: Commit): Promise<Match[]> {
  const named = new Set(claimedTrailers(commit.message).records);
  const sealed = waiting.filter(({ digest }) => named.has(digest));
  if (named.size > 0) return gradeAll(ledger, sealed, commit);
  const exact = await waiting.reduceRight<Promise<Pending | null>>(async (found, pending) => {
    const already = await found;
    if (already !== null) return already;
    const { head, tree } = pending.record;
    const follows = standsOnItsHead(pending, commit);
    return follows && tree === commit.tree && commit.oid !== head.commit ? pending : null;
  }, Promise.resolve(null));
  return exact === null ? [] : [{ pending: exact, commit, sealed: false, grade: 'exact' }];
}

/** Only records that fit: a trailer may be a copy, and then the record goes on waiting for its own commit. */
async function gradeAll(ledger: Ledger, named: readonly Pending[], commit: Commit): Promise<Match[]> {
  const shape = await shapeOf(ledger, commit);
  const graded = await Promise.all(
    named.map(async (pending) => ({
      pending,
      commit,
      sealed: true,
      grade: await fitOf(ledger, { record: pending.record, bindings: [] }, shape),
    })),
  );
  return graded.flatMap(({ grade, ...match }) => (grade === null ? [] : [{ ...match, grade }]));
}

const GRADES: readonly BindingRecord['grade'][] = ['exact', 'same-patch', 'modified'];
const DAY_S = 24 * 60 * 60;

/**
 * Looks through everything refs and reflogs reach that is not older than the records. Null when git could not tell, as when
 * another process moves a ref at that moment.
 */
async function searchCommits(
  ledger: Ledger,
  missing: readonly Pending[],
  now: number,
): Promise<Match[] | null> {
  const oldest = Math.min(now, ...missing.map(({ writtenAt }) => writtenAt));
  const since = `--since=${Math.floor(oldest / 1000) - DAY_S}`;
  const args = [
    'log',
    '--all',
    '--reflog',
    'HEAD',
    since,
    '-i',
    '-F',
    '--grep=Agent-Record:',
    '--format=%H',
    '--no-show-signature',
  ];
  const { code, stdout } = await runGit(ledger.repo, { args, okCodes: [128] });
  if (code !== 0) return null;
  const matches = new Map<string, Match>();
  for (const oid of stdout.toString('utf8').split('\n').filter(Boolean)) {
    const commit = await readCommit(ledger.reader, oid);
    if (commit === null) continue;
    const named = new Set(claimedTrailers(commit.message).records);
    for (const match of await gradeAll(
      ledger,
      missing.filter(({ digest }) => named.has(digest)),
      commit,
    )) {
      const before = matches.get(match.pending.digest);
      if (before === undefined || rankOf(match) < rankOf(before)) matches.set(match.pending.digest, match);
    }
  }
  return [...matches.values()];
}

async function appendBindings(
  ledger: Ledger,
  matches: readonly Match[],
  options: BindOptions,
): Promise<Bound[]> {
  if (matches.length === 0) return [];
  const branch = await currentBranch(ledger.repo);
  const { via, now } = options;
  const bindings = await Promise.all(
    matches.map(({ pending, commit, grade, sealed }) =>
      bindingRecord(ledger, { stored: pending, commit, grade, sealed, via, branch, now }),
    ),
  );
  const appends = matches.map((match, i): NoteAppend => {
    const binding = bindings[i];
    return { object: match.commit.oid, lines: (present) => linesFor(match, binding, present) };
  });
  await queueRecords(
    placeOf(ledger.repo),
    matches.map(({ pending }) => ({ stored: pending, level: pending.level })),
  );
  const changed = await appendToNotes(ledger, appends, {
    identity: committerLine(options.env, options.config, options.now),
    message: commitMessage(matches, options.via),
    patience: options.patience,
    mended: (mended) => tellMended(placeOf(ledger.repo), options.via, mended),
  });
  return bindings
    .filter(({ commit }) => changed.includes(commit))
    .map(({ record, commit, grade, sealed }) => ({ digest: record, commit, grade, sealed }));
}

/** Nothing when another process bound the same record to the same commit first. */
function linesFor(match: Match, binding: BindingRecord | undefined, present: readonly string[]): string[] {
  if (binding === undefined || present.some((line) => isSameBinding(line, binding))) return [];
  return [match.pending.line, encodeRecord(binding).line];
}

function isSameBinding(line: string, binding: BindingRecord): boolean {
  if (!line.includes(binding.record)) return false;
  const parsed = parseLine(line);
  return (
    isReadable(parsed) &&
    isBinding(parsed) &&
    parsed.record.record === binding.record &&
    parsed.record.commit === binding.commit
  );
}

function commitMessage(matches: readonly Match[], via: string): string {
  const [first] = matches;
  const subject =
    matches.length === 1 && first
      ? `agent-log: bind ${first.pending.record.txn} to ${shortOid(first.commit.oid)}`
      : `agent-log: bind ${matches.length} records`;
  const lines = matches.map(({ pending, commit }) => `${commit.oid} ${pending.digest}`);
  return `${subject}\n\n${lines.join('\n')}\n\nVia: ${via}\n`;
}

async function setAsideUnused(
  ledger: Ledger,
  waiting: readonly Pending[],
  matches: readonly Match[],
  now: number,
): Promise<void> {
  const bound = new Set(matches.map(({ pending }) => pending.digest));
  const unused = waiting.filter(
    ({ digest, writtenAt }) => !bound.has(digest) && now - writtenAt > UNUSED_AFTER_MS,
  );
  await Promise.all(unused.map(({ digest }) => setAside(ledger.repo, digest)));
}
