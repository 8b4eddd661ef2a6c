import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasLeftovers } from '../../capture/commit/leftovers.ts';
import { placeOf } from '../../capture/place.ts';
import { mayHaveMoved } from '../../capture/rewound/tips.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { pendingNames } from '../../ledger/binding/pending.ts';
import { LEDGER_REF, type Ledger, ledgerTip } from '../../ledger/ledger.ts';

/** What there is to do before a command. */
export type Waiting = 'work' | 'moved branches' | null;

/** Records, events or what git said wait to be taken in, or branches may be elsewhere than they were. Only files are read. */
export async function whatWaits(repo: Repository): Promise<Waiting> {
  if ((await pendingNames(repo)).length > 0 || (await hasLeftovers(repo))) return 'work';
  return (await mayHaveMoved(repo, placeOf(repo))) ? 'moved branches' : null;
}

/** The ledger's ref is there, and what it names is not. */
export async function isBroken({ repo, reader }: Pick<Ledger, 'repo' | 'reader'>): Promise<boolean> {
  return existsSync(join(repo.commonDir, LEDGER_REF)) && (await ledgerTip({ reader })) === null;
}

/**
 * Whether the ledger is elsewhere than a git found it that was asked before anybody looked what waits: then what waited has been taken
 * in meanwhile, and is not in its answers. A ref that is written lies in a file of its own; where there is none, it was packed before; one that is packed just now is taken for moved.
 */
export async function hasMoved({ repo, reader }: Pick<Ledger, 'repo' | 'reader'>): Promise<boolean> {
  const path = join(repo.commonDir, LEDGER_REF);
  return existsSync(path) && readWritten(path) !== (await ledgerTip({ reader }));
}

function readWritten(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
