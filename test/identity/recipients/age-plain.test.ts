import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPlainAge } from '../../../lib/identity/recipients/age-plain.ts';
import { bech32Bytes } from '../../../lib/identity/recipients/bech32.ts';

const TEXT = 'a key, and whose it is\n';
let secret: string;
let file: Buffer;

beforeAll(async () => {
  secret = await generateX25519Identity();
  file = await sealed(TEXT, secret);
});

async function sealed(text: string, ...secrets: readonly string[]): Promise<Buffer> {
  const encrypter = new Encrypter();
  for (const one of secrets) encrypter.addRecipient(await identityToRecipient(one));
  return Buffer.from(await encrypter.encrypt(text));
}

/** What age's own library makes of it. */
async function byLibrary(bytes: Buffer, identity: string): Promise<string | null> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(bytes, 'text').catch(() => null);
}

describe('openPlainAge', () => {
  it("opens what age's own library wrapped, whatever is in it and however many it is for", async () => {
    const others = [await generateX25519Identity(), await generateX25519Identity()];
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 2000 }), fc.nat(2), async (text, at) => {
        const bytes = await sealed(text, ...others.toSpliced(at, 0, secret));
        expect(openPlainAge(bytes, secret)?.toString('utf8')).toBe(Buffer.from(text).toString('utf8'));
      }),
      { numRuns: 30 },
    );
  });

  it('leaves to the library what is for somebody else, or for a password, or longer than one chunk', async () => {
    expect(openPlainAge(file, await generateX25519Identity())).toBeNull();
    const locked = new Encrypter();
    locked.setPassphrase('open');
    locked.setScryptWorkFactor(2);
    expect(openPlainAge(Buffer.from(await locked.encrypt(TEXT)), secret)).toBeNull();
    const long = await sealed('x'.repeat(64 * 1024 + 1), secret);
    expect(openPlainAge(long, secret)).toBeNull();
  });

  it('attack: no byte of a file can be changed, left out or added', () => {
    for (let at = 0; at < file.length; at++) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(openPlainAge(changed, secret), `byte ${at}`).toBeNull();
      expect(openPlainAge(file.subarray(0, at), secret), `cut at ${at}`).toBeNull();
    }
    expect(openPlainAge(Buffer.concat([file, Buffer.of(0)]), secret)).toBeNull();
  });

  it('attack: a share of small order gives no key', () => {
    const text = file.toString('latin1').replace(/(-> X25519 )\S+/, `$1${'A'.repeat(43)}`);
    expect(openPlainAge(Buffer.from(text, 'latin1'), secret)).toBeNull();
  });

  it('attack: opens nothing that the library would not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.constantFrom(...'\n -AQ=\r\0'), async (at, letter) => {
        const bytes = Buffer.concat([file.subarray(0, at), Buffer.from(letter), file.subarray(at)]);
        const opened = openPlainAge(bytes, secret)?.toString('utf8') ?? null;
        if (opened !== null) expect(await byLibrary(bytes, secret)).toBe(opened);
      }),
      { numRuns: 300 },
    );
  });

  it('attack: a header that never ends is not looked at for long', () => {
    const begin = performance.now();
    const bytes = Buffer.from(`age-encryption.org/v1\n${'-> X25519 A\n'.repeat(2_000_000)}`);
    expect(openPlainAge(bytes, secret)).toBeNull();
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('bech32Bytes', () => {
  const PREFIX = 'age-secret-key-';

  it('attack: no letter of a private key can be another, nor in another case', () => {
    expect(bech32Bytes(secret, PREFIX)).toHaveLength(32);
    expect(bech32Bytes(secret.toLowerCase(), PREFIX)).toEqual(bech32Bytes(secret, PREFIX));
    for (let at = 0; at < secret.length; at++) {
      const other = secret[at] === 'Q' ? 'P' : 'Q';
      expect(
        bech32Bytes(secret.slice(0, at) + other + secret.slice(at + 1), PREFIX),
        `letter ${at}`,
      ).toBeNull();
    }
    const mixed = secret.replace(/[A-Z](?=[^A-Z]*$)/, (letter) => letter.toLowerCase());
    expect(bech32Bytes(mixed, PREFIX)).toBeNull();
  });

  it('reads the vectors of BIP 173', () => {
    expect(
      bech32Bytes('split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w', 'split')?.toString('hex'),
    ).toBe('c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d');
    for (const bad of ['A1G7SGD8', 'a1lqfn3a', 'split1cheo2y9e2w', '1qzzfhee', 'a'])
      expect(bech32Bytes(bad, 'a'), bad).toBeNull();
    expect(bech32Bytes('a12uel5l', 'a')).toHaveLength(0);
  });
});
