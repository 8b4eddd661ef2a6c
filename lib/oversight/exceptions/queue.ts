import { type Exception, foldExceptions } from '../../core/events/exceptions.ts';
import type { Anomaly, LedgerEvent } from '../../core/events/order.ts';
import { type EvidenceRequest, foldRequests } from '../../core/events/requests.ts';
import { foldWaivers, type Waiver, type WaiverJudging } from '../../core/events/waivers.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readTold } from '../../ledger/told.ts';

/** Everything the ledger tells of gaps, permissions and questions, as it stands at a moment. */
export interface Queue {
  readonly events: readonly LedgerEvent[];
  readonly exceptions: readonly Exception[];
  readonly waivers: readonly Waiver[];
  readonly requests: readonly EvidenceRequest[];
  /** Steps that fit nowhere. */
  readonly anomalies: readonly Anomaly[];
  /** Public keys of the signatures beside a step, by its digest. Nobody has checked them here. */
  readonly signers: ReadonlyMap<string, readonly string[]>;
}

/** Reads the queue; only what names a transaction, if one is given. */
export async function readQueue(ledger: Ledger, judging: WaiverJudging, txn?: string): Promise<Queue> {
  const told = await readTold(ledger, 'event', txn);
  const signers = new Map(
    told.map(({ stored, signatures }) => [stored.digest, signatures.map(({ publicKey }) => publicKey)]),
  );
  return {
    ...queueOf(
      told.map(({ stored }) => stored),
      judging,
    ),
    signers,
  };
}

/** What a set of steps comes to. */
export function queueOf(events: readonly LedgerEvent[], judging: WaiverJudging): Omit<Queue, 'signers'> {
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
