import type { Regrouping } from '../../core/records/regroup.ts';
import type { Judges } from '../../identity/said-of.ts';
import type { Resolution } from '../../ledger/binding/resolve.ts';
import type { Texts } from './changes.ts';
import type { EvidenceDocument } from './evidence.ts';
import type { Said } from './said.ts';
import type { Subject } from './subject.ts';

/** What git works on from the moment it can, while the rest is found and read. */
export interface Begun {
  readonly rollbacks: Promise<EvidenceDocument['rollbacks']>;
  /** First commits of the target's history. */
  readonly roots: Promise<readonly string[]>;
}

/** What a question came to, and what the ledger tells of it. */
export interface Found {
  /** The ledger's commit; null where there is no ledger. */
  readonly tip: string | null;
  readonly judges: Judges;
  readonly regroups: Regrouping;
  readonly subject: Subject;
  readonly resolutions: readonly Resolution[];
  /** As they are called now. */
  readonly txns: readonly string[];
  readonly said: Said;
  readonly texts: Texts;
  readonly changes: EvidenceDocument['changes'];
  readonly begun: Begun;
}
