import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A key pair of ssh, made here: quicker than ssh-keygen, which tests of its own are run against. */
export interface TestKey {
  /** `type base64` */
  readonly text: string;
  readonly blob: Buffer;
  readonly privateKey: KeyObject;
}

/** A string as ssh writes it: its length, then itself. */
function sshString(value: string | Buffer): Buffer {
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
