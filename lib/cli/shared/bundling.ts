import type { EvidenceDocument } from '../../evidence/bundle/evidence.ts';
import type { Sources } from '../../evidence/bundle/sources.ts';
import { openScratch } from '../../git/objects/scratch.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { notesTelling } from '../../ledger/reading/find.ts';
import { remembering } from '../../ledger/reading/remembering.ts';
import { allTextDigests } from '../../ledger/reading/shown-texts.ts';
import { requestDocument } from '../../oversight/exceptions/documents.ts';
import { readQueue } from '../../oversight/exceptions/queue.ts';
import { planRevert } from '../../revert/plan.ts';
import type { Io } from '../terminal/io.ts';
import { judgingOf } from './judging.ts';
import { readTexts } from './record-texts.ts';

/** Milliseconds for what a plan may try beyond the plain merge. */
const PLAN_BUDGET = 5000;
/** In so many notes a request that names no transaction is looked for. */
const FEW_NOTES = 500;

type Requests = EvidenceDocument['requests'];

/** What other rooms know that a bundle holds. None of it runs a program the user set: a bundle is only read out. */
export function bundleSources(io: Io, whole: Ledger): Sources {
  const ledger = remembering(whole);
  return {
    textsOf: (records) => readTexts(ledger, records, allTextDigests, io.env),
    planOf: async (txn, onto) => {
      const scratch = await openScratch(ledger.repo, ledger.reader);
      try {
        return await planRevert(ledger, scratch, [txn], { onto, budget: PLAN_BUDGET });
      } finally {
        await scratch.close();
      }
    },
    requestsOf: (about) => requestsOf(io, ledger, about),
  };
}

async function requestsOf(
  io: Io,
  ledger: Ledger,
  { txns, commits, mrs }: Parameters<Sources['requestsOf']>[0],
): Promise<Requests> {
  const told = (await notesTelling(ledger, 'event')).length;
  // Where nobody asked for anything there is nothing to judge.
  if (told === 0) return [];
  const judging = await judgingOf(io, ledger);
  const queues =
    told <= FEW_NOTES
      ? [await readQueue(ledger, judging)]
      : await Promise.all(txns.map((txn) => readQueue(ledger, judging, txn)));
  const found = new Map<string, Requests[number]>();
  for (const queue of queues)
    for (const one of queue.requests)
      if (
        (one.txn !== null && txns.includes(one.txn)) ||
        (one.commit !== null && commits.includes(one.commit)) ||
        (one.mr !== null && mrs.includes(one.mr))
      )
        found.set(one.id, requestDocument(one, queue, io.now));
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
