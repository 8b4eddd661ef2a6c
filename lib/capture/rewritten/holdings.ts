import { type Candidate, candidatesOf } from '../../ledger/binding/candidates.ts';
import { nomineesFor } from '../../ledger/binding/nominate.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';

/** A record whose work is in a commit. */
export interface Holding {
  readonly candidate: Candidate;
  /** The commit whose note holds the record. */
  readonly from: string;
  /** False when the commit got it by a pick: what became of it says nothing of the commit it was picked from. */
  readonly replaces: boolean;
}

/** What `via` says of a landing that leaves the record's own commit where it is. */
export const PICKED = 'cherry-pick';

const NO_CLAIMS = { txns: [], records: [] };

/** The records whose work is in a commit, as its note tells: its own, and those that landed there. */
export async function holdingsAt(ledger: Ledger, oid: string): Promise<Holding[]> {
  const note = await readNote(ledger, oid);
  if (note === null) return [];
  const own = new Set(candidatesOf(note).map(({ record }) => record.digest));
  const { nominees } = await nomineesFor(ledger, oid, note, NO_CLAIMS);
  return nominees.map(({ candidate, landings }): Holding => {
    if (own.has(candidate.record.digest)) return { candidate, from: oid, replaces: true };
    const last = landings.at(-1);
    return { candidate, from: last?.from ?? oid, replaces: last?.via !== PICKED };
  });
}
