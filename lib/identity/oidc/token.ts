import { type KeyObject, verify } from 'node:crypto';

/** A key an issuer signs tokens with. */
export interface IssuerKey {
  /** Null where the issuer gives it no name. */
  readonly kid: string | null;
  readonly alg: 'RS256' | 'ES256';
  readonly key: KeyObject;
}

/** Whose tokens are believed, and which of them: an issuer signs them for everybody who runs anything there. */
export interface OidcTrust {
  readonly issuer: string;
  /** Whose accounts its tokens name; null for an issuer at which a login is nobody's account at a host. */
  readonly host: 'github' | 'gitlab' | null;
  readonly audience: string;
  /** Claims a token has to have, with these very values: which project it is of. */
  readonly claims: Readonly<Record<string, string>>;
  readonly keys: readonly IssuerKey[];
}

export type Claims = Readonly<Record<string, unknown>>;

const MAX_BYTES = 16 * 1024;
const SKEW_S = 60;

/**
 * The claims of a token (RFC 7519) that one of some issuers signed (RS256 or ES256, RFC 7515), for the audience and the project that are trusted, in its
 * time; why it is worth nothing, in a few words, where it is none. `now` is milliseconds since 1970. Asks nobody: the keys are those that were pinned.
 */
export function verifyToken(
  token: string,
  trusted: readonly OidcTrust[],
  now: number,
): { readonly claims: Claims; readonly trust: OidcTrust } | string {
  const text = token.trim();
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(text);
  if (text.length > MAX_BYTES || parts === null) return 'it is no token';
  const [, head = '', body = '', mark = ''] = parts;
  const [header, claims, signature] = [objectIn(head), objectIn(body), bytesIn(mark)];
  if (header === null || claims === null || signature === null) return 'it is no token';
  if (header['crit'] !== undefined) return 'it asks for more than is understood here';
  const trusts = trusted.filter(({ issuer }) => issuer === claims['iss']);
  if (trusts.length === 0) return 'its issuer is not trusted at the target';
  const keys = trusts.flatMap((trust) => trust.keys.filter((key) => isMeant(key, header)));
  const signed = Buffer.from(`${head}.${body}`, 'latin1');
  const signer = keys.find((key) => holds(key, signed, signature));
  if (signer === undefined) return 'no key of its issuer at the target has signed it';
  const early = problemOfTime(claims, now / 1000);
  if (early !== null) return early;
  const own = trusts.filter((trust) => trust.keys.includes(signer));
  const meant = own.filter(({ audience }) => isFor(claims['aud'], audience));
  if (meant.length === 0) return 'it was made for another audience';
  const trust = meant.find((one) =>
    Object.entries(one.claims).every(([name, value]) => claims[name] === value),
  );
  return trust !== undefined ? { claims, trust } : 'it is of another project than the one at the target';
}

function isMeant({ kid, alg }: IssuerKey, header: Claims): boolean {
  return header['alg'] === alg && (kid === null || header['kid'] === kid);
}

function holds({ alg, key }: IssuerKey, data: Buffer, signature: Buffer): boolean {
  try {
    if (alg === 'RS256') return verify('sha256', data, key, signature);
    return signature.length === 64 && verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

function problemOfTime({ exp, nbf, iat }: Claims, now: number): string | null {
  const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  if (!isTime(exp)) return 'it does not say when it ends';
  if (now >= exp + SKEW_S) return 'its time is over';
  for (const begin of [nbf, iat]) {
    if (begin === undefined) continue;
    if (!isTime(begin) || now < begin - SKEW_S) return 'its time has not come';
  }
  return null;
}

function isFor(aud: unknown, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.includes(audience));
}

/** A part of a token: base64url, in the one spelling an encoder gives. */
function bytesIn(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : null;
}

function objectIn(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(bytesIn(part)?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null;
  } catch {
    return null;
  }
}
