import { AgentLogError } from '../../core/errors.ts';
import type { Person } from '../../core/person.ts';
import type { ApprovalRecord } from '../../core/record.ts';
import { personOfClaims } from '../ci-identity.ts';
import { personWithAccount, type Roster } from '../roster/roster.ts';
import { type Claims, verifyToken } from './token.ts';

/** Whom a token names, and how a record says where that came from. */
export interface TokenHolder {
  readonly by: Person;
  readonly imported: NonNullable<ApprovalRecord['imported']>;
}

/**
 * The person a pipeline's token names, once it is shown to be of an issuer and a project that the target trusts. `now` is milliseconds since 1970.
 * Throws NOT_A_PERSON with why it names none.
 */
export function holderOfToken(token: string, roster: Roster, now: number): TokenHolder {
  const trusted = roster.ci.flatMap(({ oidc }) => oidc ?? []);
  const read = verifyToken(token, trusted, now);
  if (typeof read === 'string') throw noToken(read);
  const person = personOfClaims(read.claims);
  if (person === null) throw noToken('it names no person');
  const { format, account, host } = accountIn(read.claims, person);
  if (host === null && read.claims['email_verified'] !== true)
    throw noToken('nobody has verified its address');
  const known = host === null ? null : personWithAccount(roster, account, host);
  // Of a host the account counts, and no address somebody may have put into its profile.
  const email = host === null ? person.email : `${account}@users.noreply.${host}.com`;
  const by = known === null ? { name: person.name, email } : { name: known.name, email: known.email };
  return { by, imported: { format, account, at: new Date(now).toISOString() } };
}

interface Account {
  readonly format: string;
  readonly account: string;
  readonly host: 'github' | 'gitlab' | null;
}

/** A name at an issuer nobody knows is no login at a host: there the address counts. */
function accountIn({ actor, user_login: login }: Claims, { email }: Person): Account {
  if (typeof actor === 'string') return { format: 'github-oidc', account: actor, host: 'github' };
  if (typeof login === 'string') return { format: 'gitlab-oidc', account: login, host: 'gitlab' };
  return { format: 'oidc', account: email, host: null };
}

function noToken(why: string): AgentLogError {
  return new AgentLogError('NOT_A_PERSON', 'answer', `the token makes nobody sponsor: ${why}`, {
    hints: [
      'The issuer, its keys, the audience and the project stand under ci: oidc: in .agent-log/sponsors.yaml at the target; nothing was written.',
    ],
  });
}
