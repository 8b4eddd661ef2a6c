import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePublicKey } from '../../../lib/identity/signatures/public-key.ts';
import { signRecord } from '../../../lib/identity/signatures/ssh-signature.ts';
import { verifySignature } from '../../../lib/identity/signatures/verify.ts';
import { NOW } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';
import { ecdsaSecurityKey, ed25519Key, securityKey, sshSign } from '../../support/ssh-keys.ts';

const DIGEST = `sha256:${'c'.repeat(64)}`;

let repo: TestRepo;
beforeAll(async () => {
  repo = await makeRepo({ firstCommit: false });
});
afterAll(() => repo.remove());

describe.each([
  ['ed25519', []],
  ['ecdsa', ['-b', '256']],
  ['ecdsa', ['-b', '384']],
  ['ecdsa', ['-b', '521']],
  ['rsa', ['-b', '3072']],
])('%s %j of the real ssh-keygen', (type, size) => {
  it('signs what holds here, many times over', async () => {
    const file = join(repo.home, `${type}${size.join('')}`);
    const made = await repo.exec('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-f', file]);
    expect(made.code, made.stderr).toBe(0);
    const line = await readFile(`${file}.pub`, 'utf8');
    expect(parsePublicKey(line)?.type).toBe(line.split(' ')[0]);
    const key = { program: 'ssh-keygen', file, literal: null };
    // Numbers of ECDSA come shorter once in a while, and one over 128 has a zero before it.
    for (let i = 0; i < 12; i++) {
      const digest = `sha256:${i.toString(16).padStart(64, '0')}`;
      const record = await signRecord(digest, key, repo.dir, NOW);
      expect(verifySignature(record)).toMatchObject({ holds: true, why: null, present: false });
      expect(verifySignature({ ...record, record: DIGEST }).holds).toBe(false);
    }
    const hashed = await repo.exec(
      'ssh-keygen',
      ['-Y', 'sign', '-q', '-n', 'agent-log', '-O', 'hashalg=sha256', '-f', file],
      { input: DIGEST },
    );
    const publicKey = parsePublicKey(line)?.text ?? '';
    const record = { ...(await signRecord(DIGEST, key, repo.dir, NOW)), signature: hashed.stdout, publicKey };
    expect(verifySignature(record).holds).toBe(true);
    const foreign = await repo.exec('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'git', '-f', file], {
      input: DIGEST,
    });
    expect(verifySignature({ ...record, signature: foreign.stdout })).toMatchObject({
      holds: false,
      why: 'it was made for something else',
    });
  });
});

it.each([
  ['a key in a file', ed25519Key],
  ['a key on a device', securityKey],
  ['an ECDSA key on a device', ecdsaSecurityKey],
])('what is signed here with %s, ssh-keygen verifies', async (name, make) => {
  const key = make();
  await repo.write('signers', `jane@example.com namespaces="agent-log" ${key.text}\n`);
  await repo.write('signature', sshSign(key, DIGEST));
  const verify = (text: string): ReturnType<TestRepo['exec']> =>
    repo.exec(
      'ssh-keygen',
      ['-Y', 'verify', '-n', 'agent-log', '-I', 'jane@example.com', '-f', 'signers', '-s', 'signature'],
      { input: text },
    );
  const { code, stderr } = await verify(DIGEST);
  expect(code, `${name}: ${stderr}`).toBe(0);
  expect((await verify('other')).code).not.toBe(0);
});
