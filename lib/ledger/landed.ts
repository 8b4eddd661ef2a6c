import type { Binding } from '../core/binding.ts';
import type { ExecutionRecord } from '../core/record.ts';
import { completed } from '../core/supplement.ts';
import { type Commit, readCommit } from '../git/objects.ts';
import { sealedChange } from './grade.ts';
import { type Judged, judge, type Nomination, nominate } from './judge.ts';
import type { Ledger } from './ledger.ts';
import { type Change, patchesBetween } from './patch-cache.ts';
import { changeOf } from './relink/looked.ts';
import { notesHolding, type ScannedRecord } from './scan.ts';

const AT_ONCE = 200;

/** The records shown to be in commits, by commit. Patch ids of many are asked for at once. */
export async function* judgeAll(
  ledger: Ledger,
  oids: Iterable<string>,
): AsyncGenerator<{ readonly commit: Commit; readonly judged: readonly Judged[] }> {
  const all = [...new Set(oids)];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const read = await Promise.all(all.slice(at, at + AT_ONCE).map((oid) => readCommit(ledger.reader, oid)));
    const commits = read.filter((commit) => commit !== null);
    const nominations = await Promise.all(commits.map((commit) => nominate(ledger, commit)));
    await patchesBetween(ledger, await changesOf(ledger, nominations));
    for (const [i, commit] of commits.entries()) {
      const nomination = nominations[i];
      const judged = nomination === undefined ? [] : (await judge(ledger, nomination)).judged;
      yield { commit, judged: judged.filter(({ binding }) => binding !== 'claimed') };
    }
  }
}

/** Every change whose patch-id the judging will ask for. */
async function changesOf(ledger: Ledger, nominations: readonly Nomination[]): Promise<Change[]> {
  const records = nominations.flatMap(({ nominees }) =>
    nominees.map(({ candidate }) => candidate.record.record),
  );
  const sealed = await Promise.all(records.map((record) => sealedChange(ledger, record)));
  const made = nominations.map(({ shape }) => changeOf(shape));
  return [...made, ...sealed].filter((change) => change !== null);
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
