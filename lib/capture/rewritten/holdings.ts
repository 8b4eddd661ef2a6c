import {
  type BindingRecord,
  type ExecutionRecord,
  isBinding,
  isExecution,
  isLanding,
  isReadable,
  type StoredRecord,
} from '../../core/record.ts';
import { type Ledger, type Note, readNote } from '../../ledger/ledger.ts';
import { oncePerSource } from '../../ledger/once.ts';

/** A record whose work is in a commit. */
export interface Holding {
  readonly stored: StoredRecord<ExecutionRecord>;
  readonly bindings: readonly BindingRecord[];
  /** The commit whose note holds the record. */
  readonly from: string;
  /** False when the commit got it by a pick: what became of it says nothing of the commit it was picked from. */
  readonly replaces: boolean;
}

/** The records whose work is in a commit, as its note tells: its own, and those that landed there. */
export async function holdingsAt(ledger: Ledger, oid: string): Promise<Holding[]> {
  const note = await readNote(ledger, oid);
  const landed = (note?.lines ?? [])
    .filter(isReadable)
    .filter(isLanding)
    .map(({ record }) => record)
    .filter((landing) => landing.commit === oid && landing.from !== oid);
  const elsewhere = await Promise.all(
    landed.map(async ({ record, from, via }) =>
      recordsOn(await readNote(ledger, from), from)
        .filter(({ stored }) => stored.digest === record)
        .map((holding) => ({ ...holding, replaces: via !== PICKED })),
    ),
  );
  const all = [...recordsOn(note, oid), ...elsewhere.flat()];
  return [...new Map(all.reverse().map((holding) => [holding.stored.digest, holding])).values()].reverse();
}

/** What `via` says of a landing that leaves the record's own commit where it is. */
export const PICKED = 'cherry-pick';

function recordsOn(note: Note | null, from: string): Holding[] {
  const lines = (note?.lines ?? []).filter(isReadable);
  const bindings = lines.filter(isBinding).map(({ record }) => record);
  return oncePerSource(lines.filter(isExecution)).map((stored) => ({
    stored,
    bindings: bindings.filter(({ record }) => record === stored.digest),
    from,
    replaces: true,
  }));
}
