import { rememberingReader } from '../../git/objects/remembering.ts';
import type { Ledger } from '../ledger.ts';

/**
 * The ledger of one moment: whatever is asked of it is read once, and every note parsed once. For work that asks the same
 * over and over and writes nothing.
 */
export function remembering(ledger: Ledger): Ledger {
  if (ledger.notes !== undefined) return ledger;
  return { ...ledger, reader: rememberingReader(ledger.reader), notes: new Map() };
}
