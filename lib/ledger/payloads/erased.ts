import type { Ledger } from '../ledger.ts';

/** Which transactions were erased: what is said here no merge brings back. */
export interface Erasures {
  readonly isErased: (txn: string) => boolean;
}

const NONE: Erasures = { isErased: () => false };

/** The erasures the ledger knows of. */
export function readErasures(_ledger: Ledger): Promise<Erasures> {
  return Promise.resolve(NONE);
}
