import { AgentLogError } from '../../core/errors.ts';
import type { Person } from '../../core/person.ts';
import { type ErasureRecord, encodeRecord, type SignatureRecord } from '../../core/records/record.ts';
import { redactTexts } from '../../core/records/redact.ts';
import { newUlid } from '../../core/ulid.ts';
import { readPayloadSettings } from '../../identity/recipients/settings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { appendErasure, readErasures } from '../../ledger/payloads/erased.ts';
import { erasingLock, intend } from './intents.ts';
import type { ErasurePlan } from './plan-erasure.ts';
import { type SettleOptions, settleErasures } from './settle.ts';

export interface EraseOptions extends SettleOptions {
  readonly reason: string;
  /** On whose authority. */
  readonly by: Person | null;
  /** `Name <email> seconds zone`, as git writes a committer. */
  readonly identity: string;
  readonly now: number;
  /** Signs the tombstone by its digest; null where there is nothing to sign with. */
  readonly sign: ((digest: string) => Promise<SignatureRecord>) | null;
}

/** A tombstone that was written. */
export interface Tombstone {
  readonly record: ErasureRecord;
  readonly digest: string;
  readonly signedBy: string | null;
}

/** A line of the ledger is read up to a size. */
const MOST_TXNS = 2000;
const PATIENCE_MS = 20_000;

/**
 * Erases what a plan says: the tombstones first, so that no merge brings anything back and whoever comes after a crash
 * finishes it; then keys, entries and what this clone keeps. What has a tombstone gets no second one. Throws NOT_SIGNED and
 * NOT_APPENDED before anything is dropped; KEY_STORE_FAILED when all but the keys outside is gone.
 */
export function erase(ledger: Ledger, plan: ErasurePlan, options: EraseOptions): Promise<Tombstone[]> {
  const work = (): Promise<Tombstone[]> => eraseAlone(ledger, plan, options);
  return withLock(erasingLock(ledger.repo), PATIENCE_MS, work, () => Promise.reject(busy()));
}

async function eraseAlone(ledger: Ledger, plan: ErasurePlan, options: EraseOptions): Promise<Tombstone[]> {
  const { isErased } = await readErasures(ledger);
  const fresh = plan.txns.filter(({ txn }) => !isErased(txn));
  await intend(
    ledger.repo,
    plan.txns.map(({ txn }) => txn),
  );
  const written: Tombstone[] = [];
  for (let at = 0; at < fresh.length; at += MOST_TXNS)
    written.push(await writeTombstone(ledger, { ...plan, txns: fresh.slice(at, at + MOST_TXNS) }, options));
  await settleErasures(ledger, options);
  return written;
}

async function writeTombstone(ledger: Ledger, plan: ErasurePlan, options: EraseOptions): Promise<Tombstone> {
  const { by, identity, now, sign } = options;
  const [reason] = await redactTexts([options.reason]);
  const { keyStore } = await readPayloadSettings(ledger.repo);
  const record: ErasureRecord = {
    schema: 'agent-log/erasure/v1',
    id: newUlid(now),
    ...plan,
    reason: reason?.text ?? '',
    by,
    keyStore: kindOf(keyStore),
    recordedAt: new Date(now).toISOString(),
  };
  const stored = encodeRecord(record);
  const signature = sign === null ? null : await sign(stored.digest);
  const lines = signature === null ? [stored] : [stored, encodeRecord(signature)];
  await appendErasure(ledger, lines, { identity, message: 'Erase texts' });
  return { record, digest: stored.digest, signedBy: signature?.publicKey ?? null };
}

function kindOf(keyStore: string): ErasureRecord['keyStore'] {
  if (keyStore.startsWith('command:')) return 'command';
  return keyStore.startsWith('folder:') ? 'folder' : 'refs';
}

function busy(): AgentLogError {
  return new AgentLogError('LOCKED', 'system', 'somebody else is erasing in this clone', {
    hints: ['Nothing was done. Wait until that is over, and try again.'],
  });
}
