import type { KnownPeople } from '../../core/events/people.ts';
import { ROLES, type Role, type Roster, whoIs } from './roster.ts';

/** What a roster says of people, as exceptions and waivers are judged by it. */
export function knownPeople(roster: Roster): KnownPeople {
  const isRole = (role: string): role is Role => ROLES.some((one) => one === role);
  return {
    canonical: (person) => whoIs(roster, person).id,
    holds: (person, role) => isRole(role) && whoIs(roster, person).person?.roles.includes(role) === true,
    anybodyHolds: (role) => isRole(role) && roster.people.some(({ roles }) => roles.includes(role)),
  };
}
