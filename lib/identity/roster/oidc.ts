import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Plain } from '../../core/yaml/plain.ts';
import type { IssuerKey, OidcTrust } from '../oidc/token.ts';
import type { Fields } from './fields.ts';

const MOST_KEYS = 20;
const LEAST_RSA_BITS = 2048;
const HINT =
  'Write issuer, audience, claims (such as {repository: org/app}) and keys: the `keys` of its JWKS, of kty RSA or EC P-256.';
const TEXT = /^[^\p{C}]{1,1000}$/u;

/** What `oidc` of a pipeline says; null where it does not, or where that is wrong. */
export function oidcAt(fields: Fields, value: Plain | undefined, where: string): OidcTrust | null {
  if (value === undefined || value === null) return null;
  const one = fields.object(value, where, ['issuer', 'audience', 'claims', 'keys', 'host']);
  if (one === null) return null;
  const issuer = fields.text(one['issuer'], `${where}.issuer`, /^https:\/\/[^\s\p{C}]{1,500}$/u, HINT);
  const audience = fields.text(one['audience'], `${where}.audience`, TEXT, HINT);
  const claims = claimsAt(fields, one['claims'], `${where}.claims`);
  const keys = fields
    .list(one['keys'], `${where}.keys`, MOST_KEYS)
    .flatMap((item, i) => issuerKeyAt(fields, item, `${where}.keys[${i}]`) ?? []);
  if (keys.length === 0) fields.fail(`${where}.keys`, 'names no key', HINT);
  const host = hostAt(fields, one['host'], `${where}.host`, issuer);
  if (issuer === null || audience === null || claims === null) return null;
  return { issuer, host, audience, claims, keys };
}

/** Issuers whose host is known; of one of its own somebody has to say which it is. */
const HOSTS: ReadonlyMap<string, OidcTrust['host']> = new Map([
  ['https://token.actions.githubusercontent.com', 'github'],
  ['https://gitlab.com', 'gitlab'],
]);
const HOST_HINT = 'Write host: github or gitlab for an installation of your own; other issuers have none.';

function hostAt(
  fields: Fields,
  value: Plain | undefined,
  where: string,
  issuer: string | null,
): OidcTrust['host'] {
  const known = HOSTS.get(issuer ?? '') ?? null;
  if (value === undefined || value === null) return known;
  const host = fields.text(value, where, /^(github|gitlab)$/, HOST_HINT) as OidcTrust['host'];
  if (known !== null && host !== null && host !== known)
    return fields.fail(where, `can't be ${host}: the issuer is ${known}'s`, HOST_HINT);
  return host;
}

/** At least one: who runs anything at a shared issuer gets tokens of it, for any audience. */
function claimsAt(
  fields: Fields,
  value: Plain | undefined,
  where: string,
): Readonly<Record<string, string>> | null {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    return fields.fail(where, 'says of no project that the tokens are its', HINT);
  const found = Object.entries(value).flatMap(([name, said]) => {
    const text = fields.text(said, `${where}.${name.slice(0, 60)}`, TEXT, HINT);
    return text === null ? [] : [[name, text] as const];
  });
  if (found.length > 0) return Object.fromEntries(found);
  return fields.fail(where, 'says of no project that the tokens are its', HINT);
}

function issuerKeyAt(fields: Fields, value: Plain, where: string): IssuerKey | null {
  const one = fields.object(value, where, [
    'kty',
    'kid',
    'alg',
    'use',
    'n',
    'e',
    'crv',
    'x',
    'y',
    'x5t',
    'x5c',
  ]);
  if (one === null) return null;
  const part = (name: string): string => (typeof one[name] === 'string' ? one[name] : '');
  const isRsa = part('kty') === 'RSA';
  const alg = isRsa ? 'RS256' : 'ES256';
  const jwk = isRsa
    ? { kty: 'RSA', n: part('n'), e: part('e') }
    : { kty: 'EC', crv: 'P-256', x: part('x'), y: part('y') };
  const isKnown = isRsa || (part('kty') === 'EC' && part('crv') === 'P-256');
  const key = isKnown ? publicKey(jwk) : null;
  const isOther = (part('alg') || alg) !== alg || (part('use') || 'sig') !== 'sig';
  if (key === null || isOther)
    return fields.fail(where, 'is no key that signs tokens by RS256 or ES256', HINT);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS;
  if (bits < LEAST_RSA_BITS) return fields.fail(where, `has less than ${LEAST_RSA_BITS} bits`, HINT);
  return { kid: part('kid') || null, alg, key };
}

function publicKey(jwk: Readonly<Record<string, string>>): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}
