import { AgentLogError } from '../../core/errors.ts';
import { readConfig } from '../../git/repository/config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { syncLedger } from '../../ledger/sync/sync.ts';
import {
  type AnchorBranch,
  type AnchoredCheckpoint,
  anchorLosses,
  extendAnchorBranch,
  openAnchorBranch,
} from '../../ledger/told/anchor-branch.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { count } from '../views/text.ts';
import { textFlag } from './open-flags.ts';

/**
 * The branch that the checkpoint of a check goes to; null where there is none, or nothing is recorded. Throws LEDGER_DAMAGED when the ledger lacks
 * something the last checkpoint kept: then no more is let in on the word of it.
 */
export async function anchorBranchFor(
  ledger: Ledger,
  stage: string,
  flags: Flags,
): Promise<AnchorBranch | null> {
  const flag = textFlag(flags, 'anchorBranch');
  if (flag !== undefined && stage !== 'merge')
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'only --stage merge makes a checkpoint', {
      hints: ['Leave out --anchor-branch at other stages.'],
    });
  const name = flag ?? (await readConfig(ledger.repo, ['agentlog'])).get('agentlog.anchorbranch') ?? '';
  if (name === '' || stage !== 'merge' || flags['dryRun'] === true) return null;
  const branch = await openAnchorBranch(ledger, name);
  const losses = await anchorLosses(ledger, branch);
  if (losses.length === 0) return branch;
  const objects = losses.slice(0, MOST_TOLD).map(({ object }) => object.slice(0, 12));
  throw new AgentLogError(
    'LEDGER_DAMAGED',
    'integrity',
    `the ledger lacks lines of ${count(losses.length, 'note')} that ${name} keeps: ${objects.join(', ')}`,
    {
      hints: [
        'If this clone has not all of it: git agent-log sync --fetch. If the remote has not, somebody rewrote it:',
        `its notes as they were are in the tree of ${name}, under ledger/.`,
      ],
    },
  );
}

const MOST_TOLD = 5;

/**
 * Adds the checkpoint to the branch, once the remote has the ledger it is of. `recorded` makes a new one, where others anchored more meanwhile. Throws
 * NOT_SIGNED where there is none, and what sync throws.
 */
export async function addToAnchorBranch(
  io: Io,
  ledger: Ledger,
  branch: AnchorBranch,
  { checkpoint, identity, recorded }: Anchoring,
): Promise<void> {
  if (checkpoint === null) throw noCheckpoint();
  const sync = async (): Promise<void> => {
    if (branch.remote !== null)
      await syncLedger(ledger, { remote: branch.remote, direction: 'both', identity });
  };
  await sync();
  const renewed = async (): Promise<AnchoredCheckpoint> => {
    await sync();
    const again = await recorded();
    await sync();
    if (again === null) throw noCheckpoint();
    return again;
  };
  const commit = await extendAnchorBranch(ledger, branch, checkpoint, { identity, renewed });
  io.say(`checkpoint ${commit.slice(0, 12)} on ${branch.ref.slice('refs/heads/'.length)}\n`);
}

/** What is to be anchored. */
interface Anchoring {
  readonly checkpoint: AnchoredCheckpoint | null;
  /** `Name <email> seconds zone`. */
  readonly identity: string;
  readonly recorded: () => Promise<AnchoredCheckpoint | null>;
}

function noCheckpoint(): AgentLogError {
  return new AgentLogError('NOT_SIGNED', 'usage', 'without a key there is no checkpoint to anchor', {
    hints: [
      'git config gpg.format ssh and git config user.signingkey FILE; and --sign outside of a pipeline.',
    ],
  });
}
