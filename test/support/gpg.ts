import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, type SignatureRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { NO_MAILMAP } from '../../lib/identity/roster/mailmap.ts';
import { parseRoster } from '../../lib/identity/roster/parse.ts';
import type { Roster } from '../../lib/identity/roster/roster.ts';
import { openpgpName, openpgpPayload } from '../../lib/identity/signatures/openpgp.ts';
import { NOW } from './records.ts';
import type { TestRepo } from './repo.ts';

/** Real keys of a real gpg, in a home of the test's own. */
export interface GpgHome {
  readonly env: Readonly<Record<string, string>>;
  /** Makes a key; gives its fingerprint. */
  readonly make: (
    name: string,
    algorithm?: string,
    more?: readonly string[],
    until?: string,
  ) => Promise<string>;
  /** The armored public key. */
  readonly armored: (fingerprint: string) => Promise<string>;
  /** An armored signature of a text, with more options. */
  readonly sign: (fingerprint: string, text: string, more?: readonly string[]) => Promise<string>;
  /** Revokes a key by the certificate made along with it. */
  readonly revoke: (fingerprint: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function gpgHome(repo: TestRepo): Promise<GpgHome> {
  const home = join(repo.home, 'gpg');
  await mkdir(home);
  await chmod(home, 0o700);
  const env = { GNUPGHOME: home };
  const gpg = async (args: readonly string[], input = ''): Promise<string> => {
    const all = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args];
    const { code, stdout, stderr } = await repo.exec('gpg', all, { env, input });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  return {
    env,
    make: async (name, algorithm = 'ed25519', more = [], until = more.length > 0 ? '1d' : 'never') => {
      await gpg([...more, '--quick-gen-key', name, algorithm, 'sign', until]);
      const listed = await gpg(['--with-colons', '--list-keys', `=${name}`]);
      return /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '';
    },
    armored: (fingerprint) => gpg(['--armor', '--export', fingerprint]),
    sign: (fingerprint, text, more = []) =>
      gpg([...more, '--no-emit-version', '--no-comments', '-b', '-a', '-u', fingerprint], text),
    revoke: async (fingerprint) => {
      const file = join(home, 'openpgp-revocs.d', `${fingerprint}.rev`);
      // So that nobody revokes a key by mistake, a colon stands before the armor.
      await gpg(['--import'], (await readFile(file, 'utf8')).replace(/^:(-----BEGIN)/m, '$1'));
    },
    close: async () => {
      await repo.exec('gpgconf', ['--kill', 'all'], { env });
    },
  };
}

/** A roster in which people have OpenPGP keys. */
export function gpgRoster(people: Readonly<Record<string, string>>, fields = ''): Roster {
  const entries = Object.entries(people).map(([email, armored]) => {
    const key = armored
      .trim()
      .split('\n')
      .map((line) => `          ${line}`);
    return `  - name: ${email.split('@')[0]}\n    email: ${email}\n    keys:\n      - key: |\n${key.join('\n')}\n${fields}`;
  });
  const text = `version: 1\npeople:\n${entries.join('')}`;
  const { roster, problems } = parseRoster(text, { commit: 'c'.repeat(40), file: null, mailmap: NO_MAILMAP });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return roster;
}

/** What a signature is of, in these tests. */
export const SIGNED = encodeRecord({
  schema: 'agent-log/signature/v1',
  id: newUlid(NOW),
  record: `sha256:${'a'.repeat(64)}`,
  format: 'sshsig',
  publicKey: 'ssh-ed25519 AAAA',
  signature: `-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n`,
  recordedAt: new Date(NOW).toISOString(),
});
export const PAYLOAD: string = openpgpPayload(SIGNED.digest);

export function gpgSignature(fingerprint: string, signature: string): SignatureRecord {
  return {
    schema: 'agent-log/signature/v1',
    id: newUlid(NOW),
    record: SIGNED.digest,
    format: 'openpgp',
    publicKey: openpgpName(fingerprint),
    signature,
    recordedAt: new Date(NOW).toISOString(),
  };
}
