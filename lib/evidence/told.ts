import { judgesOf } from '../identity/said-of.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readTold } from '../ledger/told/told.ts';
import { type JudgedWords, judgedWords } from './judged-words.ts';

/** Reads and judges what was decided of changes and who said yes to them; `only` keeps what is of some commits. */
export async function toldOfChanges(
  ledger: Ledger,
  only: ReadonlySet<string> | null,
  now: number,
): Promise<JudgedWords> {
  const isWanted = ({ object }: { readonly object: string }): boolean => only === null || only.has(object);
  const decided = (await readTold(ledger, 'decision')).filter(isWanted);
  const approved = (await readTold(ledger, 'approval')).filter(isWanted);
  return judgedWords(ledger, await judgesOf(ledger), decided, approved, now);
}
