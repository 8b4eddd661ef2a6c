import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { unwrapWithAge, wrapWithAge } from '../../../lib/identity/recipients/age.ts';
import { makeIdentity, readIdentities } from '../../../lib/identity/recipients/identities.ts';
import { keyStoreOf } from '../../../lib/identity/recipients/key-store.ts';
import { parseRecipient } from '../../../lib/identity/recipients/recipient.ts';
import { payloadSettings } from '../../../lib/identity/recipients/settings.ts';
import { type DataKey, newDataKey, type WrappedKey } from '../../../lib/ledger/payloads/data-key.ts';
import { parseWrappedKey } from '../../../lib/ledger/payloads/wrapped-key.ts';

const run = promisify(execFile);
const txn = newUlid(1_000);
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'agent-log-keys-'));
  env = { HOME: home, PATH: process.env['PATH'] ?? '' };
});

afterAll(() => rm(home, { recursive: true, force: true }));

/** Null where the program is not installed. */
async function versionOf(program: string): Promise<string | null> {
  return run(program, ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

function settings(values: Readonly<Record<string, string>>): ReturnType<typeof payloadSettings> {
  return payloadSettings(Object.entries(values).map(([key, value]) => ({ scope: 'local', key, value })));
}

function wrapped(bytes: Buffer | null): WrappedKey[] {
  const key = bytes === null ? null : parseWrappedKey(bytes);
  return key === null ? [] : [key];
}

async function sshKey(name: string, passphrase = ''): Promise<{ path: string; recipient: string }> {
  const path = join(home, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'jane@example.com', '-f', path]);
  return { path, recipient: (await readFile(`${path}.pub`, 'utf8')).trim() };
}

async function errorOf(work: Promise<unknown>): Promise<AgentLogError> {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(AgentLogError);
  return error as AgentLogError;
}

describe('age', () => {
  it('a made identity unwraps what was wrapped for it, and is readable by its user alone', async () => {
    const { recipient, path } = await makeIdentity(env, '/repository', 0);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const key = newDataKey(txn);
    const bytes = await wrapWithAge(key, [parseRecipient(recipient)]);
    expect(parseWrappedKey(bytes)).toMatchObject({ txn, id: key.id, by: 'age', recipients: [recipient] });
    expect(await unwrapWithAge(bytes, await readIdentities(env, [], false))).toEqual(key);
  });

  it("the plain age tool opens a key file, and ours opens one wrapped for the tool's ssh key", async (context) => {
    if ((await versionOf('age')) === null) return context.skip('age is not installed: apt-get install age');
    const { recipient, path } = await makeIdentity(env, '/repository', 0);
    const ssh = await sshKey('plain-age');
    const key = newDataKey(txn);
    const bytes = await wrapWithAge(key, [recipient, ssh.recipient].map(parseRecipient));
    const file = join(home, 'key.age');
    await writeFile(file, bytes);
    for (const identity of [path, ssh.path]) {
      const { stdout } = await run('age', ['--decrypt', '--identity', identity, file]);
      expect(stdout).toContain(key.bytes.toString('base64'));
    }
    const plain = join(home, 'plain');
    await writeFile(
      plain,
      ['git-agent-log data key v1', txn, key.id, key.bytes.toString('base64'), ''].join('\n'),
    );
    const pub = join(home, 'plain-age.pub');
    await run('age', ['--encrypt', '--recipients-file', pub, '--output', join(home, 'theirs.age'), plain]);
    const theirs = await readFile(join(home, 'theirs.age'));
    const identities = await readIdentities({ HOME: '/nowhere' }, [ssh.path], false);
    expect(await unwrapWithAge(theirs, identities)).toEqual(key);
  });

  it('an ssh key that needs a passphrase: says so, and what to do', async () => {
    const { path } = await sshKey('protected', 'secret words');
    const error = await errorOf(readIdentities(env, [path], false));
    expect(error.message).toContain('protected by a passphrase');
    expect(error.hints.join(' ')).toContain('agentLog.identity');
    expect(error.message + error.hints.join('')).not.toContain('secret words');
  });

  it('a secret key set as a recipient by mistake is not printed', () => {
    const secret = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;
    expect(() => parseRecipient(secret)).toThrow('a secret key');
    try {
      parseRecipient(secret);
    } catch (error) {
      expect(String(error)).not.toContain('QQQQ');
    }
  });
});

describe('a folder of keys', () => {
  it('holds keys outside git, readable by their user alone, and destroys them for every clone', async () => {
    const { recipient } = await makeIdentity(env, '/repository', 0);
    const folder = join(home, 'keys');
    const store = keyStoreOf(settings({ recipient, keystore: `folder:${folder}` }), env);
    const key = newDataKey(txn);
    expect(await store.keep(key), 'nothing for the ref').toBeNull();
    expect(await store.find(txn, key.id, [])).toEqual(key);
    const [file = ''] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.age'));
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    expect(await store.has(key, [])).toBe(true);
    await store.destroy(txn);
    expect(await store.has(key, [])).toBe(false);
    expect((await errorOf(store.find(txn, key.id, []))).message).toBe('the key to this text is not here');
  });

  it('is no relative path, and no other word', () => {
    for (const keystore of ['folder:keys', 'folder:', 'vault', 'command:'])
      expect(() => keyStoreOf(settings({ keystore }), env), keystore).toThrow(AgentLogError);
  });
});

describe('a key command', () => {
  /** A KMS of a few lines: it keeps a folder of transactions whose keys it was told to destroy. */
  async function kms(name: string, body: string): Promise<string> {
    const path = join(home, name);
    await writeFile(path, `#!${process.execPath}\n${body}`);
    await chmod(path, 0o755);
    return path;
  }

  const HONEST = `
const { readFileSync, writeFileSync, existsSync } = require('node:fs');
const gone = (txn) => __dirname + '/gone-' + txn;
const { op, txn, id, key, wrapped } = JSON.parse(readFileSync(0, 'utf8'));
const flip = (text) => [...Buffer.from(text, 'base64')].map((byte) => byte ^ 0x55);
if (op === 'wrap') console.log(JSON.stringify({ wrapped: Buffer.from(flip(key)).toString('base64') }));
else if (op === 'destroy') { writeFileSync(gone(txn), ''); console.log('{}'); }
else if (existsSync(gone(txn))) { console.error('destroyed'); process.exit(3); }
else console.log(JSON.stringify({ key: Buffer.from(flip(wrapped)).toString('base64') }));
`;

  it('wraps, unwraps and destroys; once destroyed no clone that was made before can open anything', async () => {
    const store = keyStoreOf(settings({ keystore: `command:${await kms('kms.cjs', HONEST)}` }), env);
    const key: DataKey = newDataKey(txn);
    const stored = wrapped(await store.keep(key));
    expect(stored).toMatchObject([{ by: 'command', txn, id: key.id, recipients: [] }]);
    expect(await store.find(txn, key.id, stored)).toEqual(key);
    await store.destroy(txn);
    const error = await errorOf(store.find(txn, key.id, stored));
    expect([error.code, error.message]).toEqual(['KEY_STORE_FAILED', expect.stringContaining('destroyed')]);
  });

  it('a command that fails, answers nonsense or too much: is named, and nothing it printed is repeated', async () => {
    const bodies = {
      'exit.cjs': 'process.exit(7)',
      'nonsense.cjs': "console.log('c2VjcmV0IGtleQ==')",
      'empty.cjs': "console.log('{}')",
      'much.cjs': "console.log(JSON.stringify({ wrapped: 'x'.repeat(100000) }))",
    };
    for (const [name, body] of Object.entries(bodies)) {
      const store = keyStoreOf(settings({ keystore: `command:${await kms(name, body)}` }), env);
      const error = await errorOf(store.keep(newDataKey(txn)));
      expect(error.code).toBe('KEY_STORE_FAILED');
      expect(error.message).toContain(name);
      expect(error.message).not.toContain('c2VjcmV0');
      expect(error.hints.length).toBeGreaterThan(0);
    }
  });

  it('no shell reads the words of a command', async () => {
    const marker = join(home, 'marker');
    await mkdir(join(home, 'with blank'), { recursive: true });
    const path = await kms(join('with blank', 'kms.cjs'), HONEST);
    const words = JSON.stringify([path, `; touch ${marker}`, '$(touch x)']);
    const store = keyStoreOf(settings({ keystore: `command:${words}` }), env);
    expect(await store.keep(newDataKey(txn))).not.toBeNull();
    expect(await stat(marker).catch(() => null)).toBeNull();
  });
});
