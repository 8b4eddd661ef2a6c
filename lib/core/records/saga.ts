import type { SagaRecord } from './record.ts';

const RANK: Readonly<Record<SagaRecord['state'], number>> = { open: 0, partial: 1, aborted: 2, done: 2 };

/**
 * How far each of several reverts across repositories has come, the newest last. What was told later of one counts; an end
 * counts before what is open, whichever clock said when.
 */
export function latestSagas(records: Iterable<SagaRecord>): SagaRecord[] {
  const latest = new Map<string, SagaRecord>();
  for (const record of records) {
    const known = latest.get(record.saga);
    if (known === undefined || isLater(record, known)) latest.set(record.saga, record);
  }
  return [...latest.values()].sort((a, b) => (a.saga < b.saga ? -1 : 1));
}

function isLater(one: SagaRecord, other: SagaRecord): boolean {
  const ahead = RANK[one.state] - RANK[other.state];
  return ahead === 0 ? one.id > other.id : ahead > 0;
}

/** What the steps taken so far come to. */
export function stateOf(
  repositories: SagaRecord['repositories'],
  direction: 'forward' | 'back',
): SagaRecord['state'] {
  const steps = repositories.filter(({ step }) => step !== 'nothing');
  const isDone = ({ step, remote }: SagaRecord['repositories'][number]): boolean =>
    step === (remote === null ? 'applied' : 'published');
  if (direction === 'forward' && steps.every(isDone)) return 'done';
  const stands = steps.some(({ step }) => step === 'applied' || step === 'published');
  if (direction === 'back' && !stands) return 'aborted';
  return stands ? 'partial' : 'open';
}
