import { digestHex } from '../../core/digest.ts';
import type { LedgerRecord, StoredRecord } from '../../core/records/record.ts';

/** A statement of in-toto, version 1: somebody says something of subjects that digests name. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: object;
}

export interface Subject {
  readonly name?: string;
  /** One digest each: two sets of them match where any one does. */
  readonly digest: Readonly<Record<string, string>>;
}

/**
 * Names of our predicates. The package is the one name that is ours wherever the code is hosted; the part behind `#` is the
 * file in it that describes the predicate.
 */
export const PREDICATES = {
  execution: 'pkg:npm/git-agent-log#schemas/predicate-execution-v1.json',
  revert: 'pkg:npm/git-agent-log#schemas/predicate-revert-v1.json',
  reland: 'pkg:npm/git-agent-log#schemas/predicate-reland-v1.json',
  replay: 'pkg:npm/git-agent-log#schemas/predicate-replay-v1.json',
} as const;

export function statement(subject: readonly Subject[], predicateType: string, predicate: object): Statement {
  return { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate };
}

export function commitSubject(oid: string): Subject {
  return { digest: { gitCommit: oid } };
}

export function treeSubject(oid: string): Subject {
  return { digest: { gitTree: oid } };
}

/** A line of the ledger itself: of what belongs to no commit. */
export function recordSubject({ digest }: StoredRecord): Subject {
  return { name: 'record', digest: digestSet(digest) };
}

/** A `sha256:…` digest as in-toto writes one. */
export function digestSet(digest: string): { readonly sha256: string } {
  return { sha256: digestHex(digest) };
}

/** What every predicate of ours begins with: the stored line's digest, and what the line says. */
export function recordPredicate<R extends LedgerRecord>({
  digest,
  record,
}: StoredRecord<R>): { readonly recordDigest: { readonly sha256: string }; readonly record: R } {
  return { recordDigest: digestSet(digest), record };
}

/** An object of git by a name that says what it is and how it is hashed, wherever it is hosted. */
export function gitoid(type: 'commit' | 'blob', oid: string): string {
  return `gitoid:${type}:${oid.length === 64 ? 'sha256' : 'sha1'}:${oid}`;
}
