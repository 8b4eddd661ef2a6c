import type { LedgerRecord, SignatureRecord } from '../../core/records/record.ts';
import type { Told } from '../../ledger/told/told.ts';
import type { Roster, RosterCi, RosterKey, RosterPerson } from '../roster/roster.ts';
import type { OpenpgpVerdicts } from './openpgp-verdicts.ts';
import { fingerprint } from './public-key.ts';
import { takesItsKey, verifySignature } from './verify.ts';

/**
 * When the branch the roster is of anchored a signature, in milliseconds since 1970; null when it did not. Never what a signer says: that
 * could be any time at all.
 */
export type AnchoredAt = (signature: SignatureRecord) => number | null;

/** When signatures are judged. */
export interface JudgedAt {
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** As anchoring finds it. Without it all are judged by now. */
  readonly anchored?: AnchoredAt | undefined;
  /** As openpgpVerdicts finds them. Without them no OpenPGP signature counts. */
  readonly openpgp?: OpenpgpVerdicts | undefined;
}

/** A signature, and what it is worth by the roster of the target. */
export interface JudgedSignature {
  readonly id: string;
  /** `SHA256:…`, as `ssh-keygen -l` says it; of an OpenPGP key the fingerprint of its primary key. */
  readonly key: string;
  readonly holds: boolean;
  /** True when somebody touched the security key it was made with. */
  readonly present: boolean;
  /** Whose the key is, where it holds and counted then; else nobody's. */
  readonly by:
    | { readonly kind: 'person'; readonly person: RosterPerson }
    | { readonly kind: 'ci'; readonly ci: RosterCi }
    | { readonly kind: 'nobody' };
  /** Why it is nobody's. */
  readonly why: string | null;
}

/** Over this many of one record, somebody is wasting the reader's time. */
const MOST = 50;
/** Checking one takes a tenth of a millisecond. */
const MOST_OF_KNOWN_KEYS = 5000;

/** Judges the signatures of a record by who is in the roster. */
export function judgeSignatures(
  { signatures, stored }: Pick<Told<LedgerRecord>, 'signatures' | 'stored'>,
  roster: Roster,
  at: JudgedAt,
): JudgedSignature[] {
  const own = signatures.filter(({ record }) => record === stored.digest);
  // Those of keys nobody has come last: any number of them hides none that counts.
  const known = firstWhatMayHold(own.filter(({ publicKey }) => roster.byKey.has(publicKey)));
  const others = own.filter(({ publicKey }) => !roster.byKey.has(publicKey));
  const judged = [...known.slice(0, MOST_OF_KNOWN_KEYS), ...others.slice(0, MOST)].map((signature) =>
    judge(signature, roster, at),
  );
  const [left, ...more] = known.slice(MOST_OF_KNOWN_KEYS);
  return left === undefined ? judged : [...judged, notLookedAt(left, more.length + 1)];
}

/** Where there are more than are looked at: each but once, and what by its form alone is none comes last. */
function firstWhatMayHold(signatures: readonly SignatureRecord[]): readonly SignatureRecord[] {
  if (signatures.length <= MOST_OF_KNOWN_KEYS) return signatures;
  const once = [...new Map(signatures.map((one) => [`${one.publicKey}\n${one.signature}`, one])).values()];
  return [...once.filter(takesItsKey), ...once.filter((one) => !takesItsKey(one))];
}

/** Whoever reads why nothing counts has to read that not all was looked at. */
function notLookedAt({ id, publicKey }: SignatureRecord, count: number): JudgedSignature {
  const why = `there are too many signatures of it to look at: ${count} left out`;
  return { id, key: fingerprint(publicKey), holds: false, present: false, by: { kind: 'nobody' }, why };
}

/** Why signatures count for nothing, each reason once. */
export function whyNot(signatures: readonly JudgedSignature[]): string[] {
  return [...new Set(signatures.map(({ why }) => why ?? '').reverse())];
}

/** The pipeline that stands behind a record; null where none does. */
export function pipelineBehind(
  told: Parameters<typeof judgeSignatures>[0],
  roster: Roster,
  at: JudgedAt,
): string | null {
  for (const { by } of judgeSignatures(told, roster, at)) if (by.kind === 'ci') return by.ci.name;
  return null;
}

function judge(signature: SignatureRecord, roster: Roster, at: JudgedAt): JudgedSignature {
  const { holds, present, why } = at.openpgp?.(signature) ?? verifySignature(signature);
  const nobodys = (reason: string): JudgedSignature => ({ ...said, by: { kind: 'nobody' }, why: reason });
  const said = { id: signature.id, key: fingerprint(signature.publicKey), holds, present };
  const holder = roster.byKey.get(signature.publicKey);
  // gpg is asked about no other key.
  if (holder === undefined && signature.format === 'openpgp') return nobodys(NOBODYS);
  if (why !== null) return nobodys(why);
  if (holder === undefined) return nobodys(NOBODYS);
  const problem = problemOf(holder.key, signature, at);
  if (problem !== null) return nobodys(problem);
  return {
    ...said,
    by: holder.kind === 'ci' ? { kind: 'ci', ci: holder.ci } : { kind: 'person', person: holder.person },
    why: null,
  };
}

const NOBODYS = "its key is nobody's at the target";

/** Why a key did not count for a signature; null when it did. What no protected branch has anchored is judged by today. */
function problemOf(key: RosterKey, signature: SignatureRecord, { now, anchored }: JudgedAt): string | null {
  const today = outOfForce(key, now, 'is');
  const then = today !== null && isOfItsTime(key, now) ? (anchored?.(signature) ?? null) : null;
  return then === null ? today : outOfForce(key, then, 'was');
}

/** True for a key that counts no more and may have counted before. Of one that was in wrong hands nobody knows how long, nothing counts. */
export function isOfItsTime({ until, revoked }: RosterKey, now: number): boolean {
  if (revoked === 0) return false;
  return (revoked !== null && now >= revoked) || (until !== null && now >= until);
}

function outOfForce({ from, until, revoked }: RosterKey, at: number, tense: 'is' | 'was'): string | null {
  if (revoked !== null && at >= revoked)
    return tense === 'is' ? 'its key is revoked' : 'its key was revoked then';
  if (from !== null && at < from) return 'its key did not count yet';
  return until !== null && at >= until ? 'its key counts no more' : null;
}
