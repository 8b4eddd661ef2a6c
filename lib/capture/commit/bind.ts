import type { BindingRecord } from '../../core/generated/binding-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { encodeRecord, isBinding, isReadable, parseLine } from '../../core/records/record.ts';
import { claimedTrailers } from '../../core/records/trailers.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { currentBranch } from '../../git/repository/repository.ts';
import { committerLine } from '../../identity/committer.ts';
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
import { placeOf } from '../place.ts';
import { tellMended } from '../spool/journal.ts';
import { noteSeenHead } from '../spool/seen.ts';
import { bindingRecord } from './binding-record.ts';
import { findCommits, type Match } from './find-commits.ts';
import { settleAll } from './settle-commits.ts';

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
