import { openScratch } from '../../git/objects/scratch.ts';
import { type Ledger, openLedger } from '../../ledger/ledger.ts';
import { ownerOf } from '../../revert/by-hand/owner.ts';
import { resume } from '../../revert/by-hand/resume.ts';
import { whereNext } from '../../revert/telling/publish.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { endDocument, renderEnd, renderStop, stopDocument } from '../views/by-hand.ts';
import { textFlag, verifierOf } from './plan-settings.ts';
import { applierOf, refuseNames } from './revert-settings.ts';

/** `--continue`: exit 1 where the next conflict waits. */
export function run(io: Io, args: readonly string[], flags: Flags): Promise<number> {
  refuseNames(args, '--continue');
  return withOwner(io, (ledger) => goOn(io, ledger, flags));
}

async function goOn(io: Io, ledger: Ledger, flags: Flags): Promise<number> {
  const json = flags['json'] === true;
  const scratch = await openScratch(ledger.repo);
  try {
    const { txn = null, ...who } = await applierOf(io, ledger, flags);
    const verify = await verifierOf(io, ledger, scratch, flags);
    const branch = textFlag(flags, 'branch');
    const resumed = await resume(ledger, scratch, {
      ...who,
      txn,
      branch,
      ...(verify === null ? {} : { verify: verify.passes }),
    });
    if (resumed.stop !== null) {
      const { stop, txns } = resumed;
      io.print(json ? `${JSON.stringify(stopDocument(stop, txns))}\n` : renderStop(stop, io));
      return 1;
    }
    if (json) io.print(`${JSON.stringify(endDocument('done', resumed))}\n`);
    else {
      const made = resumed.branch?.replace(/^refs\/heads\//, '') ?? null;
      const next = made === null ? null : await whereNext(ledger.repo, made);
      io.print(renderEnd('done', resumed, next, io));
    }
    return 0;
  } finally {
    await scratch.close();
  }
}

/** In the worktree a revert was begun in, wherever its user stands. */
export function withOwner<T>(io: Io, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  return withLedger(io, async (here) => {
    const owner = await ownerOf(here.repo);
    if (owner === here.repo) return work(here);
    const ledger = openLedger(owner);
    try {
      return await work(ledger);
    } finally {
      ledger.close();
    }
  });
}
