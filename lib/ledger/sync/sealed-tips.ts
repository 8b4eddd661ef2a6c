import { claimedTrailers } from '../../core/records/trailers.ts';
import type { BranchCommit } from '../../git/history/first-parents.ts';
import { streamLog } from '../../git/history/log-stream.ts';
import { findByDigests } from '../binding/candidates.ts';
import type { Ledger } from '../ledger.ts';

/** A state of the ledger, and the first commit of a branch that proves it was there. */
export interface SealedTip {
  readonly tip: string;
  readonly by: BranchCommit;
}

/** Trailers that are looked up, oldest first; records looked for at once. */
const MOST = { named: 20_000, atOnce: 500 } as const;

/**
 * The states of the ledger that a branch seals, oldest first: a message names a record by digest, and the record names the tip of the
 * ledger it saw. So that state is older than the commit, whoever made either. `history` is the whole of the branch, as firstParents
 * gives it, and only what it got from `since` (milliseconds since 1970) on is looked at.
 */
export async function* sealedTips(
  ledger: Ledger,
  history: readonly BranchCommit[],
  since: number,
): AsyncGenerator<SealedTip> {
  const first = history.findIndex(({ notBefore }) => notBefore >= since);
  if (first < 0) return;
  const named = await namedBy(ledger, history, first);
  for (let at = 0; at < named.length; at += MOST.atOnce) {
    const part = named.slice(at, at + MOST.atOnce);
    const found = await findByDigests(
      ledger,
      part.map(({ digest }) => digest),
    );
    const tips = new Map(found.map(({ record: { digest, record } }) => [digest, record.ledger]));
    for (const { digest, by } of part) {
      const tip = tips.get(digest);
      if (tip) yield { tip, by };
    }
  }
}

interface Named {
  readonly digest: string;
  readonly by: BranchCommit;
}

/** Records named by the commits a branch got, each with the commit of the branch that brought it: for one of a topic, its merge. */
async function namedBy(
  { repo }: Pick<Ledger, 'repo'>,
  history: readonly BranchCommit[],
  first: number,
): Promise<Named[]> {
  const parents = new Map<string, readonly string[]>();
  const records = new Map<string, readonly string[]>();
  const below = history[first - 1]?.oid;
  const range = [history.at(-1)?.oid ?? '', ...(below === undefined ? [] : [`^${below}`])];
  for await (const commit of streamLog(repo, range, false)) {
    parents.set(commit.oid, commit.parents);
    const named = claimedTrailers(commit.message).records;
    if (named.length > 0) records.set(commit.oid, named);
  }
  const found = new Map<string, BranchCommit>();
  for (const by of history.slice(first))
    for (const oid of broughtBy(by.oid, parents))
      for (const digest of records.get(oid) ?? []) if (!found.has(digest)) found.set(digest, by);
  return [...found].slice(0, MOST.named).map(([digest, by]) => ({ digest, by }));
}

/** A commit, and those below it that no earlier one has brought; they are taken out of `left`. */
function* broughtBy(top: string, left: Map<string, readonly string[]>): Generator<string> {
  const waiting = [top];
  for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
    const below = left.get(oid);
    if (!left.delete(oid)) continue;
    yield oid;
    waiting.push(...(below ?? []));
  }
}
