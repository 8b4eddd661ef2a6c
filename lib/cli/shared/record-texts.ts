import { textFolders } from '../../capture/payloads/record-texts.ts';
import { placeOf } from '../../capture/place.ts';
import { loadStored } from '../../capture/session/texts.ts';
import { groupBy } from '../../core/lists.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { KeyStore } from '../../ledger/payloads/data-key.ts';
import { type Erasures, readErasures } from '../../ledger/payloads/erased.ts';
import {
  type MissingText,
  type ReadTexts,
  readStoredTexts,
  type Salted,
} from '../../ledger/payloads/read.ts';
import type { Texts } from '../../ledger/reading/shown-texts.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type DigestsOf = (record: ExecutionRecord) => ReadonlySet<string>;

/** The texts of records that can be read here, by digest. */
export async function textsOf(
  ledger: Ledger,
  records: readonly ExecutionRecord[],
  digestsOf: DigestsOf,
  env: Environment,
): Promise<Texts> {
  return (await readTexts(ledger, records, digestsOf, env)).texts;
}

/** The same, with why others can't be: first what lies in this clone, then what the repository holds sealed. */
export async function readTexts(
  ledger: Ledger,
  records: readonly ExecutionRecord[],
  digestsOf: DigestsOf,
  env: Environment,
  reading: Promise<Erasures> = readErasures(ledger),
): Promise<ReadTexts> {
  const erasures = await reading;
  // Where a tombstone came by git alone, they may still lie here.
  const local = records.filter(({ txn }) => !erasures.isErased(txn));
  const { texts, salts } = await localTexts(ledger, local, digestsOf);
  const missing = new Map<string, MissingText>();
  const keys = onceOnly(() => openKeyStore(ledger, env));
  for (const [txn, group] of groupBy(records, (record) => record.txn)) {
    const wanted = new Set(
      group.flatMap((record) => [...digestsOf(record)]).filter((one) => !texts.has(one)),
    );
    if (wanted.size === 0) continue;
    const read = await readStoredTexts(ledger, txn, wanted, keys, erasures);
    for (const [digest, text] of read.texts) texts.set(digest, text);
    for (const [digest, salted] of read.salts) salts.set(digest, salted);
    for (const [digest, why] of read.missing) missing.set(digest, why);
  }
  return { texts, salts, missing };
}

/** Each session's folder is read once. */
async function localTexts(
  ledger: Ledger,
  records: readonly ExecutionRecord[],
  digestsOf: DigestsOf,
): Promise<{ readonly texts: Map<string, string>; readonly salts: Map<string, Salted> }> {
  const wanted = new Map<string, Set<string>>();
  for (const record of records)
    for (const folder of textFolders(record)) {
      const digests = wanted.get(folder) ?? new Set<string>();
      for (const digest of digestsOf(record)) digests.add(digest);
      wanted.set(folder, digests);
    }
  const texts = new Map<string, string>();
  const salts = new Map<string, Salted>();
  // One after the other: a session's folder may hold a lot, and only what is asked for is kept of it.
  for (const [folder, digests] of wanted)
    for (const { digest, text, salt, kind } of await loadStored(placeOf(ledger.repo), folder, digests)) {
      texts.set(digest, text);
      salts.set(digest, { salt, kind });
    }
  return { texts, salts };
}

/** Loaded only where something sealed is to be opened. */
async function openKeyStore(ledger: Ledger, env: Environment): Promise<KeyStore> {
  const [{ keyStoreOf }, { readPayloadSettings }] = await Promise.all([
    import('../../identity/recipients/key-store.ts'),
    import('../../identity/recipients/settings.ts'),
  ]);
  return keyStoreOf(await readPayloadSettings(ledger.repo), env);
}

function onceOnly<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
