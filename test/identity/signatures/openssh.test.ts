import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verifySshSignature } from '../../../lib/identity/signatures/verify.ts';

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/openssh/${name}`, import.meta.url));
const data = file('signed-data');
const namespace = file('namespace').toString('latin1').trim();
const signature = (kind: string): string => file(`${kind}.sig`).toString('latin1');
const key = (kind: string): string => file(`${kind}.pub`).toString('latin1').split(' ').slice(0, 2).join(' ');

describe('signatures of OpenSSH’s own tests', () => {
  test.each(['ed25519', 'ecdsa', 'rsa', 'ed25519_sk', 'ecdsa_sk'])(
    '%s holds, and only for its bytes',
    (kind) => {
      const found = verifySshSignature(signature(kind), data, namespace);
      expect(found).toMatchObject({ holds: true, key: key(kind).trim() });
      const other = Buffer.from(data);
      other[0] = (other[0] ?? 0) ^ 1;
      expect(verifySshSignature(signature(kind), other, namespace).holds).toBe(false);
      expect(verifySshSignature(signature(kind), data, 'git').holds).toBe(false);
    },
  );

  test.each(['dsa', 'ecdsa_sk_webauthn'])('%s is of no kind that counts', (kind) => {
    expect(verifySshSignature(signature(kind), data, namespace).holds).toBe(false);
  });
});
