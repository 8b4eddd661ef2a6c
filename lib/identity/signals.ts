import type { GitPlace } from '../git/runner.ts';
import { branchHints } from './agent-branches.ts';
import { foreignNotes } from './foreign-notes.ts';
import { type Authors, type Signal, signalsOf } from './marks.ts';

/** A commit as a stream of the log gives one. */
type Commit = Authors & { readonly oid: string };

/** What a repository's notes and branches say of its commits. */
export interface RepositorySigns {
  /** Every sign there is for one commit. */
  readonly of: (commit: Commit) => Signal[];
  /** Objects that have a note of an agent's tool. */
  readonly noted: ReadonlySet<string>;
}

/** Reads the signs once, for any number of commits. */
export async function readSigns(place: GitPlace): Promise<RepositorySigns> {
  const [notes, branches] = await Promise.all([foreignNotes(place), branchHints(place)]);
  return {
    of: (commit) => [
      ...signalsOf(commit),
      ...(notes.get(commit.oid) ?? []),
      ...(branches.get(commit.oid) ?? []),
    ],
    noted: new Set(notes.keys()),
  };
}
