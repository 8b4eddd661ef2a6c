import type { StepTrust } from '../core/events/trust.ts';
import type { EventRecord } from '../core/records/record.ts';
import type { Told } from '../ledger/told/told.ts';
import { type Roster, whoIs } from './roster/roster.ts';
import { type JudgedAt, judgeSignatures } from './signatures/judge.ts';

/**
 * How far steps are to be believed by the roster of the target, by their digests: what is signed neither by the person it names nor by a
 * pipeline is not there.
 */
export function trustOfSteps(
  steps: readonly Told<EventRecord>[],
  roster: Roster,
  at: JudgedAt,
): Map<string, StepTrust> {
  const trusted = new Map<string, StepTrust>();
  for (const told of steps) {
    const trust = trustOfStep(told, roster, at);
    if (trust !== null) trusted.set(told.stored.digest, trust);
  }
  return trusted;
}

function trustOfStep(
  { stored, signatures }: Told<EventRecord>,
  roster: Roster,
  at: JudgedAt,
): StepTrust | null {
  // Of keys nobody has no signature is worth looking at.
  const known = signatures.filter(({ publicKey }) => roster.byKey.has(publicKey));
  if (known.length === 0) return null;
  const { by } = stored.record;
  const person = by === null ? null : whoIs(roster, by).person;
  const signers = judgeSignatures({ stored, signatures: known }, roster, at);
  if (signers.some((one) => one.by.kind === 'person' && one.by.person === person)) return 'attested';
  return signers.some((one) => one.by.kind === 'ci') ? 'evaluated' : null;
}
