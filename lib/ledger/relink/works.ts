import type { ExecutionRecord, LandingRecord } from '../../core/records/record.ts';
import { isLanding, isReadable } from '../../core/records/record.ts';
import { type Candidate, candidatesOf, type FindRecords } from '../binding/candidates.ts';
import type { KnownCommit } from '../binding/grade.ts';
import { type Ledger, type Note, readNote } from '../ledger.ts';
import { allNotes } from '../reading/scan.ts';

/** What is kept of every record while commits are matched: enough to nominate, small enough for all at once. */
export interface Work {
  readonly digest: string;
  /** The commit whose note holds the record. */
  readonly from: string;
  readonly id: string;
  readonly txn: string;
  readonly seq: number;
  readonly head: ExecutionRecord['head'];
  readonly tree: string | null;
  readonly amends: string | null;
  readonly bindings: readonly KnownCommit[];
  readonly landings: readonly LandingRecord[];
}

/** The ledger as relink needs it, read once. */
export interface Works {
  readonly all: readonly Work[];
  readonly byDigest: ReadonlyMap<string, Work>;
  /** What each commit's own note says it holds, by digest. */
  readonly on: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function readWorks(ledger: Ledger, progress?: (text: string) => void): Promise<Works> {
  const reading = startReading();
  let notes = 0;
  for await (const note of allNotes(ledger)) {
    progress?.(`reading the ledger: ${++notes} notes`);
    reading.take(note);
  }
  return reading.works();
}

/** What the notes of some commits tell, and those their records come from: for a few, where the whole ledger is not wanted. */
export async function worksOn(ledger: Ledger, objects: Iterable<string>): Promise<Works> {
  const reading = startReading();
  const wanted = new Set(objects);
  // What is added while it runs is visited, too.
  for (const object of wanted) {
    const note = await readNote(ledger, object);
    if (note === null) continue;
    reading.take(note);
    for (const { record } of note.lines.filter(isReadable).filter(isLanding))
      if (record.commit === object) wanted.add(record.from);
  }
  return reading.works();
}

interface Reading {
  readonly take: (note: Pick<Note, 'object' | 'lines'>) => void;
  readonly works: () => Works;
}

function startReading(): Reading {
  const byDigest = new Map<string, Work>();
  const on = new Map<string, Set<string>>();
  const take: Reading['take'] = (note) => {
    const here = new Set<string>();
    for (const candidate of candidatesOf(note)) {
      const work = workOf(note.object, candidate);
      byDigest.set(work.digest, work);
      if (work.bindings.some(({ commit }) => commit === note.object)) here.add(work.digest);
    }
    for (const { record } of note.lines.filter(isReadable).filter(isLanding))
      if (record.commit === note.object) here.add(record.record);
    if (here.size > 0) on.set(note.object, here);
  };
  return { take, works: () => ({ all: [...byDigest.values()], byDigest, on }) };
}

function workOf(from: string, { record: { digest, record }, bindings, landings }: Candidate): Work {
  const { id, txn, seq, head, tree, amends = null } = record;
  const bound = bindings.map((binding) => binding.record);
  return { digest, from, id, txn, seq, head, tree, amends, bindings: bound, landings };
}

/** Finds records where the ledger was read to have them: no search for each. */
export function finderOf({ byDigest }: Works): FindRecords {
  return async (ledger, digests) => {
    const found: Candidate[] = [];
    for (const digest of digests) {
      const work = byDigest.get(digest);
      const note = work === undefined ? null : await readNote(ledger, work.from);
      const candidate = candidatesOf(note).find(({ record }) => record.digest === digest);
      if (candidate !== undefined) found.push(candidate);
    }
    return found;
  };
}
