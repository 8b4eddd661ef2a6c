import { hasQueued } from '../../capture/payloads/queue.ts';
import { placeOf } from '../../capture/place.ts';
import { tellMended, writeJournal } from '../../capture/spool/journal.ts';
import { messageOf } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { hasFetched } from '../../ledger/sync/has-fetched.ts';
import { hasUnfinishedErasure } from '../../oversight/retention/intents.ts';
import type { Io } from '../terminal/io.ts';
import { count } from '../views/text.ts';
import { indexingOf } from './indexing.ts';
import { isBroken, whatWaits } from './waits.ts';

const PATIENCE_MS = 15_000;

export function openRepository(io: Io): Promise<Repository> {
  return io.repository;
}

/** Opens the ledger for a command, after catching up with what agents did: any command is a chance to. */
export async function withLedger<T>(io: Io, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await openRepository(io), indexingOf(io));
  try {
    await catchUpFirst(io, ledger);
    const came = await mergeFetchedFirst(io, ledger);
    await eraseFirst(io, ledger, came);
    await packFirst(io, ledger);
    return await work(ledger);
  } finally {
    ledger.close();
  }
}

/** What a crash left of an erasure, and what tombstones say that just came. */
async function eraseFirst(io: Io, ledger: Ledger, came: boolean): Promise<void> {
  if (came || (await hasUnfinishedErasure(ledger.repo))) await finishErasuresOrSay(io, ledger);
}

/** Does what tombstones say, as far as it is not done here. */
export async function finishErasuresOrSay(io: Io, ledger: Ledger): Promise<void> {
  try {
    const [{ finishErasures }, { wipeTxns }] = await Promise.all([
      import('../../oversight/retention/settle.ts'),
      import('../../capture/payloads/wipe.ts'),
    ]);
    await finishErasures(ledger, { env: io.env, wipe: (txns) => wipeTxns(ledger, txns) });
  } catch (error) {
    io.say(`warning: an erasure could not be finished: ${escapeTerminal(messageOf(error))}\n`);
  }
}

/** Texts of records that were bound in passing. What can't be stored is said once, and tried again by hooks and `sync`. */
async function packFirst(io: Io, ledger: Ledger): Promise<void> {
  if (await hasQueued(placeOf(ledger.repo))) await storeTextsOrSay(io, ledger);
}

/** Stores the texts that wait, also those that were held back. */
export async function storeTextsOrSay(io: Io, ledger: Ledger): Promise<void> {
  try {
    const { packPayloads } = await import('../../capture/payloads/pack.ts');
    await packPayloads(ledger, io);
  } catch (error) {
    io.say(`warning: texts could not be stored: ${escapeTerminal(messageOf(error))}\n`);
  }
}

/** What `git fetch` brought is merged by the next command. It is told from files: looking costs nothing. */
async function mergeFetchedFirst(io: Io, ledger: Ledger): Promise<boolean> {
  if (!(await hasFetched(ledger.repo))) return false;
  try {
    const [{ mergeFetched }, { sealConfig }, { committerLine }] = await Promise.all([
      import('../../ledger/sync/fetched.ts'),
      import('../../capture/commit/context.ts'),
      import('../../identity/committer.ts'),
    ]);
    const identity = committerLine(io.env, await sealConfig(ledger.repo), io.now);
    for (const { remote, incoming } of await mergeFetched(ledger, identity))
      if (incoming.vanished.length > 0) io.say(vanishedWarning(remote, incoming.vanished.length));
  } catch (error) {
    io.say(`warning: what was fetched could not be merged: ${escapeTerminal(messageOf(error))}\n`);
  }
  return true;
}

function vanishedWarning(remote: string, notes: number): string {
  return (
    `warning: ${escapeTerminal(remote)} lost what it had of ${count(notes, 'note')}. It is kept here; ` +
    '`git agent-log sync` sends it back and names it.\n'
  );
}

async function mend(ledger: Ledger): Promise<void> {
  const { mendLedger } = await import('../../ledger/sync/mend.ts');
  const mended = await mendLedger(ledger);
  if (mended !== null) await tellMended(placeOf(ledger.repo), 'command', mended);
}

/** What can't be bound now (a read-only repository, say) must not keep anybody from reading. */
async function catchUpFirst(io: Io, ledger: Ledger): Promise<void> {
  const broken = await isBroken(ledger);
  const waits = await whatWaits(ledger.repo);
  if (!broken && waits === null) return;
  try {
    if (broken) await mend(ledger);
    // Loaded only now: nearly always nothing waits.
    const [{ catchUp }, { landRewound }, { sealConfig }] = await Promise.all([
      import('../../capture/spool/catch-up.ts'),
      import('../../capture/rewound/index.ts'),
      import('../../capture/commit/context.ts'),
    ]);
    const config = await sealConfig(ledger.repo);
    const options = { via: 'command', env: io.env, config, now: io.now, patience: PATIENCE_MS };
    await (waits === 'moved branches' ? landRewound(ledger, options) : catchUp(ledger, options));
  } catch (error) {
    io.say(`warning: what agents did last could not be taken in: ${escapeTerminal(messageOf(error))}\n`);
    const entry = { at: new Date(io.now).toISOString(), hook: 'command', problem: messageOf(error) };
    await writeJournal(placeOf(ledger.repo), entry).catch(() =>
      io.say('warning: the journal could not be written either\n'),
    );
  }
}
