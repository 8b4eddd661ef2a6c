import { AgentLogError, messageOf } from '../../core/errors.ts';
import type { Ledger } from '../ledger.ts';
import type { DataKey, KeyStore } from './data-key.ts';
import { openEntry, type PayloadText, type StoredEntry } from './entry.ts';
import type { Erasure, Erasures } from './erased.ts';
import { readTxn, type StoredTxn } from './store.ts';

/** Why a text can't be shown. */
export interface MissingText {
  /**
   * `not-stored`: it is neither here nor in the repository; `no-key`: it is there, sealed; `left-out`: it was over a limit;
   * `damaged`: what is there is not what was sealed; `erased`: somebody had it destroyed.
   */
  readonly why: 'not-stored' | 'no-key' | 'left-out' | 'damaged' | 'erased';
  readonly says: string;
  /** Public keys of those who can open it, where it is known. */
  readonly readers: readonly string[];
}

/** What it takes to compute a text's digest again, and what the text is of its record. */
export interface Salted {
  /** 32 bytes in base64. */
  readonly salt: string;
  readonly kind: string;
}

/** Texts by digest, and why the others are not among them. */
export interface ReadTexts {
  readonly texts: ReadonlyMap<string, string>;
  /** Of each of the texts. */
  readonly salts: ReadonlyMap<string, Salted>;
  readonly missing: ReadonlyMap<string, MissingText>;
}

const LIMITS = { 'text-limit': 'a text', 'record-limit': 'a record', 'session-limit': 'a session' } as const;

/**
 * Opens texts of a transaction, as far as somebody here has the key. Whoever seals is not trusted: a text counts only for
 * the digest it hashes to. `keys` is asked when there is something to open. Throws nothing that one text can't help.
 */
export async function readStoredTexts(
  ledger: Ledger,
  txn: string,
  digests: ReadonlySet<string>,
  keys: () => Promise<KeyStore>,
  erasures: Erasures,
): Promise<ReadTexts> {
  const erasure = erasures.of(txn);
  if (erasure !== null) return { texts: new Map(), salts: new Map(), missing: all(digests, erased(erasure)) };
  // Who keeps the keys is found out while git reads what they open: after it was asked for that, not before. Whoever opens
  // something hears what went wrong.
  const stored = await readTxn(ledger, txn, () => setImmediate(() => void keys().catch(() => undefined)));
  const texts = new Map<string, string>();
  const salts = new Map<string, Salted>();
  const missing = new Map<string, MissingText>();
  const opener = new Opener(stored, keys);
  for (const entry of stored.entries) {
    noteLeftOut(entry, digests, missing);
    const wanted = entry.header.texts.filter((digest) => digests.has(digest) && !texts.has(digest));
    if (wanted.length === 0) continue;
    const opened = await opener.open(entry);
    if (opened.problem !== null) for (const digest of wanted) missing.set(digest, opened.problem);
    for (const { digest, text, salt, kind } of opened.texts)
      if (digests.has(digest)) {
        texts.set(digest, text);
        salts.set(digest, { salt, kind });
      }
  }
  for (const digest of digests)
    if (texts.has(digest)) missing.delete(digest);
    else if (!missing.has(digest)) missing.set(digest, unknown(stored));
  return { texts, salts, missing };
}

interface Opened {
  readonly texts: readonly PayloadText[];
  readonly problem: MissingText | null;
}

/** Opens entries of one transaction, asking for each key once. */
class Opener {
  readonly #stored: StoredTxn;
  readonly #store: () => Promise<KeyStore>;
  readonly #keys = new Map<string, Promise<DataKey>>();

  constructor(stored: StoredTxn, store: () => Promise<KeyStore>) {
    this.#stored = stored;
    this.#store = store;
  }

  async open(entry: StoredEntry): Promise<Opened> {
    const { txn, key: id } = entry.header;
    const key = this.#keys.get(id) ?? this.#find(txn, id);
    this.#keys.set(id, key);
    try {
      return { texts: openEntry(entry, await key), problem: null };
    } catch (error) {
      return { texts: [], problem: problemOf(error, this.#readers(id)) };
    }
  }

  async #find(txn: string, id: string): Promise<DataKey> {
    return (await this.#store()).find(txn, id, this.#stored.keys);
  }

  #readers(id: string): string[] {
    const named = this.#stored.keys.filter((key) => key.id === id).flatMap((key) => key.recipients);
    return [...new Set(named)];
  }
}

function problemOf(error: unknown, readers: readonly string[]): MissingText {
  const isDamage = error instanceof AgentLogError && error.code === 'BAD_PAYLOAD';
  return { why: isDamage ? 'damaged' : 'no-key', says: messageOf(error), readers };
}

function noteLeftOut(
  { header: { left = [] } }: StoredEntry,
  digests: ReadonlySet<string>,
  missing: Map<string, MissingText>,
): void {
  for (const { digest, why } of left)
    if (digests.has(digest))
      missing.set(digest, {
        why: 'left-out',
        says: `it was left out: over the limit of ${LIMITS[why]}`,
        readers: [],
      });
}

/** An entry that can't be read may have held it. */
function unknown({ problems }: StoredTxn): MissingText {
  const [problem] = problems;
  if (problem !== undefined) return problemOf(problem, []);
  return { why: 'not-stored', says: 'the text is not in this clone', readers: [] };
}

function erased({ record: { by, reason, recordedAt } }: Erasure): MissingText {
  const who = by === null ? 'somebody git had no name of' : by.name;
  return {
    why: 'erased',
    says: `the text was erased on ${recordedAt.slice(0, 10)} by ${who}: ${reason.slice(0, 200)}`,
    readers: [],
  };
}

function all(digests: ReadonlySet<string>, missing: MissingText): Map<string, MissingText> {
  return new Map([...digests].map((digest) => [digest, missing]));
}
