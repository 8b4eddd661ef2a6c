import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { agentCommit, install } from '../../support/recorded.ts';
import { type TestRepo, writeScript } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';
import {
  cloneOf,
  entriesOf,
  expectZero,
  findLeaks,
  giveKeys,
  KEYS,
  PAYLOADS,
  type Told,
  toldRepo,
  work,
} from '../../support/sealed-texts.ts';
import { ask, payload, spool } from '../../support/spool.ts';

const PLANTED = 'Call Jane Doe at the harbour about the green lighthouse';
const REASON = ['--reason', 'asked for by the person concerned'];
const TOMBSTONES = 'agent-log/erasure/v1\n';

interface Shown {
  readonly task: {
    readonly text?: string;
    readonly missing?: { readonly why: string; readonly says: string };
  };
  readonly integrity: { readonly ok: boolean };
}

interface Line {
  readonly schema: string;
  readonly record?: string;
  readonly signature?: string;
}

const open: Told[] = [];
afterEach(async () => {
  for (const told of open.splice(0)) await told.remove();
});

async function planted(): Promise<Told> {
  const told = await toldRepo(PLANTED);
  open.push(told);
  return told;
}

async function shown(repo: TestRepo, txn: string): Promise<Shown> {
  const { stdout, stderr, code } = await repo.run(['show', txn, '--json']);
  expect(code, stderr).toBe(0);
  const [first] = (JSON.parse(stdout) as { commits: Shown[] }).commits;
  if (first === undefined) throw new Error(`nothing of ${txn}`);
  return first;
}

async function erased(repo: TestRepo, txn: string): Promise<[{ readonly rawLeft: number }, string]> {
  const { stdout, stderr, code } = await repo.run(['erase', txn, ...REASON, '--json']);
  expect(code, stderr).toBe(0);
  const document = JSON.parse(stdout) as { readonly rawLeft: number };
  expect(schemaProblems(document)).toEqual([]);
  return [document, stderr];
}

interface ErasedDocument {
  readonly txn: string;
  readonly erased: object | null;
  readonly commits?: readonly ErasedDocument[];
}

/** What a command prints as JSON, each document checked against its schema. */
async function documents(repo: TestRepo, ...args: string[]): Promise<ErasedDocument[]> {
  const { stdout, stderr, code } = await repo.run([...args, '--json']);
  expect(code, stderr).toBe(0);
  const found = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ErasedDocument);
  for (const document of found) expect(schemaProblems(document)).toEqual([]);
  return found;
}

/** Every object git has, opened: also what nothing leads to, loose and in packs. */
async function objectsHolding(repo: TestRepo, text: string): Promise<number> {
  const { stdout } = await repo.exec('sh', [
    '-c',
    'git cat-file --batch-all-objects --batch --buffer | grep -a -c -F "$1" || true',
    'sh',
    text,
  ]);
  return Number(stdout.trim());
}

async function tombstones(repo: TestRepo): Promise<Line[]> {
  const { stdout: key } = await repo.tryGit(['hash-object', '--stdin'], { input: TOMBSTONES });
  const { stdout } = await repo.tryGit(['notes', '--ref=agent-log', 'show', key.trim()]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

/** Nothing of the planted text in a repository: no object, and no file as it lies there. */
async function expectNoneOf(repo: TestRepo): Promise<void> {
  expect(await objectsHolding(repo, PLANTED)).toBe(0);
  expect((await findLeaks(repo.path('.git'), PLANTED)).holding).toEqual([]);
}

/** A KMS of a few lines: it wraps, unwraps, and forgets the transactions whose keys it is told to destroy. */
async function makeKms(repo: TestRepo): Promise<string> {
  const path = join(repo.home, 'kms.cjs');
  await writeScript(
    path,
    `#!${process.execPath}
const { readFileSync, writeFileSync, existsSync } = require('node:fs');
const { op, txn, key, wrapped } = JSON.parse(readFileSync(0, 'utf8'));
const gone = __dirname + '/gone-' + txn;
const flip = (text) => Buffer.from(Buffer.from(text, 'base64').map((byte) => byte ^ 0x55)).toString('base64');
if (op === 'destroy') writeFileSync(gone, '');
else if (existsSync(gone)) process.exit(3);
console.log(JSON.stringify(op === 'wrap' ? { wrapped: flip(key) } : op === 'unwrap' ? { key: flip(wrapped) } : {}));
`,
  );
  return path;
}

describe('erase', () => {
  it('leaves no byte of the plain text: in any object, any file under .git, or a clone made after', async () => {
    const { repo, txn } = await planted();
    const other = await work(repo, 'another task altogether');
    expect((await findLeaks(repo.path('.git'), PLANTED)).holding, 'it was there').not.toEqual([]);
    const { stdout, stderr, code } = await repo.run(['erase', txn, ...REASON, '--push', '--json']);
    expect(code, stderr).toBe(0);
    const document = JSON.parse(stdout) as { txns: object[]; mayDecrypt: { clones: boolean } };
    expect(schemaProblems(document)).toEqual([]);
    expect(document.txns).toEqual([expect.objectContaining({ txn, entries: 1, keys: 1 })]);
    expect(document.mayDecrypt.clones).toBe(true);
    expect(stderr).toContain('the tombstone is not signed');
    await expectNoneOf(repo);
    for (const ref of [PAYLOADS, KEYS])
      expect((await entriesOf(repo, ref)).filter(({ path }) => path.includes(txn))).toEqual([]);
    const told = open[0];
    if (told === undefined) return;
    const after = await cloneOf(told, 'after');
    await giveKeys(repo, after);
    await expectNoneOf(after);
    for (const clone of [repo, after]) {
      const { task, integrity } = await shown(clone, txn);
      expect(integrity.ok).toBe(true);
      expect(task.text).toBeUndefined();
      expect(task.missing?.why).toBe('erased');
      expect(task.missing?.says).toMatch(
        /erased on \d{4}-\d\d-\d\d by .+: asked for by the person concerned/,
      );
      expect((await clone.run(['show', txn])).code).toBe(0);
      expect((await clone.run(['why', 'work.txt'])).stdout).toContain('the text was erased on');
    }
    expect((await shown(repo, other)).task.text, 'only what was asked for').toBe('another task altogether');
  });

  it('list and show say by a field who erased the texts, when and why, of that transaction alone', async () => {
    const { repo, txn } = await planted();
    await work(repo, 'another task altogether');
    await expectZero(repo.run(['erase', txn, ...REASON]));
    const by = { name: await repo.git('config', 'user.name'), email: await repo.git('config', 'user.email') };
    const reason = 'asked for by the person concerned';
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string;
    const erased = { at, by, reason, signedBy: null };
    for (const args of [['list'], ['list', '--txn']]) {
      const lines = await documents(repo, ...args);
      expect(lines.map((line) => [line.txn === txn, line.erased])).toEqual([
        [false, null],
        [true, erased],
      ]);
      const { stdout } = await repo.run(args);
      expect(stdout.split('\n').map((line) => line.includes('(texts erased)'))).toEqual([false, true, false]);
    }
    const [document] = await documents(repo, 'show', txn);
    expect(document?.commits?.[0]?.erased).toEqual({ ...erased, trust: 'asserted', isByEraser: null });
    expect((await repo.run(['show', txn])).stdout).toContain('nobody signed that');
    expect((await documents(repo, 'show'))[0]?.erased).toBeNull();
  });

  it('takes along what of it lies raw in this clone, and says of how much nobody can tell whose it is', async () => {
    const { repo } = await planted();
    await rm(repo.path('task.md'));
    await install(repo);
    await ask(repo, PLANTED);
    await agentCommit(repo, 'Ask for a lighthouse', { 'lighthouse.txt': 'green\n' });
    const cutOff = JSON.stringify(payload(repo, 'UserPromptSubmit', { prompt: PLANTED })).slice(0, -5);
    await spool(repo, cutOff);
    await spool(repo, 'words that say nothing of anybody');
    const half = repo.path('.git/agent-log/spool/4711-0.tmp');
    await writeFile(half, `{"prompt":"${PLANTED} and`, { mode: 0o600 });
    await utimes(half, 0, 0);
    const [newest] = await documents(repo, 'list');
    const rejected = repo.path('.git/agent-log/rejected');
    expect(await readdir(rejected), 'both were set apart').toHaveLength(2);
    for (const [i, { txn }] of (await documents(repo, 'list', '--txn')).entries()) {
      if (i === 0) expect(txn).toBe(newest?.txn);
      const [document, stderr] = await erased(repo, txn);
      expect(document.rawLeft).toBe(1);
      expect(stderr).toContain('nobody can tell whose 1 payload is');
    }
    await expectNoneOf(repo);
    expect(await readdir(rejected), 'what nobody can tell stays').toHaveLength(1);
  });

  it('wants a name: nobody destroys evidence without one', async () => {
    const { repo, txn } = await planted();
    await repo.git('config', '--unset', 'user.name');
    const env = { GIT_COMMITTER_NAME: '', GIT_AUTHOR_NAME: '' };
    const { code, stderr } = await repo.run(['erase', txn, ...REASON], { env });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('hint: git config user.name'),
    });
    expect((await shown(repo, txn)).task.text).toBe(PLANTED);
    expect(await tombstones(repo)).toEqual([]);
  });

  it('union with a clone that still has the entries does not bring them back, and its sync drops them there', async () => {
    const told = await planted();
    const { repo, txn } = told;
    const holder = await cloneOf(told, 'holder');
    await giveKeys(repo, holder);
    await expectZero(holder.run(['init', '--agents', 'none']));
    await work(holder, 'work of the other clone', 'other.txt');
    await expectZero(repo.run(['erase', txn, ...REASON, '--push']));
    expect((await entriesOf(holder, PAYLOADS)).some(({ path }) => path.includes(txn))).toBe(true);
    await expectZero(holder.run(['sync']));
    await expectZero(repo.run(['sync']));
    for (const clone of [holder, repo])
      for (const ref of [PAYLOADS, KEYS])
        expect((await entriesOf(clone, ref)).some(({ path }) => path.includes(txn))).toBe(false);
    expect((await entriesOf(repo, PAYLOADS)).length, 'the other work came').toBe(1);
    expect((await shown(holder, txn)).task.missing?.why).toBe('erased');
  });

  it('with a key folder: a clone made before can not decrypt either', async () => {
    const told = await planted();
    const { repo } = told;
    const folder = join(repo.home, 'keys');
    await repo.git('config', 'agentLog.keyStore', `folder:${folder}`);
    const txn = await work(repo, 'sealed under a key outside git');
    await expectZero(repo.run(['sync']));
    const before = await cloneOf(told, 'before');
    await giveKeys(repo, before);
    await before.git('config', 'agentLog.keyStore', `folder:${folder}`);
    expect((await shown(before, txn)).task.text).toBe('sealed under a key outside git');
    const { stdout } = await repo.run(['erase', txn, ...REASON]);
    expect(stdout).toContain('No key to it was in git');
    const { task } = await shown(before, txn);
    expect(task.text).toBeUndefined();
    expect(task.missing?.why, 'it knows of no tombstone yet').toBe('no-key');
  });

  it('with a key command (a KMS): a clone made before can not decrypt either', async () => {
    const told = await planted();
    const { repo } = told;
    const kms = await makeKms(repo);
    await repo.git('config', 'agentLog.keyStore', `command:${kms}`);
    const txn = await work(repo, 'sealed under a key of the KMS');
    const other = await work(repo, 'another task under it');
    await expectZero(repo.run(['sync']));
    const before = await cloneOf(told, 'before-kms');
    await giveKeys(repo, before);
    await before.git('config', 'agentLog.keyStore', `command:${kms}`);
    expect((await shown(before, txn)).task.text).toBe('sealed under a key of the KMS');
    const { stdout } = await repo.run(['erase', txn, ...REASON]);
    expect(stdout).toContain('No key to it was in git');
    const { task } = await shown(before, txn);
    expect(task.text).toBeUndefined();
    expect(task.missing?.why, 'it knows of no tombstone yet').toBe('no-key');
    expect(
      (await entriesOf(before, PAYLOADS)).some(({ path }) => path.includes(txn)),
      'sealed, it has it',
    ).toBe(true);
    expect((await shown(before, other)).task.text, 'only what was asked for').toBe('another task under it');
  });

  it('twice: adds no second tombstone', async () => {
    const { repo, txn } = await planted();
    await expectZero(repo.run(['erase', txn, ...REASON]));
    const { stdout, code } = await repo.run(['erase', txn.slice(0, 12), ...REASON]);
    expect(code).toBe(0);
    expect(stdout).toContain('Erased before');
    expect(await tombstones(repo)).toHaveLength(1);
  });

  it('signs the tombstone with the ssh key git signs with, so that ssh-keygen checks it', async () => {
    const { repo, txn } = await planted();
    const key = join(repo.home, 'signing');
    await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    await repo.git('config', 'gpg.format', 'ssh');
    await repo.git('config', 'user.signingkey', key);
    const { code, stderr } = await repo.run(['erase', txn, ...REASON]);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('not signed');
    const [, signature] = await tombstones(repo);
    const [listed] = await documents(repo, 'list');
    expect(listed?.erased).toMatchObject({ signedBy: expect.stringMatching(/^ssh-ed25519 /) as string });
    await repo.write('sig', signature?.signature ?? '');
    const check = `printf %s "$1" | ssh-keygen -Y check-novalidate -n agent-log -s "$2"`;
    const checked = async (text: string): Promise<number | null> =>
      (await repo.exec('sh', ['-c', check, 'sh', text, repo.path('sig')])).code;
    expect(await checked(signature?.record ?? '')).toBe(0);
    expect(await checked('sha256:0')).not.toBe(0);
  });

  it('a signing key that can not sign: nothing is erased, and the next command does not either', async () => {
    const { repo, txn } = await planted();
    await repo.git('config', 'gpg.format', 'ssh');
    await repo.git('config', 'user.signingkey', join(repo.home, 'nothing-here'));
    const { code, stderr } = await repo.run(['erase', txn, ...REASON]);
    expect(code).toBe(128);
    expect(stderr).toContain('--no-sign');
    expect((await shown(repo, txn)).task.text).toBe(PLANTED);
    await expectZero(repo.run(['erase', txn, ...REASON, '--no-sign']));
    await expectNoneOf(repo);
  });

  it('where the target names people for it, only they erase; what others erased before is told, and is no failure', async () => {
    const { repo, txn } = await planted();
    const other = await work(repo, PLANTED, 'other.txt');
    await expectZero(repo.run(['erase', other, ...REASON]));
    const key = join(repo.home, 'key');
    await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const roster = `version: 1
people:
  - {name: Ann Erb, email: ann@example.com, roles: [erase], keys: [{key: "${(await readFile(`${key}.pub`, 'utf8')).trim()}"}]}
`;
    await repo.commit('People', { '.agent-log/sponsors.yaml': roster });
    await repo.git('push', '-q', 'origin', 'main');
    const refused = await repo.run(['erase', txn, ...REASON]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('has not the role erase')]);
    expect((await shown(repo, txn)).task.text).toBe(PLANTED);
    await repo.git('config', 'gpg.format', 'ssh');
    await repo.git('config', 'user.signingkey', key);
    const ann = { GIT_COMMITTER_NAME: 'Ann Erb', GIT_COMMITTER_EMAIL: 'ann@example.com' };
    await expectZero(repo.run(['erase', txn, ...REASON], { env: ann }));
    const { code, stdout } = await repo.run(['verify', '--all', '--json']);
    const texts = (JSON.parse(stdout) as { checks: { name: string; problems?: object[] }[] }).checks.find(
      ({ name }) => name === 'texts',
    );
    expect(code).toBe(0);
    expect(JSON.stringify(texts)).toContain(
      'in the name of Jane Doe <jane@example.com>, who has not the role erase at the target: nobody signed it',
    );
    expect(JSON.stringify(texts)).not.toContain('Ann Erb');
    const trusts = await Promise.all(
      [txn, other].map(async (one) => (await documents(repo, 'show', one))[0]?.commits?.[0]?.erased),
    );
    expect(trusts).toMatchObject([
      { trust: 'attested', isByEraser: true },
      { trust: 'asserted', isByEraser: false },
    ]);
    const said = await Promise.all([txn, other].map(async (one) => (await repo.run(['show', one])).stdout));
    expect(said[0]).toMatch(
      /erased .* in the name of Ann Erb <ann@example.com>\n +signed by them, who have the role/,
    );
    expect(said[1]).toMatch(
      /in the name of Jane Doe .*\n +nobody signed that; the target names others for it/,
    );
  });

  it('killed after the tombstone: the next command finishes', async () => {
    const { repo, txn } = await planted();
    const store = join(repo.home, 'store.sh');
    // Ends the command that asks it, as kill -9 would, once all but the keys outside is gone.
    await writeScript(store, '#!/bin/sh\ncat >/dev/null\nkill -9 $PPID\n');
    await repo.git('config', 'agentLog.keyStore', `command:${store}`);
    const killed = await repo.run(['erase', txn, ...REASON]).catch(() => null);
    expect(killed?.code).not.toBe(0);
    const log = join(repo.home, 'destroyed');
    await writeScript(store, `#!/bin/sh\ncat >>'${log}'\nprintf '{}'\n`);
    await expectZero(repo.run(['list']));
    const { stdout } = await repo.exec('cat', [log]);
    expect(JSON.parse(stdout)).toMatchObject({ op: 'destroy', txn });
    await expectNoneOf(repo);
    await rm(log);
    await expectZero(repo.run(['list']));
    expect((await repo.exec('cat', [log])).code, 'once is enough').not.toBe(0);
  });

  it('names nothing: says so, and needs a reason', async () => {
    const { repo, txn } = await planted();
    expect((await repo.run(['erase', txn])).code).toBe(2);
    expect((await repo.run(['erase', '01ZZZZZZZZ', ...REASON])).code).toBe(1);
    expect((await shown(repo, txn)).task.text).toBe(PLANTED);
  });
});
