import { compileGlob, problemOfGlob } from '../../core/paths/glob-match.ts';
import { RISK_CLASSES } from '../../core/risk/risk.ts';
import { NotPlain, type Plain, type PlainObject, parsePlainYaml } from '../../core/yaml/plain.ts';
import { isAgentAddress } from '../agents/addresses.ts';
import { parseOpenpgpKey } from '../signatures/openpgp.ts';
import { parsePublicKey, fingerprint as sshFingerprint } from '../signatures/public-key.ts';
import { Fields, isList, type Problem } from './fields.ts';
import { indexPeople } from './index-people.ts';
import { type Mailmap, NO_MAILMAP } from './mailmap.ts';
import { oidcAt } from './oidc.ts';
import {
  isService,
  ROLES,
  type Role,
  type Roster,
  type RosterCi,
  type RosterKey,
  type RosterPerson,
  type Sponsored,
  UNCLASSIFIED,
} from './roster.ts';

const MOST = { depth: 8, people: 20_000, items: 1000, keys: 20, ci: 100 } as const;
const NAME = /^[^\p{C}<>]{1,200}$/u;
const EMAIL = /^[^\p{C}\s<>@]{1,200}@[^\p{C}\s<>@]{1,200}$/u;
const LOGIN = /^@?[\w.-]{1,100}$/;
const TEAM = /^@[\w.-]{1,100}(\/[\w.-]{1,100}){1,5}$/;
const ADDRESS_HINT = 'Write an address such as jane@example.com.';
const KEY_HINT =
  "Write the one line of the key's .pub file: ssh-ed25519, ecdsa-sha2-nistp256 to 521, ssh-rsa of 2048 bits or more, or sk- of the first two.";

const OPENPGP_HINT =
  'Write the key itself, as `gpg --armor --export FINGERPRINT` prints it, as a block (key: |); its fingerprint may stand beside it.';

/** What a file says, and everything that is wrong with it. A roster with problems is not to be used. */
export interface ParsedRoster {
  readonly roster: Roster;
  readonly problems: readonly Problem[];
}

/** A roster nobody is in. */
export function emptyRoster(commit: string, mailmap: Mailmap = NO_MAILMAP): Roster {
  const nobody = { people: [], ci: [], services: [], teams: new Map() };
  return { commit, file: null, mailmap, ...nobody, byAddress: new Map(), byKey: new Map() };
}

/** Reads `.agent-log/sponsors.yaml`. Never throws: all that is wrong is told at once. */
export function parseRoster(
  text: string,
  from: { readonly commit: string; readonly file: string | null; readonly mailmap: Mailmap },
): ParsedRoster {
  const fields = new Fields();
  const top = topOf(fields, text);
  if (top === null) return { roster: emptyRoster(from.commit, from.mailmap), problems: fields.problems };
  const services = fields.texts(top['services'], 'services', {
    most: MOST.items,
    pattern: /^(\*|[^\p{C}\s<>@*]{1,200})@[^\p{C}\s<>@*]{1,200}$/u,
    hint: 'Write an address, or *@host for all addresses of a host.',
  });
  const said = { ...from, services: services.map((one) => one.toLowerCase()) };
  const people = fields
    .list(top['people'], 'people', MOST.people)
    .flatMap((one, i) => personAt(fields, one, `people[${i}]`, said) ?? []);
  const ci = fields.list(top['ci'], 'ci', MOST.ci).flatMap((one, i) => ciAt(fields, one, `ci[${i}]`) ?? []);
  const listed = { ...said, people, ci, teams: teamsOf(fields, top['teams']) };
  const roster = { ...listed, ...indexPeople(listed, fields) };
  return { roster, problems: fields.problems };
}

function topOf(fields: Fields, text: string): PlainObject | null {
  const value = plainOf(fields, text);
  if (value === undefined) return null;
  const top = fields.object(value, 'the file', ['version', 'people', 'ci', 'services', 'teams']);
  if (top !== null && top['version'] !== 1)
    return fields.fail(
      'version',
      'is not 1',
      'Begin with `version: 1`; a later one takes a newer git-agent-log.',
    );
  return top;
}

function plainOf(fields: Fields, text: string): Plain | undefined {
  try {
    return parsePlainYaml(text, MOST.depth);
  } catch (cause) {
    if (!(cause instanceof NotPlain)) throw cause;
    const detail = cause.cause instanceof Error ? `: ${cause.cause.message.split('\n')[0] ?? ''}` : '';
    fields.fail(
      'the file',
      `can't be read: ${cause.message}${detail}`,
      'Write plain YAML, without anchors and tags.',
    );
    return undefined;
  }
}

function personAt(
  fields: Fields,
  value: Plain,
  where: string,
  { services }: Pick<Roster, 'services'>,
): RosterPerson | null {
  const known = ['name', 'email', 'emails', 'accounts', 'keys', 'roles', 'sponsors'];
  const one = fields.object(value, where, known);
  if (one === null) return null;
  const name = fields.text(one['name'], `${where}.name`, NAME, 'Write the name of a person.');
  const email = fields.text(one['email'], `${where}.email`, EMAIL, ADDRESS_HINT);
  const like = { most: MOST.keys, pattern: EMAIL, hint: ADDRESS_HINT };
  const others = fields.texts(one['emails'], `${where}.emails`, like);
  const accounts = accountsOf(fields, one['accounts'], `${where}.accounts`);
  const keys = keysAt(fields, one['keys'], `${where}.keys`);
  const roles = rolesOf(fields, one['roles'], `${where}.roles`);
  const sponsors = sponsoredBy(fields, one['sponsors'], `${where}.sponsors`);
  if (name === null || email === null) return null;
  for (const address of [email, ...others])
    if (isAgentAddress(address) || isService({ services }, address))
      fields.fail(
        where,
        `${address} is no person's`,
        'An agent, a bot or a service answers for nothing: leave it out.',
      );
  const emails = [...new Set([email, ...others].map((address) => address.toLowerCase()))];
  return { name, email, emails, accounts, keys, roles, sponsors };
}

function accountsOf(fields: Fields, value: Plain | undefined, where: string): RosterPerson['accounts'] {
  const found =
    value === undefined || value === null ? {} : fields.object(value, where, ['github', 'gitlab']);
  const login = (host: 'github' | 'gitlab'): string | null => {
    const said = found?.[host];
    if (said === undefined || said === null) return null;
    return (
      fields.text(said, `${where}.${host}`, LOGIN, 'Write the login of the account.')?.replace('@', '') ??
      null
    );
  };
  return { github: login('github'), gitlab: login('gitlab') };
}

/** Without a list: what most people are named for. */
const USUAL_ROLES: readonly Role[] = ['sponsor', 'approver'];

function rolesOf(fields: Fields, value: Plain | undefined, where: string): readonly Role[] {
  if (value === undefined) return USUAL_ROLES;
  return fields.list(value, where, ROLES.length).flatMap((item, i) => {
    const role = ROLES.find((one) => one === item);
    return role ?? fields.fail(`${where}[${i}]`, 'is no role', `Roles are ${ROLES.join(', ')}.`) ?? [];
  });
}

function sponsoredBy(fields: Fields, value: Plain | undefined, where: string): Sponsored[] | null {
  if (value === undefined || value === null) return null;
  const hint = `Write a risk class (${RISK_CLASSES.join(', ')}), ${UNCLASSIFIED}, or a glob with a slash or a star, such as docs/**.`;
  return fields.list(value, where, MOST.items).flatMap((item, i) => {
    const text = fields.text(item, `${where}[${i}]`, /^[^\p{C}]{1,500}$/u, hint);
    if (text === null) return [];
    const name = [...RISK_CLASSES, UNCLASSIFIED as typeof UNCLASSIFIED].find((one) => one === text);
    if (name !== undefined) return { kind: 'class' as const, name };
    // A class misspelt would else be a glob for a file of that name.
    const isGlob = /[/*]/.test(text) && problemOfGlob(text) === null;
    if (isGlob) return { kind: 'glob' as const, glob: text, matches: compileGlob(text.replace(/^\//, '')) };
    return fields.fail(`${where}[${i}]`, `is no class and no glob: ${text}`, hint) ?? [];
  });
}

function ciAt(fields: Fields, value: Plain, where: string): RosterCi | null {
  const one = fields.object(value, where, ['name', 'keys', 'oidc']);
  const name = one && fields.text(one['name'], `${where}.name`, NAME, 'Write what the pipeline is called.');
  if (!one || name === null) return null;
  const keys = keysAt(fields, one['keys'], `${where}.keys`);
  if (keys.length === 0) fields.fail(`${where}.keys`, 'names no key', KEY_HINT);
  return { name, keys, oidc: oidcAt(fields, one['oidc'], `${where}.oidc`) };
}

function keysAt(fields: Fields, value: Plain | undefined, where: string): RosterKey[] {
  return fields
    .list(value, where, MOST.keys)
    .flatMap((item, i) => keyAt(fields, item, `${where}[${i}]`) ?? []);
}

function keyAt(fields: Fields, value: Plain, where: string): RosterKey | null {
  const isText = typeof value === 'string';
  const one: PlainObject | null = isText
    ? { key: value }
    : fields.object(value, where, ['key', 'fingerprint', 'from', 'until', 'revoked']);
  if (one === null) return null;
  const key = publicKeyOf(fields, one['key'], where);
  checkFingerprint(fields, one['fingerprint'], where, key);
  const from = fields.time(one['from'], `${where}.from`, false);
  const until = fields.time(one['until'], `${where}.until`, true);
  if (from !== null && until !== null && until <= from)
    fields.fail(where, 'ends before it begins', 'Write an `until` after its `from`.');
  const revoked = revokedAt(fields, one['revoked'], `${where}.revoked`);
  return key === null ? null : { ...key, from, until, revoked };
}

type NamedKey = Pick<RosterKey, 'key' | 'openpgp'>;

function publicKeyOf(fields: Fields, value: Plain | undefined, where: string): NamedKey | null {
  if (typeof value === 'string' && value.includes('-----BEGIN PGP')) {
    const read = parseOpenpgpKey(value);
    if (typeof read === 'string') return fields.fail(where, read, OPENPGP_HINT);
    return { key: read.text, openpgp: read.bytes };
  }
  const text = fields.text(value, where, /^[^\p{C}]{1,12000}$/u, KEY_HINT);
  if (text === null) return null;
  const key = parsePublicKey(text);
  if (key !== null) return { key: key.text };
  return fields.fail(where, 'is no public key that signs', isFingerprint(text) ? OPENPGP_HINT : KEY_HINT);
}

/** For people to compare: which key it is, the key itself says. */
function checkFingerprint(
  fields: Fields,
  value: Plain | undefined,
  where: string,
  key: NamedKey | null,
): void {
  if (value === undefined || value === null || key === null) return;
  const text = fields.text(value, `${where}.fingerprint`, /^[^\p{C}]{1,200}$/u, OPENPGP_HINT);
  const said = text?.replaceAll(' ', '').toUpperCase() ?? null;
  if (said !== null && key.key !== `openpgp ${said}` && text !== sshFingerprint(key.key))
    fields.fail(
      `${where}.fingerprint`,
      'is not that of the key',
      'Compare both with whoever the key belongs to.',
    );
}

function isFingerprint(text: string): boolean {
  return /^([0-9a-f]{4} *){10,16}$/i.test(text);
}

function revokedAt(fields: Fields, value: Plain | undefined, where: string): number | null {
  if (value === true) return 0;
  return value === false ? null : fields.time(value, where, false);
}

function teamsOf(fields: Fields, value: Plain | undefined): Map<string, string[]> {
  const teams = new Map<string, string[]>();
  if (value === undefined || value === null) return teams;
  if (typeof value !== 'object' || isList(value)) {
    fields.fail('teams', 'is no mapping', 'Write `"@org/team": [jane@example.com]`.');
    return teams;
  }
  for (const [name, members] of Object.entries(value)) {
    const where = `teams.${name.slice(0, 60)}`;
    const team = fields.text(name, where, TEAM, 'Name a team as CODEOWNERS does: @org/team.');
    const like = { most: MOST.items, pattern: EMAIL, hint: ADDRESS_HINT };
    if (team !== null) teams.set(team.toLowerCase(), fields.texts(members, where, like));
  }
  return teams;
}
