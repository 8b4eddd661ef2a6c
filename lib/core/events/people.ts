import type { Person } from '../person.ts';
import type { TrustOf } from './trust.ts';

/** What is known of people: who is who behind their addresses, and who may do what. */
export interface KnownPeople {
  /** The same text for every address of one person. */
  readonly canonical: (person: Person) => string;
  readonly holds: (person: Person, role: string) => boolean;
  readonly anybodyHolds: (role: string) => boolean;
}

/** Where nobody keeps a list of people: one address is one person, and no role is given to anybody. */
export const NOBODY_KNOWN: KnownPeople = {
  canonical: ({ email }) => email.trim().toLowerCase(),
  holds: () => false,
  anybodyHolds: () => false,
};

/** Whether somebody may do what a role is for. Where nobody holds it, everybody may. */
export function mayAct(people: KnownPeople, person: Person | null, role: string): boolean {
  return !people.anybodyHolds(role) || (person !== null && people.holds(person, role));
}

/** What steps are judged by. */
export interface Judging {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly people?: KnownPeople;
  /** How far each step is to be believed. Without it all are asserted. */
  readonly trustOf?: TrustOf;
}
