import { type Ledger, readNote } from '../ledger.ts';
import { type Candidate, candidatesOf, type FindRecords, findByDigests } from './candidates.ts';

/** Records a chain is followed back, at most. */
const MOST_EARLIER = 200;

/** The records before some, each named by the one after it. */
export async function earlierRecords(
  ledger: Ledger,
  named: readonly Candidate[],
  find: FindRecords = findByDigests,
): Promise<Candidate[]> {
  const known = new Set(named.map(({ record }) => record.digest));
  const earlier: Candidate[] = [];
  const waiting = [...named];
  for (let next = waiting.pop(); next !== undefined && earlier.length < MOST_EARLIER; next = waiting.pop()) {
    const before = await recordBefore(ledger, next, known, find);
    if (before === null) continue;
    known.add(before.record.digest);
    earlier.push(before);
    waiting.push(before);
  }
  return earlier;
}

/** Mostly it is on the commit that was HEAD then: one note to read instead of a search. */
async function recordBefore(
  ledger: Ledger,
  { record: { record } }: Candidate,
  known: ReadonlySet<string>,
  find: FindRecords,
): Promise<Candidate | null> {
  const { prev, head } = record;
  if (prev === null || known.has(prev)) return null;
  const below = head.commit === null ? null : await readNote(ledger, head.commit);
  const near = candidatesOf(below).find((candidate) => candidate.record.digest === prev);
  return near ?? (await find(ledger, [prev]))[0] ?? null;
}
