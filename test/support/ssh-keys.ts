import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SignatureRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { deviceBytes, signedBytes } from '../../lib/identity/signatures/sshsig.ts';
import { NOW } from './records.ts';

/** A key pair of ssh, made here: quicker than ssh-keygen, which tests of its own are run against. */
export interface TestKey {
  /** `type base64` */
  readonly text: string;
  readonly blob: Buffer;
  readonly privateKey: KeyObject;
}

/** A string as ssh writes it: its length, then itself. */
export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function ed25519Key(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.from(x, 'base64url'))]);
  return { text: `ssh-ed25519 ${blob.toString('base64')}`, blob, privateKey };
}

/** A key that lies on a device, as a device would sign with it. */
export function securityKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const type = 'sk-ssh-ed25519@openssh.com';
  const parts = [sshString(type), sshString(Buffer.from(x, 'base64url')), sshString('ssh:')];
  const blob = Buffer.concat(parts);
  return { text: `${type} ${blob.toString('base64')}`, blob, privateKey };
}

/** The same of the other kind devices have. */
export function ecdsaSecurityKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const parts = [sshString(type), sshString('nistp256'), sshString(point), sshString('ssh:')];
  const blob = Buffer.concat(parts);
  return { text: `${type} ${blob.toString('base64')}`, blob, privateKey };
}

/** What a signature is made of, to be made otherwise. */
export interface SignatureParts {
  readonly namespace?: string;
  readonly hash?: 'sha256' | 'sha512';
  /** Flags of a security key. */
  readonly flags?: number;
  readonly after?: Buffer;
}

/** Signs a text as `ssh-keygen -Y sign` does. */
export function sshSign(key: TestKey, text: string | Uint8Array, parts: SignatureParts = {}): string {
  const { namespace = 'agent-log', hash = 'sha512', after = Buffer.alloc(0) } = parts;
  const type = key.text.split(' ')[0] ?? '';
  const bytes = signedBytes(text, namespace, hash);
  const device = type.startsWith('sk-') ? { flags: parts.flags ?? 1, counter: 7 } : null;
  const said = device === null ? Buffer.alloc(0) : Buffer.from([device.flags, 0, 0, 0, device.counter]);
  const data = device === null ? bytes : deviceBytes(Buffer.from('ssh:'), device, bytes);
  const inner = Buffer.concat([sshString(type), sshString(signedWith(key, data)), said]);
  const fields = [key.blob, Buffer.from(namespace), Buffer.alloc(0), Buffer.from(hash), inner];
  const blob = Buffer.concat([Buffer.from('SSHSIG\0\0\0\u0001', 'latin1'), ...fields.map(sshString), after]);
  return armored(blob);
}

function signedWith({ privateKey }: TestKey, data: Buffer): Buffer {
  if (privateKey.asymmetricKeyType === 'ed25519') return sign(null, data, privateKey);
  const both = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([both.subarray(0, 32), both.subarray(32)].map((one) => sshString(sshNumber(one))));
}

/** As short as can be, and with a zero in front where it would else be negative. */
function sshNumber(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(start);
  return (short[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), short]) : short;
}

export function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

/** A signature record, as it stands beside the record of a digest. */
export function signatureOf(key: TestKey, digest: string, parts: SignatureParts = {}): SignatureRecord {
  return {
    schema: 'agent-log/signature/v1',
    id: newUlid(NOW),
    record: digest,
    format: 'sshsig',
    publicKey: key.text,
    signature: sshSign(key, digest, parts),
    recordedAt: new Date(NOW).toISOString(),
  };
}
