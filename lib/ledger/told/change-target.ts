import { AgentLogError } from '../../core/errors.ts';
import { readCommit } from '../../git/objects/objects.ts';
import { remoteNames } from '../../git/refs/remote.ts';
import { remoteHeadBranch } from '../../git/repository/repository.ts';
import type { Ledger } from '../ledger.ts';

/** Where a change goes. */
export interface ChangeTarget {
  /** The branch by its full name, as the target repository has it; null for a bare commit. */
  readonly ref: string | null;
  /** Its tip: where policy, sponsors and code owners are read. */
  readonly commit: string;
}

type Place = Pick<Ledger, 'repo' | 'reader'>;

/** Where no remote says which branch is its own, one of these may be the only one it has. */
const USUAL_DEFAULTS = ['main', 'master', 'trunk', 'develop'];

/**
 * The branch somebody names, or the remote's default branch; in a repository without a remote its own. What the remote has counts
 * before what this clone calls so: that one anybody here can move. Throws NOT_FOUND.
 */
export async function changeTarget(place: Place, name?: string): Promise<ChangeTarget> {
  const found = name === undefined ? await defaultTarget(place) : await targetNamed(place, name);
  if (found !== null) return found;
  const problem =
    name === undefined
      ? 'no remote says which branch its changes go to'
      : `no branch and no commit is called '${name}'`;
  throw new AgentLogError('NOT_FOUND', 'answer', problem, {
    hints: [
      name === undefined
        ? 'Name the branch: --target main. Or ask the remote: git remote set-head origin --auto.'
        : 'Name a branch of the remote, such as main or origin/main; git fetch gets those that are new.',
    ],
  });
}

async function defaultTarget(place: Place): Promise<ChangeTarget | null> {
  const branch = await remoteHeadBranch(place.repo);
  if (branch !== null) return tipOf(place, `refs/remotes/origin/${branch}`, `refs/heads/${branch}`);
  const there = await onlyOne(place, 'refs/remotes/origin/');
  if (there !== null || (await remoteNames(place.repo)).length > 0) return there;
  // Where nothing is shared with anybody, this clone is all there is.
  return onlyOne(place, 'refs/heads/');
}

async function onlyOne(place: Place, under: string): Promise<ChangeTarget | null> {
  const usual = await Promise.all(
    USUAL_DEFAULTS.map((one) => tipOf(place, under + one, `refs/heads/${one}`)),
  );
  const [first, second] = usual.filter((one) => one !== null);
  return second === undefined ? (first ?? null) : null;
}

async function targetNamed(place: Place, name: string): Promise<ChangeTarget | null> {
  if (!isRefName(name)) return bareCommit(place, name);
  if (name.startsWith('refs/')) return tipOf(place, name, await nameAtRemote(place, name));
  return (
    (await tipOf(place, `refs/remotes/origin/${name}`, `refs/heads/${name}`)) ??
    (await tipOf(place, `refs/heads/${name}`, `refs/heads/${name}`)) ??
    (await tipOf(place, `refs/remotes/${name}`, await nameAtRemote(place, `refs/remotes/${name}`))) ??
    (await tipOf(place, `refs/tags/${name}`, `refs/tags/${name}`)) ??
    bareCommit(place, name)
  );
}

/** What a remote calls the branch this clone follows as `refs/remotes/…`. */
async function nameAtRemote({ repo }: Place, ref: string): Promise<string> {
  if (!ref.startsWith('refs/remotes/')) return ref;
  const known = (await remoteNames(repo)).map((remote) => `refs/remotes/${remote}/`);
  const prefix = known.find((one) => ref.startsWith(one)) ?? /^refs\/remotes\/[^/]+\//.exec(ref)?.[0];
  return `refs/heads/${ref.slice(prefix?.length ?? 0)}`;
}

async function tipOf({ reader }: Place, here: string, ref: string): Promise<ChangeTarget | null> {
  const commit = await readCommit(reader, here);
  return commit === null ? null : { ref, commit: commit.oid };
}

async function bareCommit({ reader }: Place, name: string): Promise<ChangeTarget | null> {
  const commit = await readCommit(reader, name);
  return commit === null ? null : { ref: null, commit: commit.oid };
}

/** False for an expression (`main~3`, `main@{1}`), which names a commit and no branch, and for what is too long to record. */
function isRefName(name: string): boolean {
  return !/[~^:?*[\\\s\p{C}]|\.\.|@\{|^@$|^HEAD$/u.test(name) && name !== '' && name.length <= 900;
}
