import { runGit } from '../../git/process/runner.ts';
import type { Ledger } from '../ledger.ts';
import { rememberedRefs } from '../sync/remote-ledger.ts';
import { readBlobs } from './blobs.ts';
import { KEYS_REF, txnOfPath } from './paths.ts';
import { MAX_WRAPPED_BYTES, parseWrappedKey } from './wrapped-key.ts';

/** The newest keys tell who reads now; older ones who did. */
const LOOKED_AT = 50;

/** Public keys the newest transactions' keys are wrapped for, here and at the remotes as they were last seen. */
export async function knownRecipients(ledger: Ledger): Promise<string[]> {
  const remotes = [...(await rememberedRefs(ledger.repo)).keys()].filter((ref) =>
    /\/(push-)?keys$/.test(ref),
  );
  const entries = (await Promise.all([KEYS_REF, ...remotes].map((ref) => keysOf(ledger, ref)))).flat();
  const newest = entries.sort((a, b) => (a.txn < b.txn ? 1 : -1)).slice(0, LOOKED_AT);
  const wanted = newest.map(({ oid }) => ({ oid, most: MAX_WRAPPED_BYTES }));
  const blobs = await readBlobs(ledger, wanted, LOOKED_AT * MAX_WRAPPED_BYTES);
  const keys = blobs.flatMap((bytes) => (bytes === null ? [] : [parseWrappedKey(bytes)]));
  return [...new Set(keys.flatMap((key) => key?.recipients ?? []))];
}

async function keysOf({ repo }: Ledger, ref: string): Promise<{ txn: string; oid: string }[]> {
  const { stdout, code } = await runGit(repo, { args: ['ls-tree', '-r', '-z', ref], okCodes: [128] });
  if (code !== 0) return [];
  return stdout
    .toString('latin1')
    .split('\0')
    .flatMap((line) => {
      const [, oid = '', path = ''] = /^100644 blob ([0-9a-f]+)\t(.*)$/.exec(line) ?? [];
      const txn = txnOfPath(path, oid);
      return txn === null ? [] : [{ txn, oid }];
    });
}
