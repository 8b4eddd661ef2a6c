import type { PathChange } from '../../git/objects/import-stream.ts';
import { runGit } from '../../git/process/runner.ts';
import type { Ledger } from '../ledger.ts';
import { readErasures } from './erased.ts';
import { txnFolder, txnOfFolder } from './paths.ts';
import { changeStore, type StoreTip } from './write.ts';

/** Drops from both refs whatever they have of erased transactions. Idempotent. Throws NOT_APPENDED. */
export async function dropErased(ledger: Ledger): Promise<void> {
  if ((await readErasures(ledger)).txns.size === 0) return;
  await changeStore(ledger, async (tips) => {
    const { isErased } = await readErasures(ledger);
    return Promise.all(
      tips.map(async (tip) => ({
        ref: tip.ref,
        changes: (await txnsIn(ledger, tip))
          .filter(isErased)
          .map((txn): PathChange => ({ op: 'delete', path: txnFolder(txn) })),
      })),
    );
  });
}

/** The transactions that one of the refs holds something of. */
export async function txnsIn({ repo }: Pick<Ledger, 'repo'>, { tree }: StoreTip): Promise<string[]> {
  if (tree === null) return [];
  const { stdout } = await runGit(repo, { args: ['ls-tree', '-d', '-r', '-z', '--name-only', tree] });
  return stdout
    .toString('latin1')
    .split('\0')
    .flatMap((path) => txnOfFolder(path) ?? []);
}
