import type { Binding } from '../../core/records/binding.ts';
import type { ExecutionRecord } from '../../core/records/record.ts';
import { completed } from '../../core/records/supplement.ts';
import { claimedTrailers, RECORD_KEY } from '../../core/records/trailers.ts';
import { streamMentioning } from '../../git/history/log-stream.ts';
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

/** A record on a commit it was not made as, and how firmly it is shown to be there. `binding` is to the commit it was made as. */
export interface LandedRecord extends ScannedRecord {
  readonly grade: Binding;
  readonly sealed: boolean;
}

/** Whether it is known already that a record was made as a commit. */
export type IsMadeAs = (digest: string, commit: string) => boolean;

/**
 * Records that landed in commits and are shown to be there. With `only` it looks at those commits alone, and also at what their
 * messages name: a host that squashed or rebased wrote no landing. Those need not be looked at whose records are `isMadeAs` them.
 */
export async function* landedRecords(
  ledger: Ledger,
  only: ReadonlySet<string> | null = null,
  isMadeAs: IsMadeAs = () => false,
): AsyncGenerator<LandedRecord> {
  const noted = await notesHolding(ledger, ['"schema":"agent-log/landing/v1"']);
  const named = only === null ? [] : await commitsNaming(ledger, only, isMadeAs);
  const wanted = [...noted.filter((object) => only === null || only.has(object)), ...named];
  yield* landedOn(ledger, wanted);
}

/** Records that are shown to be in some commits they were not made as. */
export async function* landedOn(ledger: Ledger, oids: Iterable<string>): AsyncGenerator<LandedRecord> {
  for await (const { commit, judged } of judgeAll(ledger, oids))
    for (const one of judged) if (isFromElsewhere(one, commit)) yield landedRecord(one, commit);
}

/** Those of some commits whose messages name a record that is not known to be made as them. */
export async function commitsNaming(
  { repo }: Ledger,
  commits: ReadonlySet<string>,
  isMadeAs: IsMadeAs = () => false,
): Promise<string[]> {
  const found: string[] = [];
  for await (const { oid, message } of streamMentioning(repo, [...commits], RECORD_KEY))
    if (claimedTrailers(message).records.some((digest) => !isMadeAs(digest, oid))) found.push(oid);
  return found;
}

function isFromElsewhere({ candidate }: Judged, { oid }: Commit): boolean {
  return candidate.bindings.every(({ record }) => record.commit !== oid);
}

function landedRecord({ candidate, binding, sealed }: Judged, commit: Commit): LandedRecord {
  const { record: stored, bindings, supplements } = candidate;
  const { record, digest } = stored;
  const known: ExecutionRecord =
    supplements.length === 0 ? record : { ...record, ...completed(record, digest, supplements) };
  return {
    object: commit.oid,
    stored,
    known,
    binding: bindings[0]?.record ?? null,
    landings: candidate.landings,
    grade: binding,
    sealed,
  };
}
