import { type Exception, foldExceptions } from '../../core/events/exceptions.ts';
import type { Anomaly, LedgerEvent } from '../../core/events/order.ts';
import { type EvidenceRequest, foldRequests } from '../../core/events/requests.ts';
import { attestedIn, type TrustOf, trustIn } from '../../core/events/trust.ts';
import { activeWaivers, foldWaivers, type Waiver, type WaiverJudging } from '../../core/events/waivers.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readTold } from '../../ledger/told/told.ts';
import type { Vouch } from '../../ledger/told/vouching.ts';

/** Everything the ledger tells of gaps, permissions and questions, as it stands at a moment. */
export interface Queue {
  readonly events: readonly LedgerEvent[];
  readonly exceptions: readonly Exception[];
  readonly waivers: readonly Waiver[];
  readonly requests: readonly EvidenceRequest[];
  /** Steps that fit nowhere. */
  readonly anomalies: readonly Anomaly[];
  /** Ids of the waivers that `check` heeds: those that are active by signed steps alone. */
  readonly heeded: ReadonlySet<string>;
  /** How far each step is to be believed. */
  readonly trustOf: TrustOf;
  /** Public keys of the signatures beside a step, by its digest. Nobody has checked them here. */
  readonly signers: ReadonlyMap<string, readonly string[]>;
}

/** The same without what only signatures tell. */
export type FoldedQueue = Omit<Queue, 'signers' | 'heeded' | 'trustOf'>;

/** What steps are judged by, and who says which of them are signed; without that nothing counts as signed. */
export interface QueueJudging extends WaiverJudging {
  readonly vouch?: Vouch;
}

/** Reads the queue; only what names a transaction, if one is given. */
export async function readQueue(ledger: Ledger, judging: QueueJudging, txn?: string): Promise<Queue> {
  const told = await readTold(ledger, 'event', txn);
  const signers = new Map(
    told.map(({ stored, signatures }) => [stored.digest, signatures.map(({ publicKey }) => publicKey)]),
  );
  const events = told.map(({ stored }) => stored);
  const trust = (await judging.vouch?.(told)) ?? new Map();
  const trustOf = trustIn(trust);
  const heeded = activeWaivers(events, { ...judging, vouched: attestedIn(trust) }).map(({ id }) => id);
  return { ...queueOf(events, { ...judging, trustOf }), signers, heeded: new Set(heeded), trustOf };
}

/** What a set of steps comes to. */
export function queueOf(events: readonly LedgerEvent[], judging: WaiverJudging): FoldedQueue {
  const exceptions = foldExceptions(events, judging);
  const waivers = foldWaivers(events, judging);
  const requests = foldRequests(events, judging);
  return {
    events,
    exceptions: [...exceptions.things.values()],
    waivers: [...waivers.things.values()],
    requests: [...requests.things.values()],
    anomalies: [exceptions, waivers, requests].flatMap(({ anomalies }) => anomalies),
  };
}
