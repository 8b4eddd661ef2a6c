import { wipeTxns } from '../../capture/payloads/wipe.ts';
import { AgentLogError } from '../../core/errors.ts';
import { readConfig } from '../../git/config.ts';
import { remoteNames } from '../../git/remote.ts';
import { agentLogDir } from '../../git/repository.ts';
import { committer, committerLine } from '../../identity/committer.ts';
import { mayPushTo, readPayloadSettings } from '../../identity/recipients/settings.ts';
import { signingKey, signRecord } from '../../identity/signatures/ssh-signature.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { defaultRemote } from '../../ledger/remote-ledger.ts';
import { syncLedger } from '../../ledger/sync.ts';
import { type EraseOptions, erase } from '../../oversight/retention/erase.ts';
import { planErasure, storedTxnsOf } from '../../oversight/retention/plan-erasure.ts';
import type { Io } from '../io.ts';
import { withLedger } from '../open.ts';
import { textFlag } from '../open-flags.ts';
import type { Flags } from '../table.ts';
import { erasedDocument, eraseHints, renderErased } from '../views/erase.ts';

export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  const reason = reasonOf(flags);
  return withLedger(io, async (ledger) => {
    const txns = await storedTxnsOf(ledger, args);
    const plan = await planErasure(
      ledger,
      txns.map((txn) => ({ txn })),
    );
    const tombstones = await erase(ledger, plan, await eraseOptions(io, ledger, reason, flags));
    const pushed = flags['push'] === true ? await pushErasure(io, ledger) : null;
    const document = erasedDocument(plan, tombstones, reason, pushed);
    if (flags['json'] === true) io.print(`${JSON.stringify(document)}\n`);
    else io.print(renderErased(document, io.paint));
    io.say(eraseHints(document));
    return 0;
  });
}

/** What erasing takes of the user: whose authority it is, and the key it is signed with. */
async function eraseOptions(io: Io, ledger: Ledger, reason: string, flags: Flags): Promise<EraseOptions> {
  const { env, now } = io;
  const config = await readConfig(ledger.repo, ['user', 'committer', 'gpg']);
  const key = flags['sign'] === false ? null : signingKey(config, env);
  const folder = agentLogDir(ledger.repo);
  return {
    reason,
    by: committer(env, config),
    identity: committerLine(env, config, now),
    now,
    env,
    sign: key === null ? null : (digest) => signRecord(digest, key, folder, now),
    wipe: (txns) => wipeTxns(ledger, txns),
  };
}

/** Sends the tombstones, and what is left of the texts, over what the default remote has. */
async function pushErasure({ env, now }: Io, ledger: Ledger): Promise<boolean> {
  const { repo } = ledger;
  const remote = await defaultRemote(repo);
  const [settings, known, config] = await Promise.all([
    readPayloadSettings(repo),
    remoteNames(repo),
    readConfig(repo, ['user', 'committer']),
  ]);
  const { payloads } = await syncLedger(ledger, {
    remote,
    direction: 'both',
    identity: committerLine(env, config, now),
    payloads: { mayPush: mayPushTo(settings, remote, known) },
  });
  return payloads?.pushed !== null;
}

function reasonOf(flags: Flags): string {
  const reason = textFlag(flags, 'reason')?.trim() ?? '';
  if (reason !== '' && reason.length <= 2000) return reason;
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    reason === '' ? 'an erasure needs a reason' : 'the reason is too long',
    { hints: ['--reason "why", in a sentence. It stays in the ledger: name no person and quote nothing.'] },
  );
}
