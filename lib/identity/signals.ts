import { type GitPlace, runGit } from '../git/runner.ts';
import { foreignNotes } from './foreign-notes.ts';
import { type Authors, branchSignal, type Signal, signalsOf } from './marks.ts';

/** A commit as a stream of the log gives one. */
type Commit = Authors & { readonly oid: string };

/** Reads what a repository's notes and branches say of its commits; gives every sign there is for one of them. */
export async function readSignals(place: GitPlace): Promise<(commit: Commit) => Signal[]> {
  const [notes, branches] = await Promise.all([foreignNotes(place), branchTips(place)]);
  return (commit) => [
    ...signalsOf(commit),
    ...(notes.get(commit.oid) ?? []),
    ...(branches.get(commit.oid) ?? []),
  ];
}

/** Commits that branches named after agents are at. */
async function branchTips(place: GitPlace): Promise<Map<string, Signal[]>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/remotes'];
  const { stdout } = await runGit(place, { args });
  const found = new Map<string, Signal[]>();
  for (const line of stdout.toString('utf8').split('\n').filter(Boolean)) {
    const signal = branchSignal(
      line.slice(line.indexOf(' ') + 1).replace(/^refs\/(heads|remotes\/[^/]+)\//, ''),
    );
    const oid = line.slice(0, line.indexOf(' '));
    if (signal !== null) found.set(oid, [...(found.get(oid) ?? []), signal]);
  }
  return found;
}
