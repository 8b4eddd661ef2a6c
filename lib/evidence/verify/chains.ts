import { findByDigests } from '../../ledger/binding/candidates.ts';
import type { Link, Verifying } from './context.ts';

const LOOKED_UP_AT_ONCE = 200;

/**
 * Whether each record names the one before it in its transaction, and that one is here. Two that name the same one are two
 * clones that went on from one state, or a commit that was made anew: they are counted, and are no crime.
 */
export async function checkChains(verifying: Verifying): Promise<void> {
  const { report, seen } = verifying;
  const before = await earlier(verifying);
  const followers = new Map<string, number>();
  for (const [digest, link] of seen.links) {
    report.checked('chains');
    const first = link.prev ?? link.txn;
    followers.set(first, (followers.get(first) ?? 0) + 1);
    if (link.prev === null) {
      if (link.seq !== 1)
        report.fails(
          'chains',
          digest,
          `it is number ${link.seq} of its transaction, and names none before it`,
        );
      continue;
    }
    const prev = before.get(link.prev);
    const says = `it names ${link.prev} before it, which is not here`;
    if (prev === undefined && verifying.isPartial) report.unknown('chains', digest, says);
    else if (prev === undefined) report.fails('chains', digest, says);
    else checkStep(verifying, digest, link, prev);
  }
  const forks = [...followers.values()].filter((count) => count > 1).length;
  const txns = new Set([...seen.links.values()].map(({ txn }) => txn)).size;
  report.counts('txns', txns);
  if (forks > 0) report.says('chains', `${forks} forks: more than one record goes on from the same one`);
}

function checkStep({ report }: Verifying, digest: string, { txn, seq }: Link, prev: Link): void {
  if (prev.txn !== txn)
    report.fails('chains', digest, `it names a record of another transaction before it (${prev.txn})`);
  else if (seq !== prev.seq + 1)
    report.fails('chains', digest, `it is number ${seq}, and the one before it number ${prev.seq}`);
}

/** The records that are named as earlier ones: those that were seen, and of a range those that lie before it. */
async function earlier({ ledger, seen }: Verifying): Promise<ReadonlyMap<string, Link>> {
  const outside = new Set<string>();
  for (const { prev } of seen.links.values()) if (prev !== null && !seen.links.has(prev)) outside.add(prev);
  if (outside.size === 0) return seen.links;
  const all = [...outside];
  const known = new Map(seen.links);
  for (let at = 0; at < all.length; at += LOOKED_UP_AT_ONCE)
    for (const { record } of await findByDigests(ledger, all.slice(at, at + LOOKED_UP_AT_ONCE)))
      known.set(record.digest, record.record);
  return known;
}
