import { runGit } from '../../git/process/runner.ts';
import { fetchRef, type RemoteAccess } from '../../git/refs/remote.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { LEDGER_REF, type Ledger } from '../ledger.ts';
import { breakStaleLock } from '../notes/stale-lock.ts';
import { mergeLedger } from './merge.ts';
import type { MergeProblem } from './merge-plan.ts';
import { noLedger, unreachable } from './remote-errors.ts';
import { type RemoteLedger, remember, rememberedRefs, remoteLedger } from './remote-ledger.ts';
import { findVanished, type Vanished } from './vanished.ts';

/** What a remote's ledger brought. */
export interface Incoming {
  /** Objects whose note was another there, or that had none here. */
  readonly notes: readonly string[];
  readonly problems: readonly MergeProblem[];
  /** What it had the last time, and has no more. It is still in ours. */
  readonly vanished: readonly Vanished[];
}

interface BringOptions {
  readonly identity: string;
  readonly access: RemoteAccess;
  readonly onProgress?: (what: string) => void;
}

/** Fetches a remote's ledger, which is at `theirs`, and merges it into ours. */
export async function bringIn(
  ledger: Ledger,
  side: RemoteLedger,
  theirs: string | null,
  { identity, access, onProgress }: BringOptions,
): Promise<Incoming> {
  const { repo } = ledger;
  const known = await rememberedRefs(repo);
  const fetch = async (again: boolean): Promise<void> => {
    onProgress?.(`fetching from ${side.name}`);
    await breakStaleLock(repo, side.fetched);
    await fetchRef(repo, access, LEDGER_REF, side.fetched, again).catch((error: unknown) => {
      throw unreachable(side.name, error);
    });
  };
  if (theirs !== null && known.get(side.fetched) !== theirs) await fetch(false);
  if (theirs !== null && (await lacksObjects(repo, theirs))) await fetch(true);
  onProgress?.('merging');
  return mergeTip(ledger, side, theirs, known.get(side.merged) ?? null, identity);
}

async function mergeTip(
  ledger: Ledger,
  side: RemoteLedger,
  theirs: string | null,
  before: string | null,
  identity: string,
): Promise<Incoming> {
  const { repo } = ledger;
  if (theirs === before) return { notes: [], problems: [], vanished: [] };
  if (theirs !== null) await expectCommit(repo, side, theirs);
  const vanished = before === null ? [] : await findVanished(ledger, before, theirs);
  if (theirs === null) {
    const gone = [side.fetched, side.merged, side.pushed].map((ref) => [ref, null] as const);
    const known = await rememberedRefs(repo);
    await remember(repo, Object.fromEntries(gone.filter(([ref]) => known.has(ref))));
    return { notes: [], problems: [], vanished };
  }
  const message = `agent-log: merge the ledger of ${side.name}\n\n${theirs}\n`;
  const { notes, problems, tip } = await mergeLedger(ledger, theirs, { identity, message });
  await remember(repo, { [side.merged]: theirs, ...(tip === theirs ? { [side.pushed]: theirs } : {}) });
  return { notes, problems, vanished };
}

/** What anybody may have pushed there need not be a ledger. */
async function expectCommit(repo: Repository, side: RemoteLedger, oid: string): Promise<void> {
  const args = ['cat-file', '-t', oid];
  const { stdout } = await runGit(repo, { args, okCodes: [128] });
  if (stdout.toString('utf8').trim() === 'commit') return;
  throw noLedger(side.name);
}

/** In a partial clone the records may have been left behind: git would ask for them one by one. */
async function lacksObjects(repo: Repository, tip: string): Promise<boolean> {
  const { code } = await runGit(repo, { args: ['config', '--get', 'extensions.partialClone'], okCodes: [1] });
  if (code !== 0) return false;
  const args = ['rev-list', '--objects', '--no-walk', '--missing=print', tip];
  const { stdout } = await runGit(repo, { args });
  return /^\?/m.test(stdout.toString('latin1'));
}

/**
 * Merges what `git fetch` brought since the last time. Gives what came, by remote; nothing in a ledger where all was
 * merged before.
 */
export async function mergeFetched(
  ledger: Ledger,
  identity: string,
): Promise<readonly { readonly remote: string; readonly incoming: Incoming }[]> {
  const known = await rememberedRefs(ledger.repo);
  const names = [...known.keys()].flatMap(
    (ref) => /^refs\/agent-log\/remotes\/(.+)\/agent-log$/.exec(ref)?.[1] ?? [],
  );
  const came: { remote: string; incoming: Incoming }[] = [];
  for (const remote of names) {
    const side = remoteLedger(remote, names);
    const [theirs, before] = [known.get(side.fetched), known.get(side.merged)];
    if (theirs === undefined || theirs === before) continue;
    const incoming = await mergeTip(ledger, side, theirs, before ?? null, identity);
    came.push({ remote, incoming });
  }
  return came;
}
