import { wipeTxns } from '../../capture/payloads/wipe.ts';
import { AgentLogError } from '../../core/errors.ts';
import { mayAct } from '../../core/events/people.ts';
import type { Person } from '../../core/person.ts';
import { removePages } from '../../evidence/page/keep.ts';
import { remoteNames } from '../../git/refs/remote.ts';
import { type GitConfig, readConfig } from '../../git/repository/config.ts';
import { committer, committerLine } from '../../identity/committer.ts';
import { mayPushTo, readPayloadSettings } from '../../identity/recipients/settings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { defaultRemote } from '../../ledger/sync/remote-ledger.ts';
import { syncLedger } from '../../ledger/sync/sync.ts';
import type { EraseOptions } from '../../oversight/retention/erase.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { signerOf } from './acting.ts';
import { judgingOf } from './judging.ts';

/** What erasing takes of the user: whose authority it is, and the key it is signed with. */
export async function eraseOptions(
  io: Io,
  ledger: Ledger,
  reason: string,
  flags: Flags,
): Promise<EraseOptions> {
  const { env, now } = io;
  const config = await readConfig(ledger.repo, ['user', 'committer', 'gpg']);
  const by = authority(env, config);
  const { people } = await judgingOf(io, ledger);
  if (people !== undefined && !mayAct(people, by, 'erase')) throw notTheirs(by);
  return {
    reason,
    by,
    identity: committerLine(env, config, now),
    now,
    env,
    sign: signerOf(io, ledger, config, flags),
    wipe: async (txns) => {
      await removePages(ledger.repo);
      return wipeTxns(ledger, txns);
    },
  };
}

/** Nobody destroys evidence without a name to it. Throws BAD_ARGUMENT. */
function authority(env: Io['env'], config: GitConfig): Person {
  const person = committer(env, config);
  if (person !== null) return person;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', 'git knows no name of yours, and an erasure needs one', {
    hints: ['git config user.name "…" and git config user.email "…"; nothing was erased.'],
  });
}

function notTheirs({ name, email }: Person): AgentLogError {
  return new AgentLogError('STEP_REFUSED', 'answer', `${name} <${email}> has not the role erase`, {
    hints: ['Who has it is in .agent-log/sponsors.yaml of the default branch. Nothing was erased.'],
  });
}

/**
 * Sends the tombstones, and what is left of the texts, over what the default remote has. False when texts may not go to that
 * remote.
 */
export async function pushErasure({ env, now }: Io, ledger: Ledger): Promise<boolean> {
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
