import { chmod, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../lib/core/records/record.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import type { Roster } from '../../../lib/identity/roster/roster.ts';
import { openKeyring } from '../../../lib/identity/signatures/gpg.ts';
import { type JudgedSignature, judgeSignatures } from '../../../lib/identity/signatures/judge.ts';
import { parseOpenpgpKey } from '../../../lib/identity/signatures/openpgp.ts';
import { signWithGpg } from '../../../lib/identity/signatures/openpgp-signature.ts';
import { openpgpVerdicts } from '../../../lib/identity/signatures/openpgp-verdicts.ts';
import { type GpgHome, gpgHome, gpgRoster, gpgSignature, PAYLOAD, SIGNED } from '../../support/gpg.ts';
import { NOW } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';
import { showOf } from '../../support/seal.ts';

let repo: TestRepo;
let gpg: GpgHome;
let place: Repository;
let jane: string;
let mallory: string;
let roster: Roster;

beforeAll(async () => {
  repo = await makeRepo();
  gpg = await gpgHome(repo);
  place = await findRepository({ cwd: repo.dir, foreign: true });
  jane = await gpg.make('Jane Doe <jane@example.com>');
  mallory = await gpg.make('Mallory <mallory@example.com>');
  roster = gpgRoster({ 'jane@example.com': await gpg.armored(jane) });
}, 60_000);
afterAll(async () => {
  await gpg.close();
  await repo.remove();
});

/** What a signature by a key is worth; with the payload signed unless told otherwise. */
async function judged(
  fingerprint: string,
  signature: string,
  by: Roster = roster,
): Promise<JudgedSignature | undefined> {
  const signatures = [gpgSignature(fingerprint, signature)];
  const openpgp = await openpgpVerdicts(place, by, signatures);
  return judgeSignatures({ stored: SIGNED, signatures }, by, { now: NOW, openpgp })[0];
}

/** The same signature with other last bytes: whole by its form, and of nothing. */
function withEnd(armored: string, end: number): string {
  const [head = '', rest = ''] = armored.split('\n\n');
  const body = Buffer.from(rest.slice(0, rest.lastIndexOf('\n=')).replaceAll('\n', ''), 'base64');
  body.writeUInt16BE(end, body.length - 2);
  return `${head}\n\n${body.toString('base64')}\n=${crc24(body)}\n-----END PGP SIGNATURE-----\n`;
}

/** RFC 4880, 6.1. */
function crc24(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x800000 ? 0x1864cfb : 0);
  }
  const sum = Buffer.alloc(3);
  sum.writeUIntBE(crc & 0xffffff, 0, 3);
  return sum.toString('base64');
}

const nobodys = (why: string): object => ({ holds: false, by: { kind: 'nobody' }, why });

describe('signatures by the real gpg', () => {
  it('count as those of the person who has the key', async () => {
    const key = { program: 'gpg', user: jane };
    const env = { ...repo.env, ...gpg.env };
    const record = await signWithGpg(SIGNED.digest, key, env, NOW);
    expect(() => encodeRecord(record)).not.toThrow();
    expect(record).toMatchObject({ format: 'openpgp', publicKey: `openpgp ${jane}` });
    expect(await judged(jane, record.signature)).toMatchObject({
      holds: true,
      key: jane,
      present: false,
      by: { kind: 'person', person: { email: 'jane@example.com' } },
      why: null,
    });
  });

  it('name the primary key where a subkey signs', async () => {
    const primary = await gpg.make('Sub <sub@example.com>');
    const args = ['--batch', '--passphrase', '', '--quick-add-key', primary, 'rsa2048', 'sign', 'never'];
    expect((await repo.exec('gpg', args, { env: gpg.env })).code).toBe(0);
    const env = { ...repo.env, ...gpg.env };
    const record = await signWithGpg(SIGNED.digest, { program: 'gpg', user: primary }, env, NOW);
    expect(record.publicKey).toBe(`openpgp ${primary}`);
    const by = gpgRoster({ 'sub@example.com': await gpg.armored(primary) });
    expect(await judged(primary, record.signature, by)).toMatchObject({ holds: true, key: primary });
  });

  it('are said not to have been checked where nobody asked gpg, or there is none', async () => {
    const signatures = [gpgSignature(jane, await gpg.sign(jane, PAYLOAD))];
    const told = { stored: SIGNED, signatures };
    expect(judgeSignatures(told, roster, { now: NOW })[0]).toMatchObject(
      nobodys('it is for gpg to check, and was not checked'),
    );
    await repo.git('config', 'gpg.program', '/nowhere/gpg');
    const openpgp = await openpgpVerdicts(place, roster, signatures);
    await repo.git('config', '--unset', 'gpg.program');
    expect(judgeSignatures(told, roster, { now: NOW, openpgp })[0]).toMatchObject(
      nobodys('gpg is not here, so that nobody can tell whether it holds'),
    );
  });

  it('attack: a signature of the bare digest, or of a file, is none of a record', async () => {
    for (const text of [SIGNED.digest, `${SIGNED.digest}\n`, 'tree 1234\n', `${PAYLOAD}\n`])
      expect(await judged(jane, await gpg.sign(jane, text))).toMatchObject(
        nobodys('it is not one of this record'),
      );
  });

  it("attack: another's signature in the name of a key is nobody's, whatever keys the user has", async () => {
    const theirs = await gpg.sign(mallory, PAYLOAD);
    expect(await judged(jane, theirs)).toMatchObject(nobodys('gpg can not check it'));
    expect(await judged(mallory, theirs)).toMatchObject(nobodys("its key is nobody's at the target"));
    const both = gpgRoster({
      'jane@example.com': await gpg.armored(jane),
      'mallory@example.com': await gpg.armored(mallory),
    });
    const signatures = [gpgSignature(mallory, theirs), gpgSignature(jane, theirs)];
    const openpgp = await openpgpVerdicts(place, both, signatures);
    expect(judgeSignatures({ stored: SIGNED, signatures }, both, { now: NOW, openpgp })).toMatchObject([
      { by: { person: { email: 'mallory@example.com' } } },
      nobodys('it is by another key than its record names'),
    ]);
  });

  it('attack: any number of junk ones of one record, or of no form at all, hide no signature of another', async () => {
    const own = gpgSignature(jane, await gpg.sign(jane, PAYLOAD));
    const junk = Array.from({ length: 250 }, (_, i) => ({
      ...own,
      record: `sha256:${'1'.repeat(64)}`,
      signature: withEnd(own.signature, i),
    }));
    const formless = Array.from({ length: 250 }, (_, i) => ({ ...own, signature: `${i}` }));
    const openpgp = await openpgpVerdicts(place, roster, [...formless, ...junk, own]);
    expect(junk.filter((one) => openpgp(one) === null)).toHaveLength(51);
    expect(openpgp(own)).toMatchObject({ holds: true });
  });

  it('attack: two signatures in one are none', async () => {
    const both = await gpg.sign(jane, PAYLOAD, ['-u', mallory]);
    expect(await judged(jane, both)).toMatchObject(nobodys('it is not one signature and no more'));
  });

  it('attack: a signature that says more, is of a text, or by SHA-1, is none', async () => {
    const noted = await gpg.sign(jane, PAYLOAD, ['--set-notation', 'a@example.com=[GNUPG:] GOODSIG']);
    expect(await judged(jane, noted)).toMatchObject(nobodys('it says more than that it is a signature'));
    expect(await judged(jane, await gpg.sign(jane, PAYLOAD, ['--textmode']))).toMatchObject({ holds: false });
    const sha1 = await gpg.sign(jane, PAYLOAD, ['--digest-algo', 'SHA1', '--allow-weak-digest-algos']);
    expect(await judged(jane, sha1)).toMatchObject(nobodys('its hash is of no kind that counts'));
  });

  it('attack: a key its owner revoked, one that has run out, and a short one, count for nothing', async () => {
    const revoked = await gpg.make('Revoked <revoked@example.com>');
    const signature = await gpg.sign(revoked, PAYLOAD);
    await gpg.revoke(revoked);
    const after = gpgRoster({ 'revoked@example.com': await gpg.armored(revoked) });
    expect(await judged(revoked, signature, after)).toMatchObject(nobodys('its key is revoked by its owner'));
    const then = ['--faked-system-time', '20200101T000000'];
    const old = await gpg.make('Old <old@example.com>', 'ed25519', then);
    const ran = gpgRoster({ 'old@example.com': await gpg.armored(old) });
    expect(await judged(old, await gpg.sign(old, PAYLOAD, then), ran)).toMatchObject(
      nobodys('its key has run out'),
    );
    const short = await gpg.make('Short <short@example.com>', 'rsa1024');
    const weak = gpgRoster({ 'short@example.com': await gpg.armored(short) });
    expect(await judged(short, await gpg.sign(short, PAYLOAD), weak)).toMatchObject(
      nobodys('its key is of no kind that counts'),
    );
  });

  it('attack: a signature that ran out counts no more', async () => {
    const then = (day: string): string[] => ['--faked-system-time', `202001${day}T000000`];
    const key = await gpg.make('Brief <brief@example.com>', 'ed25519', then('01'), 'never');
    const by = gpgRoster({ 'brief@example.com': await gpg.armored(key) });
    const lasting = await gpg.sign(key, PAYLOAD, then('02'));
    expect((await judged(key, lasting, by))?.holds).toBe(true);
    const signature = await gpg.sign(key, PAYLOAD, [...then('02'), '--default-sig-expire', '1d']);
    expect(await judged(key, signature, by)).toMatchObject(nobodys('it has run out'));
  });

  it('attack: a gpg that never ends is ended', async () => {
    await repo.write('slow-gpg', '#!/bin/sh\nsleep 60\n');
    await chmod(repo.path('slow-gpg'), 0o755);
    const read = parseOpenpgpKey(await gpg.armored(jane));
    const begin = Date.now();
    const keyring = await openKeyring(
      repo.path('slow-gpg'),
      [typeof read === 'string' ? Buffer.alloc(0) : read.bytes],
      300,
    );
    expect((await keyring?.verify('x', 'y'))?.code).toBe(null);
    await keyring?.close();
    expect(Date.now() - begin).toBeLessThan(10_000);
  });

  it('leave no keyring behind', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = repo.home;
    try {
      expect((await judged(jane, await gpg.sign(jane, PAYLOAD)))?.holds).toBe(true);
      expect((await readdir(repo.home)).filter((name) => name.startsWith('agent-log-gpg-'))).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});

it('a person approves with the key of gpg that git signs with', async () => {
  const armored = (await gpg.armored(jane))
    .trim()
    .split('\n')
    .map((line) => `          ${line}`);
  await repo.write(
    '.agent-log/sponsors.yaml',
    `version: 1\npeople:\n  - name: Jane Doe\n    email: jane@example.com\n    keys:\n      - fingerprint: ${jane}\n        key: |\n${armored.join('\n')}\n`,
  );
  await repo.git('add', '.agent-log');
  await repo.commit('Roster');
  await repo.git('checkout', '-q', '-b', 'topic');
  await repo.git('config', 'user.signingkey', jane);
  const env = {
    GIT_AUTHOR_NAME: 'John',
    GIT_AUTHOR_EMAIL: 'john@example.com',
    GIT_COMMITTER_EMAIL: 'john@example.com',
  };
  await repo.tryGit(['commit', '-q', '--allow-empty', '-m', 'Empty'], { env });
  await repo.write('new.txt', 'new\n');
  await repo.git('add', 'new.txt');
  await repo.tryGit(['commit', '-q', '-m', 'New'], { env });
  const { code, stdout, stderr } = await repo.run(['approve', 'topic', '--sign', '--json'], { env: gpg.env });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ signedBy: `openpgp ${jane}` });
  expect((await showOf(repo, 'topic')).approvals).toMatchObject([{ basis: 'attested', source: 'signature' }]);
});
