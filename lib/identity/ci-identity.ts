import { closeSync, openSync, readSync } from 'node:fs';
import { formatPerson, type Person, parsePerson } from '../core/person.ts';
import { isAgentAddress } from './agents/addresses.ts';

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
  const told = claims === null ? null : personOfClaims(parsed(claims));
  if (told !== null) return told;
  if (env['GITHUB_ACTIONS'] === 'true') return fromGitHub(env);
  if (env['GITLAB_CI'] === 'true')
    return accountHolder(env['GITLAB_USER_LOGIN'], env['GITLAB_USER_NAME'], env['GITLAB_USER_EMAIL']);
  return null;
}

/** The claims a pipeline left in a file; null without one that can be read: then nobody is named by them. */
export function readClaims(env: Env): string | null {
  const read = claimsFile(env);
  return read === null || 'problem' in read ? null : read.text;
}

/** Why the file of claims that is named can't be used; null where it can, or none is named. Its path is nobody else's business. */
export function claimsProblem(env: Env): string | null {
  const read = claimsFile(env);
  if (read === null) return null;
  if ('problem' in read) return `the file that ${CLAIMS_VARIABLE} names ${read.problem}`;
  if (personOfClaims(parsed(read.text)) !== null) return null;
  return `the claims that ${CLAIMS_VARIABLE} names are of no person`;
}

function claimsFile(env: Env): { readonly text: string } | { readonly problem: string } | null {
  const path = env[CLAIMS_VARIABLE];
  if (!path) return null;
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MAX_CLAIMS_BYTES + 1);
      const length = readSync(file, bytes);
      if (length > MAX_CLAIMS_BYTES) return { problem: `is over ${MAX_CLAIMS_BYTES} bytes` };
      return { text: bytes.toString('utf8', 0, length) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { problem: `can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
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

/** The person that claims name; null where it is none. GitHub's and GitLab's have names of their own; others use those of OpenID. */
export function personOfClaims(claims: Claims): Person | null {
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
