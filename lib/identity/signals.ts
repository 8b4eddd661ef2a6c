import { type GitPlace, runGit } from '../git/runner.ts';
import { type Authors, branchSignal, NOTE_REFS, type Signal, signalsOf } from './marks.ts';

/** A commit as a stream of the log gives one. */
type Commit = Authors & { readonly oid: string };

/** Reads what a repository's notes and branches say of its commits; gives every sign there is for one of them. */
export async function readSignals(place: GitPlace): Promise<(commit: Commit) => Signal[]> {
  const [notes, branches] = await Promise.all([notedObjects(place), branchTips(place)]);
  return (commit) => [
    ...signalsOf(commit),
    ...(notes.get(commit.oid) ?? []),
    ...(branches.get(commit.oid) ?? []),
  ];
}

async function notedObjects(place: GitPlace): Promise<Map<string, Signal[]>> {
  const found = new Map<string, Signal[]>();
  for (const [agent, ref] of NOTE_REFS) {
    const { code, stdout } = await runGit(place, {
      args: ['ls-tree', '-r', '-z', '--name-only', '--full-tree', ref],
      okCodes: [128],
    });
    if (code !== 0) continue;
    for (const path of stdout.toString('utf8').split('\0')) {
      const object = path.replaceAll('/', '');
      if (!/^[0-9a-f]{40,64}$/.test(object)) continue;
      found.set(object, [...(found.get(object) ?? []), { agent, kind: 'note', seen: ref }]);
    }
  }
  return found;
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
