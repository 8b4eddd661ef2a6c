import { historyBundleOf } from '../../git/objects/history-bundle.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import { LEDGER_REF, type Ledger } from '../../ledger/ledger.ts';
import type { ChangeTarget } from '../../ledger/told/change-target.ts';

/**
 * All of history: the target, the newest commit of the question as `refs/agent-log/head`, and the ledger. Null in a shallow
 * clone, which has not all of it.
 */
export async function wholeHistory(
  ledger: Ledger,
  {
    head,
    tip,
    target,
  }: { readonly head: string | null; readonly tip: string | null; readonly target: ChangeTarget | null },
): Promise<Uint8Array | null> {
  if ((await shallowCommits(ledger.repo)).size > 0) return null;
  const named = [
    ...(target?.ref == null ? [] : [{ ref: target.ref, commit: target.commit }]),
    ...(head === null ? [] : [{ ref: 'refs/agent-log/head', commit: head }]),
    ...(tip === null ? [] : [{ ref: LEDGER_REF, commit: tip }]),
  ];
  return named.length === 0 ? null : historyBundleOf(ledger.repo, named);
}
