import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { ExecutionRecord } from '../../core/record.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { ClearText, Evidence, EvidenceDocument } from './evidence.ts';

/** What other rooms know, handed in: rooms on one floor never import one another. */
export interface Sources {
  /** Opens the texts of records, as far as the maker may read them; else says why not. */
  readonly textsOf: (records: readonly ExecutionRecord[]) => Promise<{
    readonly texts: readonly ClearText[];
    readonly missing: ReadonlyMap<string, string>;
  }>;
  /** What undoing a transaction would do now. */
  readonly planOf: (txn: string) => Promise<RevertPlan>;
  /** Requests for evidence of these changes. */
  readonly requestsOf: (txns: readonly string[]) => Promise<EvidenceDocument['requests']>;
}

export interface GatherOptions {
  readonly now: number;
  readonly version: string;
  readonly withHistory: boolean;
  /** False leaves out every text in clear. */
  readonly withTexts: boolean;
  readonly onProgress?: (doing: string) => void;
}

/** Gathers all there is to one question. Throws NOT_FOUND. */
export type Gather = (
  ledger: Ledger,
  question: { readonly kind: string; readonly name: string; readonly classes: readonly string[] },
  sources: Sources,
  options: GatherOptions,
) => Promise<Evidence>;
