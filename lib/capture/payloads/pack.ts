import { groupBy } from '../../core/lists.ts';
import { hasAudience, keyStoreOf } from '../../identity/recipients/key-store.ts';
import { type PayloadSettings, readPayloadSettings } from '../../identity/recipients/settings.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { withLock } from '../../ledger/notes/lock.ts';
import { type DataKey, type KeyStore, newDataKey } from '../../ledger/payloads/data-key.ts';
import { type PayloadText, sealEntry } from '../../ledger/payloads/entry.ts';
import { readErasures } from '../../ledger/payloads/erased.ts';
import { packingLock } from '../../ledger/payloads/paths.ts';
import { readTxn, type StoredTxn, storedDigests } from '../../ledger/payloads/store.ts';
import { type Addition, addPayloads } from '../../ledger/payloads/write.ts';
import { type Place, placeOf } from '../place.ts';
import { loadStored } from '../session/texts.ts';
import { fitTexts } from './limits.ts';
import { dropOldKeys, keepOwnKey, ownKey } from './own-keys.ts';
import { dropQueued, holdBack, type Queued, type QueueFile, readQueue, takeBackHeld } from './queue.ts';
import { digestsAt } from './record-texts.ts';
import { addUsed, usedBytes } from './used.ts';

/** What became of the texts that waited. */
export interface Packed {
  /** Records whose texts are stored now. */
  readonly records: number;
  /** Records whose texts go on waiting, because nobody is set who could read them. */
  readonly held: number;
}

export interface PackOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: number;
}

const LOCK_PATIENCE_MS = 5000;
const NOTHING: Packed = { records: 0, held: 0 };

/**
 * Stores the texts of records that were written: sealed, as far as the level wants them. Idempotent, and safe to be killed:
 * what is stored is told from the store, and the texts stay where they are. Does nothing when another process is at it.
 * Throws what the key store or git says; then they wait.
 */
export async function packPayloads(ledger: Ledger, options: PackOptions): Promise<Packed> {
  const place = placeOf(ledger.repo);
  if ((await readQueue(place)).length === 0) return NOTHING;
  return withLock(
    packingLock(ledger.repo),
    LOCK_PATIENCE_MS,
    () => packAlone(ledger, place, options),
    () => Promise.resolve(NOTHING),
  );
}

async function packAlone(ledger: Ledger, place: Place, options: PackOptions): Promise<Packed> {
  await takeBackHeld(place);
  await dropOldKeys(place, options.now);
  const files = await readQueue(place);
  const queued = files.flatMap((file) => file.queued);
  const settings = await readPayloadSettings(ledger.repo);
  if (settings.level === 'digests') {
    await dropQueued(files);
    return NOTHING;
  }
  if (!hasAudience(settings)) {
    await holdBack(place, files, settings.level);
    return { records: 0, held: queued.length };
  }
  await storeAll({ ledger, place, settings, store: keyStoreOf(settings, options.env) }, files).catch(
    async (error: unknown) => {
      await holdBack(place, files, settings.level);
      throw error;
    },
  );
  return { records: queued.length, held: 0 };
}

interface Packing {
  readonly ledger: Ledger;
  readonly place: Place;
  readonly settings: PayloadSettings;
  readonly store: KeyStore;
}

async function storeAll(packing: Packing, files: readonly QueueFile[]): Promise<void> {
  const { ledger, place, store } = packing;
  const { isErased } = await readErasures(ledger);
  const queued = files.flatMap((file) => file.queued).filter(({ txn }) => !isErased(txn));
  const sealed: SealedTxn[] = [];
  for (const [txn, items] of groupBy(queued, (item) => item.txn))
    sealed.push(await sealTxn(packing, txn, items));
  await addPayloads(
    ledger,
    sealed.map(({ addition }) => addition),
  );
  // Only now: a key whose wrapped copy is not stored must not be used again.
  for (const { key, used } of sealed) {
    if (key !== null) await keepOwnKey(place, key, store.audience);
    for (const [folder, bytes] of used) await addUsed(place, folder, bytes);
  }
  await dropQueued(files);
}

interface SealedTxn {
  readonly addition: Addition;
  readonly key: DataKey | null;
  /** Bytes of texts, by the folder whose session they count for. */
  readonly used: ReadonlyMap<string, number>;
}

async function sealTxn(packing: Packing, txn: string, items: readonly Queued[]): Promise<SealedTxn> {
  const { ledger, place, settings } = packing;
  const stored = await readTxn(ledger, txn);
  const known = new Set(storedDigests(stored));
  const texts = await textsOf(packing, items, known);
  const used = new Map<string, number>();
  const payloads: Buffer[] = [];
  let key: { readonly key: DataKey; readonly wrapped: Buffer | null } | null = null;
  for (const { record, folders, ...leveled } of items) {
    const fresh = digestsAt({ ...leveled }, settings.level).filter((digest) => !known.has(digest));
    const found = fresh.flatMap((digest) => texts.get(digest) ?? []);
    if (found.length === 0) continue;
    const [folder = ''] = folders;
    const before = (await usedBytes(place, folder)) + (used.get(folder) ?? 0);
    const { texts: kept, left, bytes } = fitTexts(found, before, settings.limits);
    key ??= await keyFor(packing, txn, stored);
    const header = { record, level: settings.level, texts: kept.map(({ digest }) => digest), left };
    payloads.push(sealEntry(header, kept, key.key));
    used.set(folder, (used.get(folder) ?? 0) + bytes);
    for (const { digest } of found) known.add(digest);
  }
  const keys = key?.wrapped == null ? [] : [key.wrapped];
  return { addition: { txn, payloads, keys }, key: key?.key ?? null, used };
}

/** The key in use, if it is stored for those who are to read now; else a new one. */
async function keyFor(
  { place, store }: Packing,
  txn: string,
  { keys }: StoredTxn,
): Promise<{ readonly key: DataKey; readonly wrapped: Buffer | null }> {
  const own = await ownKey(place, txn, store.audience);
  if (own !== null && (await store.has(own, keys))) return { key: own, wrapped: null };
  const key = newDataKey(txn);
  return { key, wrapped: await store.keep(key) };
}

/** The texts that are to be stored, from the folders they lie in. Each folder is read once. */
async function textsOf(
  { place, settings }: Packing,
  items: readonly Queued[],
  known: ReadonlySet<string>,
): Promise<Map<string, PayloadText>> {
  const wanted = new Map<string, Set<string>>();
  for (const item of items)
    for (const folder of item.folders) {
      const digests = wanted.get(folder) ?? new Set<string>();
      for (const digest of digestsAt(item, settings.level)) if (!known.has(digest)) digests.add(digest);
      wanted.set(folder, digests);
    }
  const texts = new Map<string, PayloadText>();
  for (const [folder, digests] of wanted)
    for (const text of digests.size === 0 ? [] : await loadStored(place, folder, digests))
      texts.set(text.digest, text);
  return texts;
}
