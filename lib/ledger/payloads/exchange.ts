import { setTimeout as sleep } from 'node:timers/promises';
import { fetchRefs, pushWithLease, type RemoteAccess, remoteRefs } from '../../git/refs/remote.ts';
import type { Ledger } from '../ledger.ts';
import { payloadsNotPushed, unreachable } from '../sync/remote-errors.ts';
import { type RemoteLedger, remember, rememberedRefs } from '../sync/remote-ledger.ts';
import { dropErased } from './drop.ts';
import { STORE_REFS } from './paths.ts';
import { isBehind, type TheirTips, unionStore } from './union.ts';
import { type StoreTip, storeTips } from './write.ts';

export interface StoreExchange {
  /** Entries that came from there. */
  readonly received: number;
  /** True when something was sent; null when that was not asked for, or this remote is not to have them. */
  readonly pushed: boolean | null;
}

export interface StoreExchangeOptions {
  readonly direction: 'both' | 'fetch' | 'push';
  readonly access: RemoteAccess;
  /** Whether the user's own configuration lets payloads go to this remote. */
  readonly mayPush: boolean;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3000;
const REFUSALS = 3;

/**
 * Brings our payloads and keys and a remote's together: the union of both, pushed over what was last seen there and never
 * over anything else, again when others were first. Throws UNREACHABLE, or NOT_PUSHED when it takes nothing.
 */
export async function exchangeStore(
  ledger: Ledger,
  side: RemoteLedger,
  options: StoreExchangeOptions,
): Promise<StoreExchange> {
  const { direction, mayPush, access } = options;
  // Tombstones that just came count here too, also where nothing of the texts changed there.
  await dropErased(ledger);
  const asked = direction === 'push' ? null : await takeIn(ledger, side, access);
  if (direction === 'fetch' || !mayPush) return { received: asked?.received ?? 0, pushed: null };
  const sent = await sendOut(ledger, side, access, asked?.theirs ?? (await lastSeen(ledger, side)));
  return { received: (asked?.received ?? 0) + sent.received, pushed: sent.pushed };
}

interface TakenIn {
  readonly theirs: TheirTips;
  readonly received: number;
}

/** Asks the remote, fetches what is new there, and takes it into ours. */
async function takeIn(ledger: Ledger, side: RemoteLedger, access: RemoteAccess): Promise<TakenIn> {
  const { repo } = ledger;
  try {
    const there = await remoteRefs(repo, access, STORE_REFS);
    const known = await rememberedRefs(repo);
    const fresh = STORE_REFS.filter(
      (ref) => there.has(ref) && there.get(ref) !== known.get(seenRef(side, ref)),
    );
    if (fresh.length > 0)
      await fetchRefs(
        repo,
        access,
        fresh.map((from) => ({ from, to: seenRef(side, from) })),
      );
    const gone = STORE_REFS.filter((ref) => !there.has(ref) && known.has(seenRef(side, ref)));
    if (gone.length > 0)
      await remember(repo, Object.fromEntries(gone.map((ref) => [seenRef(side, ref), null])));
  } catch (error) {
    throw unreachable(side.name, error);
  }
  const theirs = await lastSeen(ledger, side);
  return { theirs, received: await unionStore(ledger, theirs) };
}

/** Pushes until the remote has all of ours. */
async function sendOut(
  ledger: Ledger,
  side: RemoteLedger,
  access: RemoteAccess,
  asked: TheirTips,
): Promise<{ readonly received: number; readonly pushed: boolean }> {
  let [theirs, refusals, received] = [asked, 0, 0];
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const moves = await movesTo(ledger, theirs);
    if (moves.length === 0 || (await isRefused(ledger, side, access, moves)))
      return { received, pushed: false };
    const { moved, said } = await pushWithLease(ledger.repo, access, moves);
    if (moved) {
      await rememberSent(ledger, side, moves);
      return { received, pushed: true };
    }
    const now = await takeIn(ledger, side, access);
    refusals = isSame(now.theirs, theirs) ? refusals + 1 : 0;
    theirs = now.theirs;
    received += now.received;
    if (refusals >= REFUSALS) {
      await remember(ledger.repo, { [refusedRef(side)]: moves[0]?.oid ?? null });
      throw payloadsNotPushed(side.name, said);
    }
    await sleep(wait / 2 + Math.random() * wait);
  }
}

interface Move {
  readonly ref: string;
  readonly oid: string;
  readonly seen: string | null;
}

/** The refs the remote is behind at. */
async function movesTo(ledger: Ledger, theirs: TheirTips): Promise<Move[]> {
  const behind = async (tip: StoreTip): Promise<Move[]> => {
    const seen = theirs.get(tip.ref) ?? null;
    const { ref, commit: oid } = tip;
    return oid !== null && (await isBehind(ledger, tip, seen)) ? [{ ref, oid, seen }] : [];
  };
  return (await Promise.all((await storeTips(ledger)).map(behind))).flat();
}

/** In a hook nothing is tried again that was refused as it is. */
async function isRefused(
  { repo }: Ledger,
  side: RemoteLedger,
  { unattended }: RemoteAccess,
  [first]: readonly Move[],
): Promise<boolean> {
  if (unattended === null) return false;
  return (await rememberedRefs(repo)).get(refusedRef(side)) === first?.oid;
}

async function rememberSent({ repo }: Ledger, side: RemoteLedger, moves: readonly Move[]): Promise<void> {
  const refused = (await rememberedRefs(repo)).has(refusedRef(side));
  const seen = moves.map(({ ref, oid }) => [seenRef(side, ref), oid] as const);
  await remember(repo, {
    ...Object.fromEntries(seen),
    ...(refused ? { [refusedRef(side)]: null } : {}),
  });
}

/** What the remote is known to have, from the last time. */
async function lastSeen({ repo }: Ledger, side: RemoteLedger): Promise<TheirTips> {
  const known = await rememberedRefs(repo);
  return new Map(STORE_REFS.map((ref) => [ref, known.get(seenRef(side, ref)) ?? null]));
}

function isSame(one: TheirTips, other: TheirTips): boolean {
  return STORE_REFS.every((ref) => one.get(ref) === other.get(ref));
}

/** Beside the remote's ledger, in a folder of refs that are never pushed. */
function seenRef({ fetched }: RemoteLedger, ref: string): string {
  return fetched.replace(/agent-log$|push-fetched$/, (end) =>
    end === 'agent-log' ? storeName(ref) : `push-${storeName(ref)}`,
  );
}

function refusedRef(side: RemoteLedger): string {
  return `${seenRef(side, STORE_REFS[0] ?? '')}-refused`;
}

function storeName(ref: string): string {
  return ref.slice('refs/agent-log/'.length);
}
