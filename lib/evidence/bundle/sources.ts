import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import type { ReadTexts } from '../../ledger/payloads/read.ts';
import type { EvidenceDocument } from './evidence.ts';

/** What other rooms know, handed in: rooms on one floor never import one another. */
export interface Sources {
  /** Opens the texts of records as far as the maker may read them, and says why others can't be read. */
  readonly textsOf: (records: readonly ExecutionRecord[]) => Promise<ReadTexts>;
  /** What undoing a transaction would do to a commit now. */
  readonly planOf: (txn: string, onto: string) => Promise<RevertPlan>;
  /** Requests for evidence of these changes. */
  readonly requestsOf: (about: {
    readonly txns: readonly string[];
    readonly commits: readonly string[];
    readonly mrs: readonly string[];
  }) => Promise<EvidenceDocument['requests']>;
}

/** Where there are no others: no text is opened, nothing planned. */
export const NO_SOURCES: Sources = {
  textsOf: () => Promise.resolve({ texts: new Map(), salts: new Map(), missing: new Map() }),
  planOf: () => Promise.reject(new Error('nobody plans here')),
  requestsOf: () => Promise.resolve([]),
};
