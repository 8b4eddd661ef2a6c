import type { GitPlace } from '../../git/process/runner.ts';
import { branchHints } from './agent-branches.ts';
import { foreignNotes } from './foreign-notes.ts';
import { type Authors, type Signal, signalsOf } from './marks.ts';

/** A commit as a stream of the log gives one. */
type Commit = Authors & { readonly oid: string };

/** What a repository's notes and branches say of its commits, ready to be asked. */
export interface SignalReader {
  /** Every sign there is for a commit. */
  readonly signalsOf: (commit: Commit) => Signal[];
  /** The signs that notes of agents' tools are, by the object each is on. */
  readonly noted: ReadonlyMap<string, readonly Signal[]>;
}

/** Reads notes and branches once, for as many commits as are asked for. */
export async function readSignals(place: GitPlace): Promise<SignalReader> {
  const [notes, branches] = await Promise.all([foreignNotes(place), branchHints(place)]);
  return {
    signalsOf: (commit) => [
      ...signalsOf(commit),
      ...(notes.get(commit.oid) ?? []),
      ...(branches.get(commit.oid) ?? []),
    ],
    noted: notes,
  };
}
