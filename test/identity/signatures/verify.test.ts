import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePublicKey } from '../../../lib/identity/signatures/public-key.ts';
import { decodeSshSignature } from '../../../lib/identity/signatures/sshsig.ts';
import { verifySignature } from '../../../lib/identity/signatures/verify.ts';
import {
  armored,
  ecdsaSecurityKey,
  ed25519Key,
  securityKey,
  signatureOf,
  sshString,
} from '../../support/ssh-keys.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const KEY = ed25519Key();

describe('a signature of a record', () => {
  it('holds for its record and its key, and for nothing else', () => {
    const record = signatureOf(KEY, DIGEST);
    expect(verifySignature(record)).toEqual({
      holds: true,
      key: KEY.text,
      namespace: 'agent-log',
      present: false,
      why: null,
    });
    const other = `sha256:${'b'.repeat(64)}`;
    expect(verifySignature({ ...record, record: other })).toMatchObject({ holds: false });
    expect(verifySignature({ ...record, publicKey: ed25519Key().text })).toMatchObject({
      holds: false,
      why: 'it is by another key than its record names',
    });
  });

  it.each(['git', 'file', 'agent-log ', 'agent-log\0', 'Agent-Log'])(
    'attack: one the same key made for something else (%j)',
    (namespace) => {
      expect(verifySignature(signatureOf(KEY, DIGEST, { namespace }))).toMatchObject({
        holds: false,
        namespace,
        why: 'it was made for something else',
      });
    },
  );

  it.each([
    ['Ed25519', securityKey],
    ['ECDSA', ecdsaSecurityKey],
  ])('says whether somebody touched the security key (%s)', (_, make) => {
    const key = make();
    expect(verifySignature(signatureOf(key, DIGEST))).toMatchObject({ holds: true, present: true });
    expect(verifySignature(signatureOf(key, DIGEST, { flags: 0 }))).toMatchObject({
      holds: true,
      present: false,
    });
    const touched = signatureOf(key, DIGEST, { flags: 0 });
    const bytes = Buffer.from(touched.signature.replaceAll(/-----.*-----|\n/g, ''), 'base64');
    bytes[bytes.length - 5] = 1;
    expect(verifySignature({ ...touched, signature: armored(bytes) })).toMatchObject({ holds: false });
  });

  it('attack: something behind it, or before it, or a spelling of its own', () => {
    const { signature } = signatureOf(KEY, DIGEST);
    expect(decodeSshSignature(signatureOf(KEY, DIGEST, { after: Buffer.from([0]) }).signature)).toBe(
      'something follows it',
    );
    for (const text of [
      ` ${signature}`,
      `${signature}\n`,
      signature.replace('\n-----END', '=\n-----END'),
      '',
    ])
      expect(decodeSshSignature(text), text).toBe('it is no SSH signature');
  });

  it('attack: a hash or an RSA key too weak to count', () => {
    const fields = (hash: string): Buffer[] =>
      [KEY.blob, 'agent-log', '', hash, 'x'].map((field) => sshString(Buffer.from(field)));
    const blob = Buffer.concat([Buffer.from('SSHSIG\0\0\0\u0001', 'latin1'), ...fields('sha1')]);
    expect(decodeSshSignature(armored(blob))).toBe('its hash is of no kind that counts');
    const short = Buffer.concat(
      ['ssh-rsa', '\u0003', `\0\u0080${'x'.repeat(127)}`].map((one) => sshString(one)),
    );
    expect(parsePublicKey(`ssh-rsa ${short.toString('base64')}`)).toBeNull();
  });

  it('any one bit turned, it does not hold', () => {
    const record = signatureOf(KEY, DIGEST);
    const bytes = Buffer.from(record.signature.replaceAll(/-----.*-----|\n/g, ''), 'base64');
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const turned = Buffer.from(bytes);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifySignature({ ...record, signature: armored(turned) }).holds).toBe(false);
      }),
    );
  });
});
