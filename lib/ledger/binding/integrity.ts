import { isBinding, isReadable, type ReplayRecord } from '../../core/records/record.ts';
import type { Commit } from '../../git/objects/objects.ts';
import type { Judged, Judgement } from './judge.ts';

type MissingInput = ReplayRecord['missing'][number];
type Problem = ReplayRecord['problems'][number];

/** What of a commit's digests and bindings does not hold, and which records they name are not here. */
export interface Integrity {
  readonly problems: readonly Problem[];
  readonly missing: readonly MissingInput[];
}

/**
 * Looks whether a commit's message, its note and its bindings say the same of its record. A line somebody changed has
 * another digest than the binding beside it and the message name.
 */
export function integrityOf(commit: Commit, judgement: Judgement, best: Judged | null): Integrity {
  const altered = alteredIn(commit, judgement);
  const absent = judgement.claims.records.filter((digest) => !isHere(judgement, digest));
  const isAltered = altered.length > 0;
  return {
    problems: [
      ...(isAltered ? (['record-altered'] as const) : []),
      ...(best === null ? [] : bindingProblems(commit, judgement, best)),
      ...(saysMore(commit, judgement, best) ? (['claim-unproven'] as const) : []),
    ],
    missing: isAltered ? [] : absent.map((id) => ({ kind: 'record', id })),
  };
}

/** Records that bindings of this commit name and its note has no line of, readable or not: both were written in one go. */
function alteredIn(commit: Commit, { note }: Judgement): string[] {
  const lines = note?.lines ?? [];
  const present = new Set(lines.map(({ digest }) => digest));
  const bound = lines.filter(isReadable).filter(isBinding);
  return bound
    .filter(({ record }) => record.commit === commit.oid && !present.has(record.record))
    .map(({ record }) => record.record);
}

/** The message names a record of which nothing is in the commit, beside one that is. */
function saysMore({ parents }: Commit, { judged }: Judgement, best: Judged | null): boolean {
  if (best === null || best.binding === 'claimed' || parents.length > 1) return false;
  return judged.some(({ binding, sealed }) => sealed && binding === 'claimed');
}

function isHere({ judged }: Judgement, digest: string): boolean {
  return judged.some(({ candidate }) => candidate.record.digest === digest);
}

function bindingProblems(commit: Commit, { claims }: Judgement, best: Judged): Problem[] {
  const { record, digest } = best.candidate.record;
  const bindings = best.candidate.bindings.map((bound) => bound.record);
  const own = bindings.filter((bound) => bound.commit === commit.oid && bound.record === digest);
  const contradicts = own.some(
    ({ tree, parents }) => tree !== commit.tree || parents.join(' ') !== commit.parents.join(' '),
  );
  const otherTxn = best.sealed && claims.txns.length > 0 && !claims.txns.includes(record.txn);
  return [
    ...(contradicts ? (['binding-contradicts'] as const) : []),
    ...(own.some(({ sealed }) => sealed) && !best.sealed ? (['seal-broken'] as const) : []),
    ...(otherTxn ? (['txn-differs'] as const) : []),
  ];
}
