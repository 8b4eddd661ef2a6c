import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAncestor } from '../../git/refs/refs.ts';
import { pushRef, type RemoteAccess, remoteRef } from '../../git/refs/remote.ts';
import { agentLogDir } from '../../git/repository/repository.ts';
import { LEDGER_REF, type Ledger, ledgerTip } from '../ledger.ts';
import { withLock } from '../notes/lock.ts';
import { exchangeStore, type StoreExchange } from '../payloads/exchange.ts';
import { bringIn, type Incoming } from './fetched.ts';
import { notPushed, unreachable } from './remote-errors.ts';
import { type RemoteLedger, remember, rememberedRefs, remoteSides } from './remote-ledger.ts';

export interface SyncOptions {
  /** A remote's name, or an address. */
  readonly remote: string;
  /** `push` fetches too where others were first. */
  readonly direction: 'both' | 'fetch' | 'push';
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  /** Set where nobody can be asked for a password: what is not done by then (milliseconds since 1970) fails. */
  readonly until?: number;
  /** Texts are exchanged too, where it is said whether they may go to this remote. */
  readonly payloads?: { readonly mayPush: boolean };
  readonly onProgress?: (what: string) => void;
}

export interface SyncResult {
  readonly remote: string;
  /** Our ledger after it; null when there is none on either side. */
  readonly tip: string | null;
  readonly received: Incoming;
  /** True when something was sent; null when that was not asked for. */
  readonly pushed: boolean | null;
  /** How often the remote had to be asked because others were first. */
  readonly races: number;
  /** What became of the texts; null when they were not asked for. */
  readonly payloads: StoreExchange | null;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 3000;
/** A remote that refuses this often in a row, and is where it was, does not want it. */
const REFUSALS = 3;
/** Writers of one clone take turns: whoever waited mostly finds its records sent by the other. */
const TURN_MS = 3000;

/**
 * Brings our ledger and a remote's together: fetch, merge as the union of both, push without force, again when others
 * were first. Throws UNREACHABLE when the remote can't be asked, NOT_PUSHED when it takes nothing.
 */
export async function syncLedger(ledger: Ledger, options: SyncOptions): Promise<SyncResult> {
  const sides = await remoteSides(ledger.repo, options.remote);
  const unattended = options.until === undefined ? null : { until: options.until };
  const work = (): Promise<SyncResult> => new Exchange(ledger, options, unattended).run(sides.from, sides.to);
  const patience = unattended === null ? TURN_MS : Math.min(TURN_MS, (unattended.until - Date.now()) / 2);
  return withLock(join(agentLogDir(ledger.repo), 'sync.lock'), patience, work, work);
}

class Exchange {
  readonly #ledger: Ledger;
  readonly #options: SyncOptions;
  readonly #unattended: RemoteAccess['unattended'];
  #received: Incoming = { notes: [], problems: [], vanished: [] };
  #races = 0;

  constructor(ledger: Ledger, options: SyncOptions, unattended: RemoteAccess['unattended']) {
    this.#ledger = ledger;
    this.#options = options;
    this.#unattended = unattended;
  }

  async run(from: RemoteLedger, to: RemoteLedger): Promise<SyncResult> {
    const { direction } = this.#options;
    const theirs = direction === 'push' ? undefined : await this.#takeIn(from);
    const known = from === to ? theirs : undefined;
    const pushed = direction === 'fetch' ? null : await this.#sendOut(to, known);
    // After the records: what they say was erased is not taken in, and not sent.
    const payloads = await this.#exchangePayloads(from, to);
    const tip = await ledgerTip(this.#ledger);
    return { remote: from.name, tip, received: this.#received, pushed, races: this.#races, payloads };
  }

  async #exchangePayloads(from: RemoteLedger, to: RemoteLedger): Promise<StoreExchange | null> {
    const { direction, payloads } = this.#options;
    if (payloads === undefined) return null;
    this.#options.onProgress?.('exchanging texts');
    const { mayPush } = payloads;
    const work = (side: RemoteLedger, way: SyncOptions['direction']): Promise<StoreExchange> =>
      exchangeStore(this.#ledger, side, { direction: way, access: this.#access(side), mayPush });
    if (from === to || direction !== 'both') return work(direction === 'push' ? to : from, direction);
    const fetched = await work(from, 'fetch');
    const sent = await work(to, 'push');
    return { received: fetched.received + sent.received, pushed: sent.pushed };
  }

  /** Asks the remote, and merges what it has. Gives what that is. */
  async #takeIn(side: RemoteLedger): Promise<string | null> {
    const { repo } = this.#ledger;
    this.#options.onProgress?.(`asking ${side.name}`);
    const access = this.#access(side);
    const theirs = await remoteRef(repo, access, LEDGER_REF).catch((error: unknown) => {
      throw unreachable(side.name, error);
    });
    const incoming = await bringIn(this.#ledger, side, theirs, {
      identity: this.#options.identity,
      access,
      ...(this.#options.onProgress === undefined ? {} : { onProgress: this.#options.onProgress }),
    });
    const { notes, problems, vanished } = this.#received;
    this.#received = {
      notes: [...new Set([...notes, ...incoming.notes])],
      problems: [...problems, ...incoming.problems],
      vanished: [...vanished, ...incoming.vanished],
    };
    return theirs;
  }

  /** Pushes until the remote has all of ours. `theirs` is what it is known to have; undefined when it was not asked. */
  async #sendOut(side: RemoteLedger, asked: string | null | undefined): Promise<boolean> {
    const { repo } = this.#ledger;
    let theirs = asked;
    let refusals = 0;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      const ours = await ledgerTip(this.#ledger);
      if (ours === null) return false;
      const before = (await rememberedRefs(repo)).get(side.pushed);
      // Somebody else of this clone may have sent it while we waited for our turn.
      if (theirs === ours || (theirs === undefined && before === ours)) {
        await remember(repo, { [side.pushed]: ours });
        return false;
      }
      this.#options.onProgress?.(`pushing to ${side.name}`);
      const { moved, said } = await pushRef(repo, this.#access(side), ours, LEDGER_REF);
      if (moved) {
        await this.#rememberPushed(side, ours);
        return true;
      }
      const now = await this.#takeIn(side);
      // It arrived after all, or somebody took it along.
      if (now !== null && (now === ours || (await isAncestor(repo, ours, now)))) {
        await this.#rememberPushed(side, now);
        return true;
      }
      if (now !== theirs) this.#races++;
      refusals = now === theirs ? refusals + 1 : 0;
      theirs = now;
      if (refusals >= REFUSALS) {
        await remember(repo, { [side.refused]: ours });
        throw notPushed(side.name, said);
      }
      await sleep(wait / 2 + Math.random() * wait);
    }
  }

  async #rememberPushed(side: RemoteLedger, tip: string): Promise<void> {
    const { repo } = this.#ledger;
    const refs = { [side.fetched]: tip, [side.merged]: tip, [side.pushed]: tip };
    const refused = (await rememberedRefs(repo)).has(side.refused);
    await remember(repo, { ...refs, ...(refused ? { [side.refused]: null } : {}) });
  }

  #access({ address }: RemoteLedger): RemoteAccess {
    return { address, unattended: this.#unattended };
  }
}
