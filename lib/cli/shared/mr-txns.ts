import { AgentLogError } from '../../core/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { mrUrl } from '../../ledger/told/change-subject.ts';
import { readMergeRequest } from '../../ledger/told/merge-requests.ts';

/** The transactions of a merge request, as it was last told. Throws NOT_FOUND where nobody told of it, or it has none. */
export async function txnsOfMr(ledger: Ledger, text: string): Promise<readonly string[]> {
  const url = mrUrl(text);
  const told = await readMergeRequest(ledger, url);
  const txns = told?.stored.record.txns ?? [];
  if (txns.length > 0) return txns;
  const problem = told === null ? `nobody has told of ${url} here` : `${url} has no recorded agent work`;
  throw new AgentLogError('NOT_FOUND', 'answer', problem, {
    hints:
      told === null
        ? [`git agent-log mr open ${url} --head BRANCH; or fetch the ledger: git agent-log sync --fetch`]
        : ['What it changes: git agent-log mr show URL'],
  });
}
