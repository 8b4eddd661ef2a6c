import { inTurn } from '../../core/lists.ts';
import {
  isReadable,
  isSignature,
  type LedgerRecord,
  type SignatureRecord,
} from '../../core/records/record.ts';
import { CLOCK_SKEW_MS } from '../../core/utc-time.ts';
import { type BranchCommit, firstParents } from '../../git/history/first-parents.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import { type Ledger, readNote } from '../../ledger/ledger.ts';
import { notesHolding, notesOn } from '../../ledger/reading/scan.ts';
import { sealedTips } from '../../ledger/sync/sealed-tips.ts';
import { type Told, toldOn } from '../../ledger/told/told.ts';
import { keyHistory } from '../roster/key-history.ts';
import type { Roster } from '../roster/roster.ts';
import { type AnchoredAt, isOfItsTime, type JudgedAt, pipelineBehind } from './judge.ts';
import { openpgpVerdicts } from './openpgp-verdicts.ts';
import { takesItsKey, verifySignature } from './verify.ts';

/** What stands signed on a note. */
export type Signed = Pick<Told<LedgerRecord>, 'object' | 'stored' | 'signatures'>;

/** Over so many, nobody is looked back for: what is left is judged by today. */
const MOST = { signatures: 200, checked: 5000, reads: 20_000 } as const;

const NOT_ANCHORED: AnchoredAt = () => null;

/**
 * Finds when signatures were anchored by the branch a roster is of: where a key has lost its force since, and nowhere else, so that
 * it costs nothing while keys are good. A state of the ledger that holds the signature has to be sealed by a record that a commit
 * of the branch names, or by a checkpoint of a pipeline; and at that commit the branch has to have given the key to somebody, never yet revoked.
 */
export async function anchoring(
  ledger: Ledger,
  roster: Roster,
  signed: readonly Signed[],
  { now, openpgp }: Pick<JudgedAt, 'now' | 'openpgp'>,
): Promise<AnchoredAt> {
  const holds = (signature: SignatureRecord): boolean =>
    (openpgp?.(signature) ?? verifySignature(signature)).holds;
  const wanted = wantedOf(roster, signed, now, holds);
  // A shallow clone does not have what its commits stand on, and so not how old they can be.
  if (wanted.size === 0 || (await shallowCommits(ledger.repo)).size > 0) return NOT_ANCHORED;
  const history = await firstParents(ledger.repo, roster.commit);
  const since = Math.min(
    ...[...wanted.values()].map(({ signature }) => Date.parse(signature.recordedAt) || 0),
  );
  const checkpoints = await checkpointsOf(ledger, { roster, now, history });
  // No more hangs on how clocks differ than how far back is looked.
  const sealed = await sealedProofs(ledger, wanted, sealedTips(ledger, history, since - CLOCK_SKEW_MS));
  const proofs = [
    ...(await notBeforeCheckpoints(ledger, wanted, sealed, { checkpoints, history })),
    ...(await checkpointProofs(ledger, wanted, checkpoints)),
  ];
  const wasGiven = keyHistory(ledger);
  const times = new Map<string, number>();
  for (const { key, publicKey, commit, at } of proofs.sort((a, b) => a.at - b.at))
    if (!times.has(key) && (await wasGiven(commit, publicKey))) times.set(key, at);
  return (signature) => times.get(keyOf(signature)) ?? null;
}

interface Wanted {
  readonly object: string;
  readonly signature: SignatureRecord;
}

/** That a signature stood on its note when the branch was at a commit, and when that was at the earliest. */
interface Proof {
  readonly key: string;
  readonly publicKey: string;
  readonly commit: string;
  readonly at: number;
}

/** Signatures that hold, by keys that counted once and count no more. */
function wantedOf(
  roster: Roster,
  signed: readonly Signed[],
  now: number,
  holds: (signature: SignatureRecord) => boolean,
): Map<string, Wanted> {
  const lapsed = signed.flatMap(({ object, stored, signatures }) =>
    signatures
      .filter(({ record, publicKey }) => {
        const key = roster.byKey.get(publicKey)?.key;
        return key !== undefined && record === stored.digest && isOfItsTime(key, now);
      })
      .map((signature) => ({ object, signature })),
  );
  // Any number of junk ones of one record hides none of another.
  const turns = inTurn(
    lapsed.filter(({ signature }) => takesItsKey(signature)),
    ({ signature }) => signature.record,
  );
  const holding = turns.slice(0, MOST.checked).filter(({ signature }) => holds(signature));
  return new Map(holding.slice(0, MOST.signatures).map((one) => [keyOf(one.signature), one]));
}

/** The first sealed state that holds each. It is the signature that has to be there: a record can have stood unsigned for long. */
async function sealedProofs(
  ledger: Ledger,
  wanted: ReadonlyMap<string, Wanted>,
  tips: ReturnType<typeof sealedTips>,
): Promise<Proof[]> {
  const left = new Map(wanted);
  const proofs: Proof[] = [];
  let reads = 0;
  for await (const { tip, by } of tips) {
    for (const [key, { object, signature }] of left) {
      if (!(await isThere(ledger, tip, object, key))) continue;
      proofs.push({ key, publicKey: signature.publicKey, commit: by.oid, at: by.notBefore });
      left.delete(key);
    }
    reads += left.size;
    if (left.size === 0 || reads > MOST.reads) break;
  }
  return proofs;
}

/** What a pipeline signed: when the branch was at a commit, this was the ledger. */
interface Checkpoint {
  readonly tip: string;
  readonly target: string;
  /** By the pipeline's clock, which is the target's own. */
  readonly at: number;
}

interface CheckpointsOf {
  readonly roster: Roster;
  readonly now: number;
  /** What the branch was at. */
  readonly history: readonly BranchCommit[];
}

/** The checkpoints of pipelines whose keys count today, or they could date themselves. */
async function checkpointsOf(ledger: Ledger, { roster, now, history }: CheckpointsOf): Promise<Checkpoint[]> {
  if (roster.ci.length === 0) return [];
  const wasAt = new Set(history.map(({ oid }) => oid));
  const found: Checkpoint[] = [];
  const objects = await notesHolding(ledger, ['"agent-log/checkpoint/v1"']);
  for await (const note of notesOn(ledger, objects)) {
    const checkpoints = toldOn(note, 'checkpoint').filter(({ stored }) => wasAt.has(stored.record.target));
    const signatures = checkpoints.flatMap((told) => told.signatures);
    const openpgp = await openpgpVerdicts(ledger.repo, roster, signatures);
    for (const told of checkpoints) {
      const { tip, target, recordedAt } = told.stored.record;
      const at = Date.parse(recordedAt);
      if (at <= now && pipelineBehind(told, roster, { now, openpgp }) !== null)
        found.push({ tip, target, at });
    }
  }
  return found;
}

/** What was in the ledger as a pipeline saw it is as old as that. */
async function checkpointProofs(
  ledger: Ledger,
  wanted: ReadonlyMap<string, Wanted>,
  checkpoints: readonly Checkpoint[],
): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const { tip, target, at } of checkpoints)
    for (const [key, { object, signature }] of wanted)
      if (await isThere(ledger, tip, object, key))
        proofs.push({ key, publicKey: signature.publicKey, commit: target, at });
  return proofs;
}

/**
 * Commits choose their dates; pipelines tell the time. Where one saw the branch before a commit, and the ledger without the signature which that
 * commit proves, the commit came later, whatever date it has. A ledger that lacks it proves no more than this: it may not have been pushed yet.
 */
async function notBeforeCheckpoints(
  ledger: Ledger,
  wanted: ReadonlyMap<string, Wanted>,
  proofs: readonly Proof[],
  { checkpoints, history }: { readonly checkpoints: readonly Checkpoint[] } & Pick<CheckpointsOf, 'history'>,
): Promise<Proof[]> {
  const places = new Map(history.map(({ oid }, place) => [oid, place]));
  const placeOf = (oid: string): number => places.get(oid) ?? 0;
  const latestFirst = [...checkpoints].sort((a, b) => b.at - a.at);
  return Promise.all(
    proofs.map(async (proof) => {
      const object = wanted.get(proof.key)?.object ?? '';
      for (const { tip, target, at } of latestFirst)
        if (at > proof.at && placeOf(target) < placeOf(proof.commit))
          if (!(await isThere(ledger, tip, object, proof.key))) return { ...proof, at };
      return proof;
    }),
  );
}

async function isThere(ledger: Ledger, tip: string, object: string, key: string): Promise<boolean> {
  const note = await readNote(ledger, object, tip);
  const signatures = (note?.lines ?? []).filter(isReadable).filter(isSignature);
  return signatures.some(({ record }) => keyOf(record) === key);
}

function keyOf({ record, publicKey, signature }: SignatureRecord): string {
  return JSON.stringify([record, publicKey, signature]);
}
