import { closeSync, openSync, readSync } from 'node:fs';
import { formatPerson, type Person, parsePerson } from '../core/person.ts';
import { isAgentAddress } from './addresses.ts';

type Env = Readonly<Record<string, string | undefined>>;
type Claims = Readonly<Record<string, unknown>>;

/** Names the file with the claims of the pipeline's OIDC token, as JSON and without the token itself. */
const CLAIMS_VARIABLE = 'AGENT_LOG_OIDC_CLAIMS';
const MAX_CLAIMS_BYTES = 64 * 1024;

/**
 * The person a pipeline runs for, as the CI system says in its environment or its claims; null when it names none, or a bot, a service account or
 * an agent. Nobody's signature is checked: that takes the system's keys and a network. Whoever runs the pipeline could have set it.
 */
export function ciIdentity(env: Env, claims: string | null): Person | null {
  const told = claims === null ? null : fromClaims(parsed(claims));
  if (told !== null) return told;
  if (env['GITHUB_ACTIONS'] === 'true') return fromGitHub(env);
  if (env['GITLAB_CI'] === 'true')
    return accountHolder(env['GITLAB_USER_LOGIN'], env['GITLAB_USER_NAME'], env['GITLAB_USER_EMAIL']);
  return null;
}

/** The claims a pipeline left in a file; null without one that can be read: then nobody is named by them. */
export function readClaims(env: Env): string | null {
  const path = env[CLAIMS_VARIABLE];
  if (!path) return null;
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MAX_CLAIMS_BYTES + 1);
      const length = readSync(file, bytes);
      return length > MAX_CLAIMS_BYTES ? null : bytes.toString('utf8', 0, length);
    } finally {
      closeSync(file);
    }
  } catch {
    // A sponsor who is not there is told as such by the record and by every check.
    return null;
  }
}

/** Whoever started this run; who started the first one is another person when somebody ran it again. */
function fromGitHub(env: Env): Person | null {
  const [first, again] = [env['GITHUB_ACTOR'], env['GITHUB_TRIGGERING_ACTOR']];
  const login = again || first;
  const id = login === first ? env['GITHUB_ACTOR_ID'] : undefined;
  return login ? accountHolder(login, login, githubAddress(login, id)) : null;
}

function githubAddress(login: string, id: string | undefined): string {
  return `${id !== undefined && /^\d{1,20}$/.test(id) ? `${id}+` : ''}${login}@users.noreply.github.com`;
}

/** GitHub's and GitLab's claims have names of their own; others use those of OpenID. */
function fromClaims(claims: Claims): Person | null {
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [actor, user] = [text('actor'), text('user_login')];
  if (actor !== undefined) return accountHolder(actor, actor, githubAddress(actor, text('actor_id')));
  if (user !== undefined) return accountHolder(user, text('user_name') ?? user, text('user_email'));
  if (claims['email_verified'] === false) return null;
  const login = text('preferred_username');
  return accountHolder(login, text('name') ?? login ?? text('email'), text('email'));
}

/** Accounts hosts make for projects, groups and programs, and those that clouds make for machines. */
const NO_PERSON_LOGIN =
  /\[bot\]$|^(project|group)_\d+_bot(_|$)|^service_account_|^(alert|support|security)-bot$|^ghost$/i;
const NO_PERSON_ADDRESS = /\.gserviceaccount\.com$|^(project|group)_\d+_bot|^service_account_/i;

function accountHolder(
  login: string | undefined,
  name: string | undefined,
  email: string | undefined,
): Person | null {
  if (name === undefined || email === undefined || name.length > 200 || email.length > 320) return null;
  if (NO_PERSON_LOGIN.test(login ?? '') || NO_PERSON_ADDRESS.test(email)) return null;
  if (isAgentAddress(email) || /\p{C}/u.test(name + email)) return null;
  return parsePerson(formatPerson({ name, email }));
}

function parsed(text: string): Claims {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : {};
  } catch {
    return {};
  }
}
