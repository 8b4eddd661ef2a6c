import type { Sponsor, Task } from '../../core/generated/execution-v1.types.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { taskRef } from '../agents/payload.ts';
import { type Recorded, recordExisting } from '../existing/record.ts';
import { type ExistingWork } from '../existing/work.ts';
import { placeOf } from '../place.ts';
import { localPii } from '../session/local-pii.ts';
import { prepareTexts, storeTexts } from '../session/texts.ts';
import type { AdoptPlan } from './plan.ts';

/** What a person says of all the transactions of an adoption. What is not said stays unknown. */
export interface AdoptWords {
  readonly task?: string | undefined;
  readonly taskRef?: string | undefined;
  readonly sponsor: Sponsor | null;
}

export interface AdoptOptions {
  /** Who signs the ledger's commit (see committerLine). */
  readonly identity: string;
  readonly now: number;
  readonly patience?: number;
}

const GAP =
  'adopted after the fact: nobody saw the prompts, the tool calls, what was read, or whose content the files are';

/** Writes the records of a plan, marked as asserted. Gives what was written. */
export async function applyAdoption(
  ledger: Ledger,
  plan: AdoptPlan,
  words: AdoptWords,
  options: AdoptOptions,
): Promise<Recorded[]> {
  const task = await keepTask(ledger, plan, words);
  const works = plan.txns.flatMap(({ txn, source, commits }) =>
    commits.map((planned): ExistingWork => {
      return { ...planned, txn, source, assurance: 'asserted', sponsor: words.sponsor, task, gaps: [GAP] };
    }),
  );
  return recordExisting(ledger, works, { ...options, via: 'adopt', skipRecorded: true });
}

/** The task's text goes where a record's reader looks for it: with each transaction. */
async function keepTask(ledger: Ledger, plan: AdoptPlan, words: AdoptWords): Promise<Task | null> {
  const ref = taskRef(words.taskRef);
  const text = words.task ?? ref;
  if (text === null) return null;
  const { refs, stored } = await prepareTexts([{ kind: 'task', text }], await localPii(ledger.repo));
  const [digest] = refs;
  if (digest === undefined) return null;
  const place = placeOf(ledger.repo);
  for (const { txn } of plan.txns) await storeTexts(place, `txn-${txn}`, stored);
  return { ...digest, ref, source: 'flag' };
}
