import { AgentLogError } from '../../core/errors.ts';
import { type Ledger, ledgerTip } from '../ledger.ts';
import { DamagedIndex } from './blocks.ts';
import { canStore, removeHead, type StoredIndex } from './store.ts';
import { indexAt } from './update.ts';

/** Reading so many rows takes a query a millisecond. */
const BESIDE = 2048;

/** The indexes of ledgers that are open, each with the tip it is of. */
const opened = new WeakMap<Ledger, { readonly tip: string; readonly index: Promise<StoredIndex | null> }>();

/**
 * Asks the index of the ledger, brought up to date first. Null when there is none and none is to be made now: then the
 * ledger itself has to be searched. What the index gives are places to look: a note may say otherwise by now.
 */
export async function askIndex<T>(ledger: Ledger, question: (index: StoredIndex) => T): Promise<T | null> {
  const tip = await ledgerTip(ledger);
  if (tip === null) return null;
  const index = await indexOf(ledger, tip);
  if (index === null) return null;
  try {
    return question(index);
  } catch (error) {
    if (!(error instanceof DamagedIndex)) throw error;
    // Not believed: away with it, and the next one is made anew.
    await removeHead(ledger.repo);
    opened.delete(ledger);
    const next = await indexOf(ledger, tip);
    return next === null ? null : question(next);
  }
}

function indexOf(ledger: Ledger, tip: string): Promise<StoredIndex | null> {
  const known = opened.get(ledger);
  if (known?.tip === tip) return known.index;
  void known?.index.then((index) => index?.base.close());
  const index = bringUpToDate(ledger, tip);
  opened.set(ledger, { tip, index });
  return index;
}

async function bringUpToDate(ledger: Ledger, tip: string): Promise<StoredIndex | null> {
  const { most, build, beside = BESIDE, onProgress } = ledger.indexing;
  const limits = { most, beside, build: build && canStore(ledger.repo) };
  try {
    return await indexAt(ledger, tip, limits, (notes) => onProgress?.(notes));
  } catch (error) {
    if (error instanceof DamagedIndex) {
      await removeHead(ledger.repo);
      return indexAt(ledger, tip, limits, (notes) => onProgress?.(notes));
    }
    // git can't read the ledger as a whole: what can be read of it is read without an index.
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return null;
    throw error;
  } finally {
    onProgress?.(null);
  }
}
