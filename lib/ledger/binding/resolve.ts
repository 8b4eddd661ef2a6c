import type { Binding } from '../../core/records/binding.ts';
import {
  type BindingRecord,
  type ExecutionRecord,
  isReadable,
  type LandingRecord,
  type StoredRecord,
  type SupplementRecord,
  type UnreadableLine,
} from '../../core/records/record.ts';
import type { ClaimedTrailers } from '../../core/records/trailers.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { Ledger, Note } from '../ledger.ts';
import { goneCommit } from './gone.ts';
import { type Judged, type Judgement, judgeCommit } from './judge.ts';
import { whereabouts } from './whereabouts.ts';

/** What a commit turned out to be. */
export interface Resolution {
  readonly commit: Commit;
  /** The commit is not in this clone: it is told as the ledger has it, and nothing of it can be checked. */
  readonly isGone: boolean;
  readonly binding: Binding;
  readonly sealed: boolean;
  /** The record that belongs to the commit, or that it claims; null when there is none. */
  readonly record: StoredRecord<ExecutionRecord> | null;
  readonly bindingRecord: StoredRecord<BindingRecord> | null;
  /** What became known of the record later. */
  readonly supplements: readonly SupplementRecord[];
  /** Other records on the commit or named by it: what a squash took in, what an amend replaced. */
  readonly others: readonly StoredRecord<ExecutionRecord>[];
  /** Those of the others that are shown to be in this commit as well, whatever their grade. */
  readonly alsoHere: readonly StoredRecord<ExecutionRecord>[];
  /** Landings of its records: those that brought them here, and those that took them elsewhere; oldest first. */
  readonly landings: readonly LandingRecord[];
  /** Commits its work is in now, where it is part of no branch or tag any more. */
  readonly supersededBy: readonly string[];
  readonly claims: ClaimedTrailers;
  readonly note: Note | null;
  readonly problems: readonly string[];
}

const STRENGTH: readonly Binding[] = ['exact', 'same-patch', 'squashed', 'modified', 'claimed', 'none'];

/**
 * Finds the record of a commit: by its note, by a landing, by the trailers in its message, or by the chain of records. All
 * of these only nominate: a record counts when it is there and the commit can be shown to be its work. A commit that is
 * gone resolves by its full id, as it was bound. Null when there is no such commit.
 */
export async function resolveCommit(
  ledger: Ledger,
  revision: string,
  isPreferred: IsPreferred = () => false,
): Promise<Resolution | null> {
  const commit = await readCommit(ledger.reader, revision);
  const gone = commit === null ? await goneCommit(ledger, revision) : null;
  if (commit !== null) {
    const told = await resolution(ledger, commit, await judgeCommit(ledger, commit), isPreferred);
    return { ...told, isGone: false };
  }
  if (gone === null) return null;
  return { ...(await resolution(ledger, gone.commit, gone.judgement, isPreferred)), isGone: true };
}

/** Of several records that are shown to be in one commit, the one somebody asks for. */
type IsPreferred = (record: StoredRecord<ExecutionRecord>) => boolean;

async function resolution(
  ledger: Ledger,
  commit: Commit,
  judgement: Judgement,
  isPreferred: IsPreferred,
): Promise<Omit<Resolution, 'isGone'>> {
  const { note, claims, judged } = judgement;
  const proven = judged.filter(({ binding }) => binding !== 'claimed');
  const asked = proven.filter(({ candidate }) => isPreferred(candidate.record));
  const best = strongest(asked.length > 0 ? asked : judged);
  const others = judged.filter((one) => one !== best);
  const { landings, supersededBy } = await whereabouts(ledger, commit.oid, judged);
  return {
    commit,
    binding: best?.binding ?? (claims.records.length > 0 || claims.txns.length > 0 ? 'claimed' : 'none'),
    sealed: best?.sealed ?? false,
    record: best?.candidate.record ?? null,
    bindingRecord: best?.candidate.bindings.find(({ record }) => record.commit === commit.oid) ?? null,
    supplements: best?.candidate.supplements ?? [],
    others: others.map(({ candidate }) => candidate.record),
    alsoHere: others.filter(({ binding }) => binding !== 'claimed').map(({ candidate }) => candidate.record),
    landings,
    supersededBy,
    claims,
    note,
    problems: [...noteProblems(note), ...judgement.problems, ...otherTxn(claims, best)],
  };
}

/** What the recorder saw counts more than what a tool's file says, and that more than what anybody says. */
const ASSURANCE: readonly (string | undefined)[] = [undefined, 'imported', 'asserted'];

/**
 * Of several records somebody names for a commit, the one that is most firmly its own; null when there is none. What was written
 * afterwards is made for just that commit, and never stands in for a record that was seen being made and is shown to be in it.
 */
export function strongest(judged: readonly Judged[]): Judged | null {
  const recordOf = ({ candidate }: Judged): ExecutionRecord => candidate.record.record;
  const assurance = (one: Judged): number => ASSURANCE.indexOf(recordOf(one).capture.assurance);
  const sorted = [...judged].sort(
    (a, b) =>
      Number(a.binding === 'claimed') - Number(b.binding === 'claimed') ||
      assurance(a) - assurance(b) ||
      STRENGTH.indexOf(a.binding) - STRENGTH.indexOf(b.binding) ||
      Number(b.sealed) - Number(a.sealed) ||
      later(recordOf(a), recordOf(b)),
  );
  return sorted[0] ?? null;
}

/** The records that are shown to be in a commit, the strongest first: several where they were squashed into it. */
export function recordsHeld(judged: readonly Judged[]): readonly Judged[] {
  const best = strongest(judged);
  if (best === null || best.binding === 'claimed') return [];
  return [best, ...judged.filter((one) => one !== best && one.binding === 'squashed')];
}

/** Within a transaction its own count tells; between several, when they were made. */
function later(a: ExecutionRecord, b: ExecutionRecord): number {
  if (a.txn === b.txn) return b.seq - a.seq;
  return a.id < b.id ? 1 : -1;
}

/** What is wrong with a note itself. */
export function noteProblems(note: Note | null): string[] {
  const unreadable = (note?.lines ?? []).filter((line): line is UnreadableLine => !isReadable(line));
  return [
    ...(note !== null && note.paths.length > 1
      ? [`the note is at ${note.paths.length} paths of the ledger (the next append repairs it)`]
      : []),
    ...unreadable.map(({ problem, detail }) => `a line of the note can't be read: ${problem} (${detail})`),
  ];
}

function otherTxn({ records, txns }: ClaimedTrailers, best: Judged | null): string[] {
  if (best === null || !records.includes(best.candidate.record.digest)) return [];
  return txns.includes(best.candidate.record.record.txn)
    ? []
    : ['the message names the record, but another transaction'];
}
