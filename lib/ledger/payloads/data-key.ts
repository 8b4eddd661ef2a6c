import { randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;

/** The key the texts of a transaction are sealed under. */
export interface DataKey {
  readonly txn: string;
  /** 32 hex digits at random: says nothing of the key. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** Who keeps data keys, wrapped, and gives them out. What that takes is not the ledger's to know. */
export interface KeyStore {
  /** Puts a key into safe keeping. Gives what is to be stored on the keys ref; null where it is kept elsewhere. */
  keep(key: DataKey): Promise<Buffer | null>;
  /**
   * The key of an id, from what the keys ref holds of its transaction or from elsewhere. Throws NO_KEY when it is not
   * there or nobody here can unwrap it.
   */
  find(txn: string, id: string, stored: readonly WrappedKey[]): Promise<DataKey>;
  /** True when a key is in safe keeping still: what is sealed under it can be opened later. */
  has(key: DataKey, stored: readonly WrappedKey[]): Promise<boolean>;
  /** Destroys all keys of a transaction that are kept outside the keys ref. */
  destroy(txn: string): Promise<void>;
  /** Changes whenever keys would be wrapped for others. */
  readonly audience: string;
}

/** A wrapped key as it is on the keys ref, with what anybody may read of it. */
export interface WrappedKey {
  readonly txn: string;
  readonly id: string;
  readonly by: 'age' | 'command';
  /** Public keys of those who can unwrap it. */
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
}

/** A key nobody has seen. */
export function newDataKey(txn: string): DataKey {
  return { txn, id: randomBytes(16).toString('hex'), bytes: randomBytes(KEY_BYTES) };
}
