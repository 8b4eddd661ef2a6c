import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { NOW } from './records.ts';

export const ISSUER = 'https://token.actions.githubusercontent.com';
export const AUDIENCE = 'git-agent-log';
export const PROJECT = { repository: 'bank/payments' };

/** A key of an issuer. */
export interface IssuerTestKey {
  readonly alg: 'RS256' | 'ES256';
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** As a JWKS has it. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export function issuerKey(alg: IssuerTestKey['alg'], kid: string, bits = 2048): IssuerTestKey {
  const { publicKey, privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { alg, kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

/** What a token says, where a test does not want something else. */
export function claimsAt(now: number = NOW): Record<string, unknown> {
  const seconds = Math.floor(now / 1000);
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    ...PROJECT,
    actor: 'jane',
    actor_id: '7',
    iat: seconds,
    nbf: seconds,
    exp: seconds + 300,
  };
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function tokenOf(
  { alg, kid, privateKey }: IssuerTestKey,
  claims: object,
  header: object = {},
): string {
  const signed = `${part({ typ: 'JWT', alg, kid, ...header })}.${part(claims)}`;
  const key = alg === 'RS256' ? privateKey : { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** The `oidc` of a pipeline in a roster, as YAML, which JSON is. */
export function oidcYaml(keys: readonly IssuerTestKey[], more: object = {}): string {
  const said = {
    issuer: ISSUER,
    audience: AUDIENCE,
    claims: PROJECT,
    keys: keys.map(({ jwk }) => jwk),
    ...more,
  };
  return JSON.stringify(said);
}
