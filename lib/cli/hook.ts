import { type BindOptions, bindPending } from '../capture/commit/bind.ts';
import type { HookCall } from '../capture/commit/git-hooks.ts';
import { hasAnyQueued } from '../capture/payloads/queue.ts';
import { placeOf } from '../capture/place.ts';
import { messageOf } from '../core/errors.ts';
import { escapeTerminal } from '../core/escape.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { runHook } from './entry/hook-frame.ts';
import { releaseAfter } from './entry/hook-shell.ts';
import type { Ended } from './start.ts';

const BACKGROUND_PATIENCE_MS = 20_000;
/** Counted from the start of the process: its shell waits for two seconds in all. */
const PUSH_RELEASE_MS = 1600;

/**
 * Where the hooks start that nobody waits for, or not to their end: `bind <why>`, `drain`, `pre-push`. They have a bundle
 * of their own, with only what that takes.
 */
export function main(argv: readonly string[]): Promise<Ended> {
  const [name = '', ...args] = argv.slice(1);
  return runHook({ name, args, isWaitedFor: false, work: (call) => runNamed(name, call) });
}

async function runNamed(name: string, call: HookCall): Promise<boolean> {
  switch (name) {
    case 'bind':
      await bind(call, call.args[0] ?? 'hook');
      return true;
    case 'drain':
      await drain(call);
      return true;
    case 'pre-push':
      return sendAlong(call);
    default:
      process.stderr.write(`git-agent-log: no hook is called '${escapeTerminal(name)}'\n`);
      return false;
  }
}

/** What an agent's hooks start in the background: after a shell call that moved HEAD, and when the agent stops. */
async function drain(call: HookCall): Promise<void> {
  const { catchUp } = await import('../capture/spool/catch-up.ts');
  const { endLanded } = await import('../capture/transaction/until-landed.ts');
  const { settle } = await import('../capture/sweep/heads.ts');
  await settle();
  await withOpenLedger(call, async (ledger) => {
    await catchUp(ledger, bindOptions(call, call.args[0] ?? 'stop'));
    await endLanded(ledger, call.config, call.now);
    await pack(ledger, call);
  });
  const { pruneRegistry } = await import('../capture/registry.ts');
  await pruneRegistry(call.env, call.now, null);
}

/** Binds what waits, and sends the ledger along with the commits. The push goes on after two seconds at the latest. */
async function sendAlong(call: HookCall): Promise<boolean> {
  const { pushAlong } = await import('../capture/push-along.ts');
  const waiting = releaseAfter(
    PUSH_RELEASE_MS,
    'records are still on their way; `git agent-log doctor` tells',
  );
  try {
    return await withOpenLedger(call, async (ledger) => {
      await bindAll(ledger, bindOptions(call, 'pre-push'));
      // Texts that can't be stored now must not keep the records from going.
      const packed = await pack(ledger, call).catch((error: unknown) => ({ error }));
      const sent = await pushAlong(ledger, call);
      if (packed !== undefined) throw packed.error;
      return sent;
    });
  } catch (error) {
    waiting.release(`${messageOf(error)} (the push goes on)`);
    throw error;
  } finally {
    waiting.release('');
  }
}

function bind(call: HookCall, via: string): Promise<unknown> {
  return withOpenLedger(call, async (ledger) => {
    await bindAll(ledger, bindOptions(call, via));
    await pack(ledger, call);
  });
}

/** Loaded only when texts wait: what seals them takes longer to load than all the rest. */
async function pack(ledger: Ledger, { env, now }: HookCall): Promise<void> {
  if (!(await hasAnyQueued(placeOf(ledger.repo)))) return;
  const { packPayloads } = await import('../capture/payloads/pack.ts');
  await packPayloads(ledger, { env, now });
}

async function bindAll(ledger: Ledger, options: BindOptions): Promise<void> {
  await bindPending(ledger, options);
  const [{ takeInRewritten }, { landRewound }] = await Promise.all([
    import('../capture/rewritten/index.ts'),
    import('../capture/rewound/index.ts'),
  ]);
  await takeInRewritten(ledger, options);
  // Also to know where branches are now, for when they are somewhere else.
  await landRewound(ledger, options);
}

function bindOptions({ env, config, now }: HookCall, via: string): BindOptions {
  return { via, env, config, now, patience: BACKGROUND_PATIENCE_MS };
}

async function withOpenLedger<T>(call: HookCall, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(call.repo);
  try {
    return await work(ledger);
  } finally {
    ledger.close();
  }
}
