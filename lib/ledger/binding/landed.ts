import type { Binding } from '../../core/records/binding.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { completed } from '../../core/records/supplement.ts';
import type { Commit } from '../../git/objects/objects.ts';
import type { Ledger } from '../ledger.ts';
import { notesHolding, type ScannedRecord } from '../reading/scan.ts';
import type { Judged } from './judge.ts';
import { judgeMany } from './judge-many.ts';

/** The records shown to be in commits, by commit. Patch ids of many are asked for at once. */
export async function* judgeAll(
  ledger: Ledger,
  oids: Iterable<string>,
): AsyncGenerator<{ readonly commit: Commit; readonly judged: readonly Judged[] }> {
  for await (const { commit, judgement } of judgeMany(ledger, oids))
    yield { commit, judged: judgement.judged.filter(({ binding }) => binding !== 'claimed') };
}

/** A record on a commit it was not made as, and how firmly it is shown to be there. */
export interface LandedRecord extends ScannedRecord {
  readonly grade: Binding;
  readonly sealed: boolean;
}

/** Records that landed in commits and are shown to be there; `only` keeps some commits. */
export async function* landedRecords(
  ledger: Ledger,
  only: ReadonlySet<string> | null = null,
): AsyncGenerator<LandedRecord> {
  const noted = await notesHolding(ledger, ['"schema":"agent-log/landing/v1"']);
  const wanted = noted.filter((object) => only === null || only.has(object));
  for await (const { commit, judged } of judgeAll(ledger, wanted))
    for (const one of judged) if (isFromElsewhere(one, commit)) yield landedRecord(one, commit);
}

function isFromElsewhere({ candidate }: Judged, { oid }: Commit): boolean {
  return candidate.bindings.every(({ record }) => record.commit !== oid);
}

function landedRecord({ candidate, binding, sealed }: Judged, commit: Commit): LandedRecord {
  const { record: stored, supplements } = candidate;
  const { record, digest } = stored;
  const known: ExecutionRecord =
    supplements.length === 0 ? record : { ...record, ...completed(record, digest, supplements) };
  return {
    object: commit.oid,
    stored,
    known,
    binding: null,
    landings: candidate.landings,
    grade: binding,
    sealed,
  };
}
