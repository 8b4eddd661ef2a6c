import type { LandingRecord } from '../../core/records/record.ts';
import type { Commit } from '../../git/objects/objects.ts';
import type { Work } from './works.ts';

/** That a commit holds a record's work, and its note does not say so yet. */
export interface Found {
  readonly commit: Commit;
  readonly work: Work;
  readonly grade: LandingRecord['grade'];
  readonly sealed: boolean;
  readonly proof: LandingRecord['proof'];
  readonly range?: LandingRecord['range'];
}

/** A commit that may be the work of these records, and nothing says of which. */
export interface Ambiguous {
  readonly commit: string;
  readonly records: readonly string[];
}

/** A record a message names without this clone being able to show that it is its work. */
export interface Unproven {
  readonly commit: string;
  readonly record: string;
  /** `shallow`: the clone ends here. `missing`: the commit it was made as is not here. `differs`: the content does. */
  readonly why: 'shallow' | 'missing' | 'differs';
}

/** A record a message names that is in no ledger here. */
export interface Absent {
  readonly commit: string;
  readonly record: string;
}

export interface ByContent {
  readonly found: readonly Found[];
  readonly ambiguous: readonly Ambiguous[];
}
