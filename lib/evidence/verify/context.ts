import type { Roster } from '../../identity/roster/roster.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Report } from './report.ts';

/** Where an execution record stands in its transaction. */
export interface Link {
  readonly txn: string;
  readonly seq: number;
  readonly prev: string | null;
}

/** What has to be known of all records at the end: a few hundred bytes for each. */
export interface Seen {
  readonly links: Map<string, Link>;
  /** States of the ledger that records name, each with one that names it. */
  readonly anchors: Map<string, string>;
  /** Digests an auditor pinned and that were not met yet. */
  readonly pinned: Set<string>;
  /** Approvals by digest, and whether somebody who counts here signed them, or a pipeline that counts relayed them. */
  readonly approvals: Map<string, boolean>;
}

/** What every check has at hand. */
export interface Verifying {
  readonly ledger: Ledger;
  readonly report: Report;
  /** Whose keys count; null where nobody says. */
  readonly roster: Roster | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly seen: Seen;
  /** False where objects are missing that a patch-id of the change needs: then it can't be told. */
  readonly canDiff: (from: string | null, to: string) => Promise<boolean>;
  /** Of a bundle: what is not in it may be elsewhere. */
  readonly isPartial: boolean;
  /** Of a bundle: whether the question is about a commit. Others are there because something about it was told of them. */
  readonly isAsked: (commit: string) => boolean;
  /** Somebody said beforehand that a record a commit names is missing. */
  readonly isToldMissing: (commit: string) => boolean;
}

/** The same of a whole repository: everything that is named has to be there. */
export const WHOLE: Pick<Verifying, 'canDiff' | 'isPartial' | 'isAsked' | 'isToldMissing'> = {
  canDiff: () => Promise.resolve(true),
  isPartial: false,
  isAsked: () => true,
  isToldMissing: () => false,
};

export function newSeen(pinned: readonly string[] = []): Seen {
  return { links: new Map(), anchors: new Map(), pinned: new Set(pinned), approvals: new Map() };
}
