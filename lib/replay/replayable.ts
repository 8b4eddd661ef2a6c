import type { ExecutionRecord } from '../core/records/record.ts';
import { completed } from '../core/records/supplement.ts';
import { resolveCommit } from '../ledger/binding/resolve.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Containment } from './containment/containment.ts';
import type { MissingInput, Outcome } from './outcome.ts';

/** A record whose work can be tried again, with what is known of it by now. */
export interface Replayable {
  readonly record: ExecutionRecord;
  readonly containment: Containment;
}

/**
 * What there is to do for a commit that was verified: its record; or what comes of it at once, because there is none, it does
 * not hold, or something that every try needs is missing.
 */
export async function replayableOf(
  ledger: Ledger,
  verified: Outcome,
  containment: Containment | null,
): Promise<Replayable | Outcome> {
  if (verified.verdict === 'invalid' || verified.verdict === 'skipped') return verified;
  const resolution = await resolveCommit(ledger, verified.commit);
  const stored = resolution?.record ?? null;
  if (stored === null || stored.digest !== verified.record) return { ...verified, verdict: 'inconclusive' };
  const known = completed(stored.record, stored.digest, resolution?.supplements ?? []);
  const record = { ...stored.record, ...known };
  const missing = await missingFor(ledger, record, containment);
  if (containment === null || missing.length > 0) return untried(verified, missing);
  return { record, containment };
}

/** Nothing was tried, and this is why. */
export function untried(verified: Outcome, missing: readonly MissingInput[]): Outcome {
  const { differencesLeftOut: _, ...rest } = verified;
  return { ...rest, verdict: 'inconclusive', differences: [], missing };
}

async function missingFor(
  { reader }: Ledger,
  { head, tree }: ExecutionRecord,
  containment: Containment | null,
): Promise<MissingInput[]> {
  const isHere = head.commit === null || (await reader.read(`${head.commit}^{tree}`)) !== null;
  return [
    ...(containment === null ? [{ kind: 'containment', id: 'bubblewrap or unshare' } as const] : []),
    ...(isHere ? [] : [{ kind: 'commit', id: head.commit ?? '' } as const]),
    ...(tree === null ? [{ kind: 'field', id: 'tree' } as const] : []),
  ];
}
