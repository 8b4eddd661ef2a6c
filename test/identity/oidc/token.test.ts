import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holderOfToken } from '../../../lib/identity/oidc/sponsor.ts';
import { verifyToken } from '../../../lib/identity/oidc/token.ts';
import { NO_MAILMAP } from '../../../lib/identity/roster/mailmap.ts';
import { type ParsedRoster, parseRoster } from '../../../lib/identity/roster/parse.ts';
import { claimsAt, ISSUER, issuerKey, oidcYaml, tokenOf } from '../../support/oidc.ts';
import { NOW } from '../../support/records.ts';
import { ed25519Key } from '../../support/ssh-keys.ts';

const [RSA, EC, OTHER] = [issuerKey('RS256', 'one'), issuerKey('ES256', 'two'), issuerKey('RS256', 'one')];
const CI = ed25519Key().text;

function parsed(oidc: string): ParsedRoster {
  const people = '[{name: Jane Doe, email: jane@example.com, accounts: {github: Jane, gitlab: jdoe}}]';
  return parseRoster(`version: 1\npeople: ${people}\nci: [{name: main, keys: ["${CI}"], oidc: ${oidc}}]\n`, {
    commit: 'c'.repeat(40),
    file: null,
    mailmap: NO_MAILMAP,
  });
}

const { roster } = parsed(oidcYaml([RSA, EC]));
const TRUSTED = roster.ci.flatMap(({ oidc }) => oidc ?? []);
const why = (token: string, now = NOW): unknown => verifyToken(token, TRUSTED, now);

describe('a token of a pipeline', () => {
  it.each([RSA, EC])('holds where a pinned key of its issuer signed it: $alg', (key) => {
    expect(why(tokenOf(key, claimsAt()))).toMatchObject({ claims: { actor: 'jane' } });
    expect(why(`${tokenOf(key, { ...claimsAt(), aud: ['x', 'git-agent-log'] })}\n`)).toHaveProperty('claims');
  });

  it('attack: one that is not signed, or by a secret that is the public key, or by another key, is none', () => {
    const [head = '', body = ''] = tokenOf(RSA, claimsAt()).split('.');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const no = 'no key of its issuer at the target has signed it';
    expect(why(`${unsigned}.${body}.`)).toBe('it is no token');
    expect(why(`${unsigned}.${body}.AAAA`)).toBe(no);
    const hmac = Buffer.from('{"alg":"HS256","kid":"one"}').toString('base64url');
    const secret = createHmac('sha256', JSON.stringify(RSA.jwk))
      .update(`${hmac}.${body}`)
      .digest('base64url');
    expect(why(`${hmac}.${body}.${secret}`)).toBe(no);
    expect(why(tokenOf(OTHER, claimsAt()))).toBe(no);
    expect(why(tokenOf(RSA, claimsAt(), { kid: 'two' }))).toBe(no);
    expect(why(tokenOf(RSA, claimsAt(), { alg: 'ES256', kid: 'two' }))).toBe(no);
    expect(why(tokenOf(RSA, claimsAt(), { alg: 'RS512' }))).toBe(no);
    const changed = Buffer.from(JSON.stringify({ ...claimsAt(), actor: 'mallory' })).toString('base64url');
    expect(why(`${head}.${changed}.${tokenOf(RSA, claimsAt()).split('.')[2]}`)).toBe(no);
  });

  it('attack: one of another issuer, audience or project is none', () => {
    expect(why(tokenOf(RSA, { ...claimsAt(), iss: `${ISSUER}/` }))).toBe(
      'its issuer is not trusted at the target',
    );
    expect(why(tokenOf(RSA, { ...claimsAt(), aud: 'sigstore' }))).toBe('it was made for another audience');
    expect(why(tokenOf(RSA, { ...claimsAt(), aud: undefined }))).toBe('it was made for another audience');
    for (const repository of ['mallory/payments', undefined, ['bank/payments']])
      expect(why(tokenOf(RSA, { ...claimsAt(), repository }))).toBe(
        'it is of another project than the one at the target',
      );
  });

  it('attack: one before or after its time, or that has none, is none', () => {
    const token = tokenOf(RSA, claimsAt());
    expect(why(token, NOW + 359_000)).toHaveProperty('claims');
    expect(why(token, NOW + 361_000)).toBe('its time is over');
    expect(why(token, NOW - 61_000)).toBe('its time has not come');
    expect(why(tokenOf(RSA, { ...claimsAt(), exp: undefined }))).toBe('it does not say when it ends');
    expect(why(tokenOf(RSA, { ...claimsAt(), exp: '9999999999' }))).toBe('it does not say when it ends');
    expect(why(tokenOf(RSA, { ...claimsAt(), nbf: 'x' }))).toBe('its time has not come');
  });

  it('attack: what asks for more, is written twice as long, or is not JSON, is none', () => {
    expect(why(tokenOf(RSA, claimsAt(), { crit: ['b64'], b64: false }))).toBe(
      'it asks for more than is understood here',
    );
    // 64 bytes leave four bits of the last letter over.
    const [token, alphabet] = [
      tokenOf(EC, claimsAt()),
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
    ];
    const last = alphabet.indexOf(token.at(-1) ?? '');
    expect(why(token.slice(0, -1) + (alphabet[last + 1] ?? ''))).toBe('it is no token');
    expect(why('a.b.c')).toBe('it is no token');
    expect(why('')).toBe('it is no token');
    expect(why(tokenOf(RSA, { ...claimsAt(), more: 'x'.repeat(20_000) }))).toBe('it is no token');
    expect(why(tokenOf(RSA, [1]))).toBe('it is no token');
  });

  it('never throws, and never holds by chance', () => {
    const token = tokenOf(EC, claimsAt());
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom('A', '.', '-', '!', '\n', 'é'), (at, char) => {
        const other = token.slice(0, at) + char + token.slice(at + 1);
        if (other !== token) expect(typeof why(other)).toBe('string');
      }),
    );
  });
});

describe('whom a token names', () => {
  const named = (claims: object): object =>
    holderOfToken(tokenOf(RSA, { ...claimsAt(), actor: undefined, ...claims }), roster, NOW);

  const namedAt = (issuer: string, more: object, claims: object): object =>
    holderOfToken(
      tokenOf(RSA, { ...claimsAt(), actor: undefined, iss: issuer, ...claims }),
      parsed(oidcYaml([RSA], { issuer, ...more })).roster,
      NOW,
    );

  it('is the person of the roster with the account, or who the claims say', () => {
    expect(named({ actor: 'jane' })).toMatchObject({
      by: { email: 'jane@example.com' },
      imported: { format: 'github-oidc', account: 'jane' },
    });
    const user = { user_login: 'jdoe', user_email: 'x@example.com' };
    expect(namedAt('https://gitlab.com', {}, user)).toMatchObject({
      by: { email: 'jane@example.com' },
      imported: { format: 'gitlab-oidc', account: 'jdoe' },
    });
    expect(named({ actor: 'someone' })).toMatchObject({
      by: { email: 'someone@users.noreply.github.com' },
    });
  });

  it('attack: an address in the profile of an account at a host is not believed', () => {
    const claims = { user_login: 'mallory', user_name: 'Jane Doe', user_email: 'jane@example.com' };
    expect(namedAt('https://gitlab.com', {}, claims)).toMatchObject({
      by: { email: 'mallory@users.noreply.gitlab.com' },
    });
    expect(namedAt('https://git.bank.example', { host: 'gitlab' }, claims)).toMatchObject({
      by: { email: 'mallory@users.noreply.git.bank.example' },
    });
  });

  it('attack: what a host calls an account is at another issuer nobody’s account', () => {
    const own = 'https://ghes.bank.example/_services/token';
    for (const claims of [{ actor: 'jane' }, { user_login: 'jdoe', user_email: 'x@y.example' }])
      expect(() => namedAt(own, {}, claims)).toThrow('the token makes nobody sponsor');
    const mallory = { name: 'Mallory', email: 'mallory@example.com', email_verified: true };
    expect(namedAt(own, {}, { ...mallory, actor: 'jane', user_login: 'jdoe' })).toMatchObject({
      by: { email: 'mallory@example.com' },
      imported: { format: 'oidc', account: 'mallory@example.com' },
    });
    expect(namedAt(own, { host: 'github' }, { actor: 'jane', user_login: 'x' })).toMatchObject({
      by: { email: 'jane@example.com' },
      imported: { format: 'github-oidc' },
    });
    expect(() => namedAt(own, { host: 'github' }, { ...mallory, user_login: 'jdoe' })).toThrow('no person');
    expect(() => named({ user_login: 'jdoe', user_email: 'x@y.example' })).toThrow('no person');
  });

  it('attack: a name at an issuer nobody knows is no login at a host', () => {
    const claims = {
      preferred_username: 'jane',
      name: 'Mallory',
      email: 'mallory@example.com',
      email_verified: true,
    };
    expect(namedAt('https://idp.example', {}, claims)).toMatchObject({
      by: { email: 'mallory@example.com' },
      imported: { format: 'oidc', account: 'mallory@example.com' },
    });
  });

  it('attack: a bot, nobody, and an address nobody has verified, are no sponsor', () => {
    expect(() => named({ actor: 'dependabot[bot]' })).toThrow('the token makes nobody sponsor');
    for (const claims of [
      {},
      { name: 'J', email: 'jane@example.com' },
      { name: 'J', email: 'jane@example.com', email_verified: false },
    ])
      expect(() => namedAt('https://idp.example', {}, claims)).toThrow('the token makes nobody sponsor');
  });
});

describe('what a roster trusts', () => {
  const problems = (oidc: string): string[] =>
    parsed(oidc).problems.map(({ where, what }) => `${where} ${what}`);

  it('is told with all that is wrong', () => {
    expect(problems(oidcYaml([RSA], { claims: {} }))).toEqual([
      'ci[0].oidc.claims says of no project that the tokens are its',
    ]);
    expect(problems(oidcYaml([RSA], { issuer: 'http://x', keys: [] }))).toEqual([
      "ci[0].oidc.issuer can't be http://x",
      'ci[0].oidc.keys names no key',
    ]);
    expect(problems(oidcYaml([RSA], { host: 'gitlab' }))).toEqual([
      "ci[0].oidc.host can't be gitlab: the issuer is github's",
    ]);
    expect(problems(oidcYaml([RSA], { issuer: 'https://x.example', host: 'gitea' }))).toEqual([
      "ci[0].oidc.host can't be gitea",
    ]);
    expect(problems(oidcYaml([issuerKey('RS256', 'short', 1024)]))[0]).toBe(
      'ci[0].oidc.keys[0] has less than 2048 bits',
    );
    const secret = { ...EC.jwk, ...EC.privateKey.export({ format: 'jwk' }) };
    expect(problems(oidcYaml([], { keys: [secret] }))[0]).toBe('ci[0].oidc.keys[0].d is not known here');
    expect(problems(oidcYaml([], { keys: [{ ...RSA.jwk, alg: 'HS256' }] }))[0]).toMatch(
      /is no key that signs tokens/,
    );
  });
});
