import type { Binding, CommitShape } from '../core/binding.ts';
import {
  type BindingRecord,
  type ExecutionRecord,
  isBinding,
  isExecution,
  isReadable,
  isSupplement,
  type StoredRecord,
  type SupplementRecord,
  type UnreadableLine,
} from '../core/record.ts';
import { type ClaimedTrailers, claimedTrailers } from '../core/trailers.ts';
import { type Commit, readCommit } from '../git/objects.ts';
import { fitOf, type GradedCommit, shapeOf } from './grade.ts';
import { type Ledger, type Note, readNote } from './ledger.ts';
import { oncePerSource } from './once.ts';
import { findLocalRecord } from './pending.ts';
import { notesHolding } from './scan.ts';

/** What a commit turned out to be. */
export interface Resolution {
  readonly commit: Commit;
  readonly binding: Binding;
  readonly sealed: boolean;
  /** The record that belongs to the commit, or that it claims; null when there is none. */
  readonly record: StoredRecord<ExecutionRecord> | null;
  readonly bindingRecord: StoredRecord<BindingRecord> | null;
  /** What became known of the record later. */
  readonly supplements: readonly SupplementRecord[];
  /** Other records on the commit or named by it: what a squash took in, what an amend replaced. */
  readonly others: readonly StoredRecord<ExecutionRecord>[];
  readonly claims: ClaimedTrailers;
  readonly note: Note | null;
  readonly problems: readonly string[];
}

interface Candidate {
  readonly record: StoredRecord<ExecutionRecord>;
  readonly bindings: readonly StoredRecord<BindingRecord>[];
  readonly supplements: readonly SupplementRecord[];
}

interface Graded {
  readonly candidate: Candidate;
  readonly binding: Binding;
  readonly sealed: boolean;
}

const STRENGTH: readonly Binding[] = ['exact', 'same-patch', 'squashed', 'modified', 'claimed', 'none'];

/**
 * Finds the record of a commit: by its note, else by the trailers in its message. A trailer only nominates: it counts
 * when the record is there and the commit can be shown to be its work. Null when there is no such commit.
 */
export async function resolveCommit(ledger: Ledger, revision: string): Promise<Resolution | null> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit === null) return null;
  const [note, shape] = await Promise.all([readNote(ledger, commit.oid), shapeOf(ledger, commit)]);
  const claims = claimedTrailers(commit.message);
  const onNote = candidatesOf(note);
  const known = new Set(onNote.map(({ record }) => record.digest));
  const named = await Promise.all(
    claims.records.filter((digest) => !known.has(digest)).map((digest) => findByDigest(ledger, digest)),
  );
  const candidates = [...onNote, ...named.filter((candidate) => candidate !== null)];
  const graded = await Promise.all(
    candidates.map(async (candidate): Promise<Graded> => {
      const sealed = claims.records.includes(candidate.record.digest);
      return { candidate, sealed, binding: await grade(ledger, shape, claims, candidate) };
    }),
  );
  const best = strongest(asSquash(graded, commit, shape));
  return {
    commit,
    binding: best?.binding ?? (claims.records.length > 0 || claims.txns.length > 0 ? 'claimed' : 'none'),
    sealed: best?.sealed ?? false,
    record: best?.candidate.record ?? null,
    bindingRecord: best === null ? null : (bindingFor(best.candidate, commit) ?? null),
    supplements: best?.candidate.supplements ?? [],
    others: candidates
      .map(({ record }) => record)
      .filter(({ digest }) => digest !== best?.candidate.record.digest),
    claims,
    note,
    problems: problemsOf(note, claims, candidates, best),
  };
}

/** Finds a record by its digest, wherever it is bound or still waits. Null when nobody has it. */
export async function findByDigest(ledger: Ledger, digest: string): Promise<Candidate | null> {
  const local = await findLocalRecord(ledger.repo, digest);
  if (local !== null) return { record: local, bindings: [], supplements: [] };
  // Every bound record is named by the binding beside it, so the text of the ledger tells which note it is in.
  for (const object of await notesHolding(ledger, [digest])) {
    const found = candidatesOf(await readNote(ledger, object)).find(({ record }) => record.digest === digest);
    if (found) return found;
  }
  return null;
}

function candidatesOf(note: Note | null): Candidate[] {
  const records = (note?.lines ?? []).filter(isReadable);
  const bindings = records.filter(isBinding);
  const supplements = records.filter(isSupplement).map(({ record }) => record);
  return oncePerSource(unique(records.filter(isExecution))).map((record) => ({
    record,
    bindings: bindings.filter((binding) => binding.record.record === record.digest),
    supplements: supplements.filter((supplement) => supplement.record === record.digest),
  }));
}

function unique<T extends { digest: string }>(records: readonly T[]): T[] {
  return [...new Map(records.map((record) => [record.digest, record])).values()];
}

async function grade(
  ledger: Ledger,
  commit: GradedCommit,
  claims: ClaimedTrailers,
  { record, bindings }: Candidate,
): Promise<Binding> {
  const bound = bindings.map((binding) => binding.record);
  const named = claims.records.includes(record.digest) || bound.some((one) => one.commit === commit.oid);
  if (!named) return 'claimed';
  return (await fitOf(ledger, { record: record.record, bindings: bound }, commit)) ?? 'claimed';
}

function bindingFor(candidate: Candidate, commit: Commit): StoredRecord<BindingRecord> | undefined {
  return candidate.bindings.find(({ record }) => record.commit === commit.oid);
}

/** Several sealed records of one line of work, whose last tree is the commit's and whose first base is its parent's. */
function asSquash(graded: readonly Graded[], commit: Commit, shape: CommitShape): readonly Graded[] {
  const named = graded.filter((one) => one.sealed && !isWhole(one, shape));
  if (named.length < 2 || named.length < graded.length || commit.parents.length > 1) return graded;
  const first = named.find(({ candidate }) => candidate.record.record.head.tree === shape.parentTree);
  const last = named.find(({ candidate }) => candidate.record.record.tree === shape.tree);
  return first && last
    ? named.map((one) => ({ ...one, binding: one === last ? 'squashed' : one.binding }))
    : graded;
}

/** A record that alone accounts for the commit. Standing where HEAD stood is not enough: so does a squash of the two. */
function isWhole({ binding, candidate }: Graded, shape: CommitShape): boolean {
  if (binding === 'exact') return candidate.record.record.head.tree === shape.parentTree;
  return binding === 'same-patch';
}

/** What the recorder saw counts more than what a tool's file says, and that more than what anybody says. */
const ASSURANCE: readonly (string | undefined)[] = [undefined, 'imported', 'asserted'];

function assuranceOf({ candidate }: Graded): string | undefined {
  return candidate.record.record.capture.assurance;
}

function strongest(graded: readonly Graded[]): Graded | null {
  const sorted = [...graded].sort(
    (a, b) =>
      STRENGTH.indexOf(a.binding) - STRENGTH.indexOf(b.binding) ||
      Number(b.sealed) - Number(a.sealed) ||
      ASSURANCE.indexOf(assuranceOf(a)) - ASSURANCE.indexOf(assuranceOf(b)) ||
      b.candidate.record.record.seq - a.candidate.record.record.seq,
  );
  return sorted[0] ?? null;
}

function problemsOf(
  note: Note | null,
  claims: ClaimedTrailers,
  candidates: readonly Candidate[],
  best: Graded | null,
): string[] {
  const found = new Set(candidates.map(({ record }) => record.digest));
  const unreadable = (note?.lines ?? []).filter((line): line is UnreadableLine => !isReadable(line));
  const txn = best?.candidate.record.record.txn;
  return [
    ...(note !== null && note.paths.length > 1
      ? [`the note is at ${note.paths.length} paths of the ledger (the next append repairs it)`]
      : []),
    ...unreadable.map(({ problem, detail }) => `a line of the note can't be read: ${problem} (${detail})`),
    ...claims.records
      .filter((digest) => !found.has(digest))
      .map((digest) => `the message names ${digest}, which is in no ledger here`),
    ...(txn !== undefined && best?.sealed && !claims.txns.includes(txn)
      ? ['the message names the record, but another transaction']
      : []),
  ];
}
