import type { Judging } from '../../core/events/people.ts';
import { type StepTrust, trustIn } from '../../core/events/trust.ts';
import type { EventRecord } from '../../core/records/record.ts';
import type { Told } from './told.ts';

/** Says which steps are to be believed, and how far: what it says nothing of is asserted. */
export type Vouch = (told: readonly Told<EventRecord>[]) => Promise<ReadonlyMap<string, StepTrust>>;

/** What steps are judged by, where they are read together with their signatures. */
export interface VouchingJudging extends Omit<Judging, 'trustOf'> {
  /** Without it nothing counts as signed. */
  readonly vouch?: Vouch;
}

/** What steps that were read are judged by. */
export async function judgingOfTold(
  told: readonly Told<EventRecord>[],
  { now, people, vouch }: VouchingJudging,
): Promise<Judging> {
  const trustOf = trustIn((await vouch?.(told)) ?? new Map());
  return { now, trustOf, ...(people === undefined ? {} : { people }) };
}
