import { AgentLogError } from '../core/errors.ts';
import type { Sponsor } from '../core/generated/execution-v1.types.ts';
import { type Person, parsePerson } from '../core/person.ts';
import type { GitConfig } from '../git/repository/config.ts';
import { isAgentAddress } from './agents/addresses.ts';
import { ciIdentity, readClaims } from './ci-identity.ts';

export type { Sponsor };

/** Where a sponsor may be named, strongest first. */
export interface SponsorSources {
  readonly flag?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: GitConfig;
}

/**
 * The human accountable for a unit of work, with where the name came from; null when nobody is named, or only an
 * agent's or a bot's address is.
 */
export function findSponsor(sources: SponsorSources): Sponsor | null {
  const { env, config } = sources;
  return (
    asSponsor(sources.flag, 'flag') ??
    asSponsor(env['AGENT_LOG_SPONSOR'], 'environment') ??
    asSponsor(config.get('agentlog.sponsor'), 'agent-log-config') ??
    ciSponsor(env) ??
    personOf(config.get('user.name'), config.get('user.email'))
  );
}

/** The person a flag names, and nobody else. Throws BAD_ARGUMENT when it names no person. */
export function sponsorNamed(flag: string): Sponsor {
  const sponsor = asSponsor(flag, 'flag');
  if (sponsor !== null) return sponsor;
  throw new AgentLogError('BAD_ARGUMENT', 'usage', `not a sponsor: ${flag}`, {
    hints: [
      'A sponsor is a person: --sponsor "Jane Doe <jane@example.com>". An agent or a bot can\'t be one.',
    ],
  });
}

function asSponsor(text: string | undefined, source: Sponsor['source']): Sponsor | null {
  const person = text === undefined ? null : parsePerson(text);
  return person === null ? null : humanOnly(person, source);
}

/** Before git's identity, which in a pipeline is a machine's more often than not. */
function ciSponsor(env: SponsorSources['env']): Sponsor | null {
  const person = ciIdentity(env, readClaims(env));
  return person === null ? null : { ...person, source: 'ci' };
}

function personOf(name: string | undefined, email: string | undefined): Sponsor | null {
  return name && email ? humanOnly({ name, email }, 'git-config') : null;
}

function humanOnly(person: Person, source: Sponsor['source']): Sponsor | null {
  return isAgentAddress(person.email) ? null : { name: person.name, email: person.email, source };
}
