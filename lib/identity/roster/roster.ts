import type { Person } from '../../core/person.ts';
import type { RiskClass } from '../../core/risk/risk.ts';
import { isAgentAddress } from '../agents/addresses.ts';
import type { OidcTrust } from '../oidc/token.ts';
import { type Mailmap, mapped } from './mailmap.ts';

export const ROLES = ['sponsor', 'approver', 'audit', 'waivers', 'erase'] as const;
export type Role = (typeof ROLES)[number];

/** What a person may sponsor: files of a class, files without any, or files a glob names. */
export const UNCLASSIFIED = 'unclassified';

/** A key, and when it counts. Times in milliseconds since 1970. */
export interface RosterKey {
  /** `type base64`, or `openpgp FINGERPRINT`. */
  readonly key: string;
  /** An OpenPGP key, as gpg imports it. */
  readonly openpgp?: Buffer;
  readonly from: number | null;
  /** The first moment at which it counts no more. */
  readonly until: number | null;
  /** Since when it is in wrong hands; 0: nobody can tell since when. */
  readonly revoked: number | null;
}

/** A person who may answer for changes. */
export interface RosterPerson {
  readonly name: string;
  /** The address they go by: one person has one, however many they commit under. */
  readonly email: string;
  /** All their addresses, in lower case. */
  readonly emails: readonly string[];
  readonly accounts: { readonly github: string | null; readonly gitlab: string | null };
  readonly keys: readonly RosterKey[];
  readonly roles: readonly Role[];
  /** Classes and globs; null: anything. */
  readonly sponsors: readonly Sponsored[] | null;
}

/** One thing a person may sponsor. */
export type Sponsored =
  | { readonly kind: 'class'; readonly name: RiskClass | typeof UNCLASSIFIED }
  | { readonly kind: 'glob'; readonly glob: string; readonly matches: (path: string) => boolean };

/** A pipeline, and what it signs with. */
export interface RosterCi {
  readonly name: string;
  readonly keys: readonly RosterKey[];
  /** Whose tokens say who started it; null where none are believed. */
  readonly oidc: OidcTrust | null;
}

/** Who signs with a key. */
export type KeyHolder =
  | { readonly kind: 'person'; readonly person: RosterPerson; readonly key: RosterKey }
  | { readonly kind: 'ci'; readonly ci: RosterCi; readonly key: RosterKey };

/** Who may answer for changes, as one commit says. */
export interface Roster {
  /** The commit it was read from. */
  readonly commit: string;
  /** The file's object id; null where there is none, and nobody is known. */
  readonly file: string | null;
  readonly people: readonly RosterPerson[];
  readonly ci: readonly RosterCi[];
  /** Addresses that are never a person, in lower case; `*@host` for all of a host. */
  readonly services: readonly string[];
  /** Addresses of the members, by `@org/team` in lower case. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
  readonly mailmap: Mailmap;
  readonly byAddress: ReadonlyMap<string, RosterPerson>;
  readonly byKey: ReadonlyMap<string, KeyHolder>;
}

/** Somebody, by whatever name and address they were met. */
export interface KnownAs {
  /** The same for all addresses of one person. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Null for who is not in the roster. */
  readonly person: RosterPerson | null;
  /** False for an agent, a bot or a service. */
  readonly isHuman: boolean;
}

/** The person of the roster who has an address, by themselves, by the mailmap or by an account; null when nobody has. */
export function personOf(roster: Roster, email: string, name = ''): RosterPerson | null {
  const at = (address: string): RosterPerson | undefined => roster.byAddress.get(addressKey(address));
  return at(email) ?? at(mapped(roster.mailmap, { name, email }).email) ?? null;
}

/** Who somebody is. Two addresses the roster or the mailmap gives one person are one. */
export function whoIs(roster: Roster, { name, email }: Person): KnownAs {
  const person = personOf(roster, email, name);
  const { name: called, email: address } = person ?? mapped(roster.mailmap, { name, email });
  return {
    id: addressKey(address),
    name: called,
    email: address,
    person,
    isHuman: ![email, address].some((one) => isAgentAddress(one) || isService(roster, one)),
  };
}

/** True for an address the roster says is never a person. */
export function isService({ services }: Pick<Roster, 'services'>, email: string): boolean {
  const address = email.trim().toLowerCase();
  return services.some((one) => one === address || (one.startsWith('*@') && address.endsWith(one.slice(1))));
}

/** The person who has an account at a host; null when nobody has. */
export function personWithAccount(
  { people }: Pick<Roster, 'people'>,
  login: string,
  host: 'github' | 'gitlab' | null = null,
): RosterPerson | null {
  const wanted = login.replace(/^@/, '').toLowerCase();
  const has = ({ accounts: { github, gitlab } }: RosterPerson): boolean =>
    (host !== 'gitlab' && github?.toLowerCase() === wanted) ||
    (host !== 'github' && gitlab?.toLowerCase() === wanted);
  return people.find(has) ?? null;
}

/** A file of a change. */
export interface ChangedFile {
  readonly path: string;
  readonly classes: readonly string[];
}

/** Files a person may not sponsor; none when they may sponsor them all, all when they have not the role. */
export function notTheirs({ roles, sponsors }: RosterPerson, files: readonly ChangedFile[]): string[] {
  if (!roles.includes('sponsor')) return files.map(({ path }) => path);
  if (sponsors === null) return [];
  return files.filter((file) => !covers(sponsors, file)).map(({ path }) => path);
}

/** A file of two classes takes both of them, or a glob. */
function covers(sponsors: readonly Sponsored[], { path, classes }: ChangedFile): boolean {
  if (sponsors.some((one) => one.kind === 'glob' && one.matches(path))) return true;
  const named = new Set(sponsors.flatMap((one) => (one.kind === 'class' ? [one.name as string] : [])));
  return (classes.length === 0 ? [UNCLASSIFIED] : classes).every((name) => named.has(name));
}

const NOREPLY = /^(?:\d+[+-])?([^@+]+@users\.noreply\.git(?:hub|lab)\.com)$/;

/** One text for all spellings of an address: the number a host puts before an account's name is none of it. */
export function addressKey(email: string): string {
  const address = email.trim().toLowerCase();
  return NOREPLY.exec(address)?.[1] ?? address;
}

/** The OpenPGP keys of a roster, as gpg imports them; without those that are revoked. */
export function openpgpKeys({ people, ci }: Pick<Roster, 'people' | 'ci'>): Buffer[] {
  return [...people, ...ci].flatMap(({ keys }) =>
    keys.flatMap(({ openpgp, revoked }) => (openpgp === undefined || revoked !== null ? [] : [openpgp])),
  );
}
