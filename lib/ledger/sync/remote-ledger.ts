import { createHash } from 'node:crypto';
import { AgentLogError } from '../../core/errors.ts';
import { gitText, runGit } from '../../git/process/runner.ts';
import { NO_HOOKS } from '../../git/refs/refs.ts';
import { remoteNames, separatePushAddress } from '../../git/refs/remote.ts';
import { currentBranch, type Repository } from '../../git/repository/repository.ts';
import { breakStaleLock } from '../notes/stale-lock.ts';

const ROOT = 'refs/agent-log/remotes/';

/** One side of a remote, with what this clone remembers of its ledger. Refs, so that nothing in them is collected. */
export interface RemoteLedger {
  /** For people: the remote's name. */
  readonly name: string;
  /** What git is to talk to. */
  readonly address: string;
  /** The remote's ledger as last fetched, also by `git fetch`. */
  readonly fetched: string;
  /** What of it is merged into ours. */
  readonly merged: string;
  /** What the remote is known to have of ours. */
  readonly pushed: string;
  /** What it refused, so that no hook tries the same again. */
  readonly refused: string;
}

/** What is remembered of a remote, by its name or address. */
export function remoteLedger(name: string, known: readonly string[]): RemoteLedger {
  const key = known.includes(name) ? name : addressKey(name);
  const ref = (what: string): string => `${ROOT}${key}/${what}`;
  return {
    name: known.includes(name) ? name : 'another repository',
    address: name,
    fetched: ref('agent-log'),
    merged: ref('merged'),
    pushed: ref('pushed'),
    refused: ref('refused'),
  };
}

/** An address may hold a password and much that is no name of a ref. */
function addressKey(address: string): string {
  return `address-${createHash('sha256').update(address).digest('hex').slice(0, 16)}`;
}

/** Where the ledger is fetched from and where it is pushed to: mostly one place. */
export interface RemoteSides {
  readonly from: RemoteLedger;
  readonly to: RemoteLedger;
}

export async function remoteSides(repo: Repository, name: string): Promise<RemoteSides> {
  const known = await remoteNames(repo);
  const from = remoteLedger(name, known);
  const address = known.includes(name) ? await separatePushAddress(repo, name) : null;
  if (address === null) return { from, to: from };
  const folder = from.merged.slice(0, -'merged'.length);
  return {
    from,
    to: { ...from, address, fetched: `${folder}push-fetched`, merged: `${folder}push-merged` },
  };
}

/** The remote git would choose: the branch's, else the only one, else origin. Throws NO_REMOTE. */
export async function defaultRemote(repo: Repository): Promise<string> {
  const names = await remoteNames(repo);
  const branch = await currentBranch(repo);
  const args = ['config', '--get', `branch.${branch ?? ''}.remote`];
  const { code, stdout } = await runGit(repo, { args, okCodes: [1] });
  const ofBranch = stdout.toString('utf8').replace(/\n$/, '');
  if (branch !== null && code === 0 && ofBranch !== '' && ofBranch !== '.') return ofBranch;
  if (names.length === 1 && names[0] !== undefined) return names[0];
  if (names.includes('origin')) return 'origin';
  const what = names.length === 0 ? 'there is no remote' : `${names.length} remotes, and none is the default`;
  throw new AgentLogError('NO_REMOTE', 'answer', `nothing to sync with: ${what}`, {
    hints: ['Name a remote or an address: git agent-log sync <remote>.'],
  });
}

/** Refs of ours about remotes, as they are. */
export async function rememberedRefs(repo: Repository): Promise<ReadonlyMap<string, string>> {
  const lines = await gitText(repo, 'for-each-ref', '--format=%(objectname) %(refname)', ROOT);
  return new Map(
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
}

/** Sets refs of ours, or removes them (null), in one process. */
export async function remember(
  repo: Repository,
  refs: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const ref of Object.keys(refs)) await breakStaleLock(repo, ref);
  const stdin = Object.entries(refs)
    .map(([ref, oid]) => (oid === null ? `delete ${ref}\n` : `update ${ref} ${oid}\n`))
    .join('');
  // Another process may be setting the same: what these say is only where to begin next time.
  await runGit(repo, { args: [...NO_HOOKS, 'update-ref', '--stdin'], stdin, okCodes: [1, 128] });
}
