import { DURABLE, type MoveOutcome } from '../objects/fast-import.ts';
import { type GitCall, type GitPlace, runGit } from '../process/runner.ts';
import { alternateEntry } from '../repository/quarantine.ts';
import { NO_HOOKS } from './refs.ts';

/** How a remote may be talked to. */
export interface RemoteAccess {
  /** A configured remote's name, or an address. */
  readonly address: string;
  /** Nobody is there to ask for a password, and when the time is over (milliseconds since 1970) it is. */
  readonly unattended: { readonly until: number } | null;
}

/** What a remote has at a ref; null when there is none. Throws GIT_FAILED when it can't be asked. */
export async function remoteRef(place: GitPlace, access: RemoteAccess, ref: string): Promise<string | null> {
  return (await remoteRefs(place, access, [ref])).get(ref) ?? null;
}

/** What a remote has at some refs, as far as it has them. Throws GIT_FAILED when it can't be asked. */
export async function remoteRefs(
  place: GitPlace,
  access: RemoteAccess,
  refs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const args = [...quiet(access), 'ls-remote', '--refs', '--', access.address, ...refs];
  const { stdout } = await runGit(place, { args, ...(await manners(place, access)) });
  const lines = stdout.toString('utf8').split('\n');
  // git takes the name for the end of one: `refs/heads/refs/notes/…` comes too.
  return new Map(
    lines.flatMap((line) => {
      const [oid = '', ref = ''] = line.split('\t');
      return refs.includes(ref) ? [[ref, oid] as const] : [];
    }),
  );
}

/** Fetches one ref into another, whatever that was at, with all its objects. Throws GIT_FAILED. */
export function fetchRef(
  place: GitPlace,
  access: RemoteAccess,
  from: string,
  to: string,
  again = false,
): Promise<void> {
  return fetchRefs(place, access, [{ from, to }], again);
}

/** The same for several refs at once. */
export async function fetchRefs(
  place: GitPlace,
  access: RemoteAccess,
  refs: readonly { readonly from: string; readonly to: string }[],
  again = false,
): Promise<void> {
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-prune'];
  // A partial clone would leave the records there, and ask for them one by one.
  const whole = ['--no-auto-maintenance', '--no-filter', ...(again ? ['--refetch'] : [])];
  const args = [
    ...quiet(access),
    'fetch',
    ...flags,
    ...whole,
    '--refmap=',
    '--',
    access.address,
    ...refs.map(({ from, to }) => `+${from}:${to}`),
  ];
  await runGit(place, { args, ...(await manners(place, access)) });
}

/**
 * Fetches commits by id into another place for objects, beside those a repository has: in the repository itself no object,
 * ref or file is made. Throws GIT_FAILED when the remote does not give them all.
 */
export async function fetchCommits(
  place: GitPlace,
  access: RemoteAccess,
  commits: readonly string[],
  objects: { readonly own: string; readonly into: string },
): Promise<void> {
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-prune'];
  const whole = ['--no-auto-maintenance', '--no-filter', '--refmap='];
  const { env = {}, limit } = await manners(place, access);
  await runGit(place, {
    args: [...quiet(access), 'fetch', ...flags, ...whole, '--', access.address, ...commits],
    env: {
      ...env,
      GIT_OBJECT_DIRECTORY: objects.into,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: alternateEntry(objects.own),
    },
    ...(limit === undefined ? {} : { limit }),
  });
}

/**
 * Gets objects by their ids from the remote a partial clone has left them at, all at once, as git does one by one. Throws
 * GIT_FAILED when it can't be asked or has not all of them.
 */
export async function fetchObjects(
  place: GitPlace,
  access: RemoteAccess,
  oids: readonly string[],
): Promise<void> {
  const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const how = ['--no-auto-maintenance', '--filter=blob:none', '--stdin'];
  await runGit(place, {
    args: [
      ...quiet(access),
      '-c',
      'fetch.negotiationAlgorithm=noop',
      'fetch',
      ...flags,
      ...how,
      '--',
      access.address,
    ],
    stdin: oids.map((oid) => `${oid}\n`).join(''),
    ...(await manners(place, access)),
  });
}

/**
 * Pushes a commit to a ref, never with force, and without running the user's pre-push hook: that is where it is called
 * from. Whether a refusal was a lost race is for the remote to say.
 */
export async function pushRef(
  place: GitPlace,
  access: RemoteAccess,
  oid: string,
  ref: string,
): Promise<MoveOutcome> {
  const flags = ['--quiet', '--no-verify', '--no-follow-tags', '--no-recurse-submodules'];
  // A signature may ask for a passphrase; options are for the user's own pushes (GitLab opens merge requests by them).
  const signed = access.unattended === null ? [] : ['--no-signed'];
  const args = [...quiet(access), '-c', 'push.pushOption=', 'push', ...flags, ...signed];
  const { code, stderr } = await runGit(place, {
    args: [...args, '--', access.address, `${oid}:${ref}`],
    okCodes: [1, 128],
    ...(await manners(place, access)),
  });
  return { moved: code === 0, said: stderr.trim() };
}

/**
 * Replaces refs that have no history, each only where it is still at what the remote was last seen to have (null: nothing).
 * Whether a refusal was a lost race is for the remote to say.
 */
export async function pushWithLease(
  place: GitPlace,
  access: RemoteAccess,
  refs: readonly { readonly ref: string; readonly oid: string; readonly seen: string | null }[],
): Promise<MoveOutcome> {
  const flags = ['--quiet', '--no-verify', '--no-follow-tags', '--no-recurse-submodules'];
  const signed = access.unattended === null ? [] : ['--no-signed'];
  const leases = refs.map(({ ref, seen }) => `--force-with-lease=${ref}:${seen ?? ''}`);
  const args = [...quiet(access), '-c', 'push.pushOption=', 'push', ...flags, ...signed, ...leases];
  const { code, stderr } = await runGit(place, {
    args: [...args, '--', access.address, ...refs.map(({ ref, oid }) => `${oid}:${ref}`)],
    okCodes: [1, 128],
    ...(await manners(place, access)),
  });
  return { moved: code === 0, said: stderr.trim() };
}

/**
 * Pushes a commit to a branch as the user's own `git push` would, never with force: the pre-push hook is asked, and whoever
 * may be asked for a password is. Whether a refusal was a lost race is for the remote to say.
 */
export async function pushBranch(
  place: GitPlace,
  address: string,
  oid: string,
  branch: string,
): Promise<MoveOutcome> {
  const flags = ['--quiet', '--no-follow-tags', '--no-recurse-submodules', '--no-force-with-lease'];
  const { code, stderr } = await runGit(place, {
    args: ['push', ...flags, '--', address, `${oid}:refs/heads/${branch}`],
    okCodes: [1, 128],
  });
  return { moved: code === 0, said: stderr.trim() };
}

/** The remotes by name, in git's order. */
export async function remoteNames(place: GitPlace): Promise<string[]> {
  const { stdout } = await runGit(place, { args: ['remote'] });
  return stdout.toString('utf8').split('\n').filter(Boolean);
}

/** Where pushes to a remote go when that is not where it is fetched from; null when it is. */
export async function separatePushAddress(place: GitPlace, remote: string): Promise<string | null> {
  const address = async (...flags: string[]): Promise<string> => {
    const args = ['remote', 'get-url', ...flags, '--', remote];
    const { stdout } = await runGit(place, { args, okCodes: [2, 128] });
    return stdout.toString('utf8').split('\n')[0] ?? '';
  };
  const [fetched, pushed] = await Promise.all([address(), address('--push')]);
  return fetched === pushed || pushed === '' ? null : pushed;
}

function quiet({ unattended }: RemoteAccess): string[] {
  return [...DURABLE, ...NO_HOOKS, ...(unattended === null ? [] : ['-c', 'credential.interactive=false'])];
}

/** Environment and time limit of a call nobody attends: git, ssh and credential helpers fail where they would ask. */
async function manners(
  place: GitPlace,
  { unattended }: RemoteAccess,
): Promise<Pick<GitCall, 'env' | 'limit'>> {
  if (unattended === null) return {};
  const batch = (await hasOwnSsh(place)) ? {} : { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' };
  return {
    env: {
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      // Where the user has an ssh command of their own it is kept, and what it would ask is answered by nothing.
      SSH_ASKPASS: 'false',
      SSH_ASKPASS_REQUIRE: 'force',
      GCM_INTERACTIVE: 'never',
      ...batch,
    },
    limit: Math.max(1, unattended.until - Date.now()),
  };
}

async function hasOwnSsh(place: GitPlace): Promise<boolean> {
  if (process.env['GIT_SSH_COMMAND'] || process.env['GIT_SSH']) return true;
  const { code } = await runGit(place, { args: ['config', '--get', 'core.sshCommand'], okCodes: [1] });
  return code === 0;
}
