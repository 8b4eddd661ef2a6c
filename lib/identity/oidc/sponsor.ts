import { AgentLogError } from '../../core/errors.ts';
import type { Person } from '../../core/person.ts';
import type { ApprovalRecord } from '../../core/records/record.ts';
import { personOfClaims } from '../ci-identity.ts';
import { personWithAccount, type Roster } from '../roster/roster.ts';
import { type Claims, type OidcTrust, verifyToken } from './token.ts';

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
  const { claims, trust } = read;
  const person = personOfClaims(claimsOf(claims, trust.host));
  if (person === null) throw noToken('it names no person');
  const { format, account } = accountIn(claims, person, trust.host);
  const by = trust.host === null ? verified(claims, person) : holderOf(account, person, trust, roster);
  return { by, imported: { format, account, at: new Date(now).toISOString() } };
}

/** What a host calls its accounts. At any other issuer these are free to choose, and no account of anybody's. */
const LOGIN_CLAIM = { github: 'actor', gitlab: 'user_login' } as const;

/** Without what would pass for a login at a host the issuer is not. */
function claimsOf(claims: Claims, host: OidcTrust['host']): Claims {
  const own = host === null ? null : LOGIN_CLAIM[host];
  if (own !== null && typeof claims[own] !== 'string') return {};
  const others = Object.values(LOGIN_CLAIM).filter((name) => name !== own);
  return { ...claims, ...Object.fromEntries(others.map((name) => [name, undefined])) };
}

function accountIn(
  claims: Claims,
  { email }: Person,
  host: OidcTrust['host'],
): { readonly format: string; readonly account: string } {
  if (host === null) return { format: 'oidc', account: email };
  return { format: `${host}-oidc`, account: String(claims[LOGIN_CLAIM[host]]) };
}

/** A name at an issuer nobody knows is no login at a host: there the address counts. */
function verified(claims: Claims, person: Person): Person {
  if (claims['email_verified'] !== true) throw noToken('nobody has verified its address');
  return { name: person.name, email: person.email };
}

/** Of a host the account counts, and no address somebody may have put into its profile. */
function holderOf(account: string, { name }: Person, { host, issuer }: OidcTrust, roster: Roster): Person {
  const known = host === null ? null : personWithAccount(roster, account, host);
  if (known !== null) return { name: known.name, email: known.email };
  return { name, email: `${account}@users.noreply.${domainOf(issuer)}` };
}

/** A login at an installation of its own is not the one of that name at github.com. */
function domainOf(issuer: string): string {
  const { hostname } = new URL(issuer);
  return hostname === 'token.actions.githubusercontent.com' ? 'github.com' : hostname;
}

function noToken(why: string): AgentLogError {
  return new AgentLogError('NOT_A_PERSON', 'answer', `the token makes nobody sponsor: ${why}`, {
    hints: [
      'The issuer, its keys, the audience and the project stand under ci: oidc: in .agent-log/sponsors.yaml at the target; nothing was written.',
    ],
  });
}
