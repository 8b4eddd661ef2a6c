import { remoteNames } from '../git/refs/remote.ts';
import { committerLine } from '../identity/committer.ts';
import { mayPushTo, readPayloadSettings } from '../identity/recipients/settings.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { syncLedger } from '../ledger/sync/sync.ts';
import { asksForDryRun, commandLine } from './commit/command-line.ts';
import type { HookCall } from './commit/git-hooks.ts';

/** What goes on in the background is over by then: a laptop that is closed must not find it years later. */
const LIMIT_MS = 60_000;

/**
 * pre-push: sends the ledger to the remote that commits are about to go to, asking nobody for anything. False when there
 * was nothing to do.
 */
export async function pushAlong(ledger: Ledger, call: HookCall): Promise<boolean> {
  const [remote] = call.args;
  if (remote === undefined) return false;
  const words = call.gitPid === null ? null : await commandLine(call.gitPid);
  if (words !== null && asksForDryRun(words)) return false;
  const { env, config, now } = call;
  const settings = await readPayloadSettings(ledger.repo);
  const result = await syncLedger(ledger, {
    remote,
    direction: 'push',
    identity: committerLine(env, config, now),
    until: now + LIMIT_MS,
    payloads: { mayPush: mayPushTo(settings, remote, await remoteNames(ledger.repo)) },
  });
  return result.pushed === true || result.payloads?.pushed === true;
}
