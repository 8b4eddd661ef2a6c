import { isLanding, isReadable, type LandingRecord } from '../../core/records/record.ts';
import type { Commit } from '../../git/objects/objects.ts';
import { type Ledger, type Note, readNote } from '../ledger.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import type { Judged, Judgement } from './judge.ts';
import { nomineesFor } from './nominate.ts';

/** A commit that is not here, as the ledger has it. */
export interface GoneCommit {
  readonly commit: Commit;
  readonly judgement: Judgement;
}

/**
 * What the ledger knows of a commit that this clone never had, or that git took away after a rewrite: by its full id. What
 * was said when it was there can't be checked again, and the problems say so. Null when the ledger knows nothing of it.
 */
export async function goneCommit(ledger: Ledger, oid: string): Promise<GoneCommit | null> {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return null;
  const note = await readNote(ledger, oid);
  const shape = note === null ? null : shapeSaid(note, oid);
  if (note === null || shape === null) return null;
  const claims = { txns: [], records: [] };
  const { nominees, problems } = await nomineesFor(ledger, oid, note, claims);
  const judged = nominees.map(({ candidate, landings }): Judged => {
    const said = candidate.bindings.find(({ record }) => record.commit === oid)?.record ?? landings.at(-1);
    return { candidate, landings, binding: said?.grade ?? 'claimed', sealed: said?.sealed ?? false };
  });
  const commit = { oid, ...shape, author: '', committer: '', message: '' };
  const gone = 'the commit is not in this clone: how its records fit it is told as it was recorded';
  return { commit, judgement: { note, claims, judged, problems: [...problems, gone] } };
}

function shapeSaid(note: Note, oid: string): Pick<Commit, 'tree' | 'parents'> | null {
  const bound = candidatesOf(note).flatMap(({ bindings }: Candidate) => bindings.map(({ record }) => record));
  const landed = note.lines
    .filter(isReadable)
    .filter(isLanding)
    .map(({ record }): LandingRecord => record);
  const said = [...bound, ...landed].find(({ commit }) => commit === oid);
  return said === undefined ? null : { tree: said.tree, parents: said.parents };
}
