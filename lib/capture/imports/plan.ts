import { recordDigest } from '../../core/digest.ts';
import type { ExecutionRecord, Task } from '../../core/generated/execution-v1.types.ts';
import { groupBy } from '../../core/lists.ts';
import { addUsage } from '../../core/records/usage.ts';
import { txnOfSource } from '../existing/work.ts';
import type { CommitPaths } from './commits.ts';
import type { Part } from './gather.ts';
import { type MergedSession, mergeSessions } from './merge.ts';
import type { ImportFormat } from './source.ts';

/** One session's part in one commit: what becomes one record. */
export interface ImportItem {
  readonly commit: string;
  readonly unit: string;
  readonly txn: string;
  readonly parts: readonly Part[];
  readonly digest: string;
  readonly session: MergedSession;
  /** Already there, with the same source or with another; a record of our own; or to be written. */
  readonly status: 'new' | 'imported' | 'changed' | 'recorded';
}

/** What the ledger knows that an import depends on. */
export interface KnownRecords {
  /** Digest of the source by commit, format and unit. */
  readonly digests: ReadonlyMap<string, string>;
  /** Transactions by format and unit. */
  readonly txns: ReadonlyMap<string, string>;
  /** Commits whose agent was recorded while it worked. */
  readonly seen: ReadonlySet<string>;
  readonly tasks: ReadonlyMap<string, Task>;
}

/** Collects what the ledger knows, record by record. */
export function newKnown(): { add: (commit: string, record: ExecutionRecord) => void; known: KnownRecords } {
  const digests = new Map<string, string>();
  const txns = new Map<string, string>();
  const seen = new Set<string>();
  const tasks = new Map<string, Task>();
  return {
    known: { digests, txns, seen, tasks },
    add(commit, { txn, task, capture: { assurance, source } }) {
      if (assurance === undefined) seen.add(commit);
      if (task !== null && !tasks.has(txn)) tasks.set(txn, task);
      if (source === undefined) return;
      txns.set(keyOf(source.format, source.unit), txn);
      if (assurance === 'imported')
        digests.set(keyOf(commit, source.format, source.unit), source.digest ?? '');
    },
  };
}

/**
 * Groups sources into records and records into transactions: one session of the tool is one. `order` is the commits',
 * oldest first. The same sources give the same plan wherever it is made.
 */
export function planImport(
  format: ImportFormat,
  parts: readonly Part[],
  commits: ReadonlyMap<string, CommitPaths>,
  order: readonly string[],
  known: KnownRecords,
): ImportItem[] {
  const began = beginnings(parts, commits);
  const position = new Map(order.map((commit, i) => [commit, i]));
  const groups = [...groupBy(parts, ({ place, unit }) => keyOf(place.commit, unit)).values()];
  const items = groups.map((group): ImportItem => {
    const { place, unit } = group[0] as Part;
    const { commit } = place;
    const digest = digestOf(group);
    const before = known.digests.get(keyOf(commit, format, unit));
    return {
      commit,
      unit,
      txn: known.txns.get(keyOf(format, unit)) ?? txnOfSource({ format, unit }, began.get(unit) ?? 0),
      parts: group,
      digest,
      session: mergeSessions(group.map(({ session }) => session)),
      status: statusOf(known.seen.has(commit), before, digest),
    };
  });
  items.sort(
    (a, b) => (position.get(a.commit) ?? 0) - (position.get(b.commit) ?? 0) || (a.unit < b.unit ? -1 : 1),
  );
  return withUsageOnce(withUsageSince(items));
}

function statusOf(isSeen: boolean, before: string | undefined, digest: string): ImportItem['status'] {
  if (before !== undefined) return before === digest ? 'imported' : 'changed';
  return isSeen ? 'recorded' : 'new';
}

/** When each session's first commit was made. */
function beginnings(parts: readonly Part[], commits: ReadonlyMap<string, CommitPaths>): Map<string, number> {
  const began = new Map<string, number>();
  for (const { place, unit } of parts) {
    const at = commits.get(place.commit)?.at ?? 0;
    began.set(unit, Math.min(began.get(unit) ?? at, at));
  }
  return began;
}

/** Of one source its digest; of several the digest of theirs, a line each, in order. */
function digestOf(parts: readonly Part[]): string {
  const digests = [...new Set(parts.map(({ digest }) => digest))].sort();
  return digests.length === 1 && digests[0] !== undefined
    ? digests[0]
    : recordDigest(digests.map((digest) => `${digest}\n`).join(''));
}

/**
 * A tool that counts tokens from the session's start is made to tell those since its last commit, as our records do.
 * Where that can't be known nothing is said.
 */
function withUsageSince(items: readonly ImportItem[]): ImportItem[] {
  const last = new Map<string, ImportItem>();
  return items.map((item) => {
    const { usage, step, gaps } = item.session;
    if (usage?.cumulative !== true) return item;
    const before = last.get(item.unit)?.session ?? null;
    last.set(item.unit, item);
    const follows = before === null ? step === 1 : isNext(before, item.session);
    const tokens = before?.usage ? addUsage(usage.tokens, before.usage.tokens, -1) : usage.tokens;
    const unknown = 'tokens are counted from the start of the session, and what was before is not here';
    const session = follows
      ? { ...item.session, usage: { tokens, cumulative: false } }
      : { ...item.session, usage: null, gaps: [...gaps, unknown] };
    return { ...item, session };
  });
}

/** A source that several commits name, as copies of one do after a rebase, tells its tokens with the first of them. */
function withUsageOnce(items: readonly ImportItem[]): ImportItem[] {
  const told = new Set<string>();
  return items.map((item) => {
    const sources = item.parts.map(({ digest, unit }) => keyOf(digest, unit));
    const again = item.parts.some(({ place }) => place.byName) && sources.some((source) => told.has(source));
    for (const source of sources) told.add(source);
    if (!again || item.session.usage === null) return item;
    const gap = 'the tokens are told with another commit that names the same source';
    return { ...item, session: { ...item.session, usage: null, gaps: [...item.session.gaps, gap] } };
  });
}

/** One step further, with no count smaller. */
function isNext(before: MergedSession, session: MergedSession): boolean {
  const counts = Object.entries(session.usage?.tokens ?? {}) as [
    keyof NonNullable<MergedSession['usage']>['tokens'],
    number,
  ][];
  return (
    before.step !== null &&
    session.step === before.step + 1 &&
    counts.every(([name, count]) => count >= (before.usage?.tokens[name] ?? 0))
  );
}

function keyOf(...parts: readonly string[]): string {
  return parts.join('\0');
}
