import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestRepo } from '../../support/repo.ts';
import {
  cloneOf,
  contentOf,
  entriesOf,
  expectZero,
  findLeaks,
  giveKeys,
  identities,
  KEYS,
  PAYLOADS,
  recipientOf,
  replaceEntries,
  type Told,
  toldRepo,
  work,
} from '../../support/sealed-texts.ts';

const TASK = 'Build the bridge over the river Kwai\nwith "quotes" and ünïcode\n';

interface Shown {
  readonly task: {
    readonly text?: string;
    readonly digest: string;
    readonly missing?: { readonly why: string; readonly says: string; readonly readers: string[] };
  };
}

async function shown(repo: TestRepo, what = 'HEAD'): Promise<Shown['task']> {
  const { stdout, stderr, code } = await repo.run(['show', what, '--json']);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as Shown).task;
}

describe('texts in the repository', () => {
  let told: Told;
  let holder: TestRepo;
  let stranger: TestRepo;

  beforeAll(async () => {
    told = await toldRepo(TASK);
    holder = await cloneOf(told, 'holder');
    await giveKeys(told.repo, holder);
    stranger = await cloneOf(told, 'stranger');
  });

  afterAll(() => told.remove());

  it('with the team key: a fresh clone shows the exact task, also as JSON and by why', async () => {
    expect((await shown(holder)).text).toBe(TASK);
    expect((await holder.run(['show'])).stdout).toContain('Build the bridge over the river Kwai');
    expect((await holder.run(['why', 'work.txt'])).stdout).toContain('Build the bridge');
  });

  it('without it: the digest, and who can read it', async () => {
    const task = await shown(stranger);
    expect(task).not.toHaveProperty('text');
    expect(task.digest).toMatch(/^hmac-sha256:/);
    expect(task.missing?.why).toBe('no-key');
    expect(task.missing?.readers).toEqual([await recipientOf(told.repo)]);
    const { stdout } = await stranger.run(['show']);
    expect(stdout).toContain(`it can be read by ${(await recipientOf(told.repo)).slice(0, 16)}…`);
    expect(stdout).toContain('you have no private key');
  });

  it('wrong key: says that it is not one of those the text is sealed for', async () => {
    const other = await cloneOf(told, 'other');
    await expectZero(other.run(['init', '--agents', 'none']));
    await rm(identities(other), { recursive: true, force: true });
    await giveKeys(await made(), other);
    expect((await shown(other)).missing).toMatchObject({
      why: 'no-key',
      says: expect.stringContaining('none of your 1 keys is theirs') as string,
    });
  });

  it('a clone of others: init makes no second team, and says whose key the texts are sealed for', async () => {
    const other = await cloneOf(told, 'second');
    const { stdout } = await other.run(['init', '--agents', 'none']);
    expect(stdout).toContain(`git config --add agentLog.recipient ${await recipientOf(told.repo)}`);
    expect((await other.tryGit(['config', '--get', 'agentLog.recipient'])).code).toBe(1);
    expect(await readdir(identities(other)).catch(() => [])).toEqual([]);
    await giveKeys(told.repo, other);
    expect((await other.run(['init', '--agents', 'none'])).stdout).toContain('to which you have the key');
    expect(await recipientOf(other)).toBe(await recipientOf(told.repo));
  });

  it('lost key: says that it is not here, and the record is as it was', async () => {
    const clone = await cloneOf(told, 'lost');
    await giveKeys(told.repo, clone);
    await replaceEntries(clone, KEYS, told.txn, []);
    expect((await shown(clone)).missing).toEqual({
      why: 'no-key',
      says: 'the key to this text is not here',
      readers: [],
    });
    await expectZero(clone.run(['sync', '--fetch']));
    expect((await shown(clone)).text, 'a remote that has it brings it back').toBe(TASK);
  });

  it('truncated ciphertext: says that what is stored is not what was sealed', async () => {
    const clone = await cloneOf(told, 'truncated');
    await giveKeys(told.repo, clone);
    const whole = await contentOf(clone, PAYLOADS, told.txn);
    await replaceEntries(clone, PAYLOADS, told.txn, [whole.subarray(0, whole.length - 20)]);
    expect((await shown(clone)).missing).toMatchObject({
      why: 'damaged',
      says: expect.stringContaining('it was changed, cut off') as string,
    });
    await expectZero(clone.run(['sync', '--fetch']));
    expect((await shown(clone)).text, 'a whole copy beside it counts').toBe(TASK);
  });

  it('rotated recipient: what comes later is for the new one alone, also in the same transaction', async () => {
    const clone = await cloneOf(told, 'rotated');
    await giveKeys(told.repo, clone);
    await expectZero(clone.run(['init', '--agents', 'none']));
    const before = await work(clone, 'for the old key');
    const next = await made();
    await clone.git('config', '--replace-all', 'agentLog.recipient', await recipientOf(next));
    const after = await work(clone, 'for the new key');
    await rm(clone.path('.git', 'agent-log', 'sessions'), { recursive: true });
    const old = await shownOfTxn(clone, before);
    expect(old.text).toBe('for the old key');
    const fresh = await shownOfTxn(clone, after);
    expect(fresh.missing).toMatchObject({ why: 'no-key', readers: [await recipientOf(next)] });
    await giveKeys(next, clone);
    expect((await shownOfTxn(clone, after)).text).toBe('for the new key');
  });

  it('two clones adding at once: a push that loses its lease takes in what came first, and nothing is lost', async () => {
    const clones = await Promise.all(['one', 'two', 'three'].map((name) => cloneOf(told, name)));
    for (const clone of clones) {
      await giveKeys(told.repo, clone);
      await expectZero(clone.run(['init', '--agents', 'none']));
    }
    const txns = await Promise.all(clones.map((clone, i) => work(clone, `task ${i}`, `file-${i}`)));
    await Promise.all(clones.map((clone) => expectZero(clone.run(['sync']))));
    await Promise.all(clones.map((clone) => expectZero(clone.run(['sync', '--fetch']))));
    for (const clone of clones)
      for (const [i, txn] of txns.entries()) expect((await shownOfTxn(clone, txn)).text).toBe(`task ${i}`);
    const ends = await Promise.all(clones.map((clone) => clone.git('rev-parse', PAYLOADS, KEYS)));
    expect(new Set(ends).size, 'all come to the same commit').toBe(1);
  });

  it('a push that loses its lease: never replaces what it has not seen', async () => {
    const [first, second] = await Promise.all(['quick', 'slow'].map((name) => cloneOf(told, name)));
    if (first === undefined || second === undefined) return;
    for (const clone of [first, second]) {
      await giveKeys(told.repo, clone);
      await expectZero(clone.run(['init', '--agents', 'none']));
    }
    const txn = await work(first, 'quick work', 'quick');
    await work(second, 'slow work', 'slow');
    await expectZero(first.run(['sync']));
    const before = await entriesOf(first, PAYLOADS);
    // What the second has seen of the remote is from before.
    await expectZero(second.run(['sync', '--push']));
    const third = await cloneOf(told, 'third');
    const after = (await entriesOf(third, PAYLOADS)).map(({ path }) => path);
    expect(after).toEqual(expect.arrayContaining(before.map(({ path }) => path)));
    expect(after.some((path) => path.includes(txn))).toBe(true);
  });

  it('no plain text outside spool and session folders, and nothing of it readable by others', async () => {
    const { holding, open } = await findLeaks(told.repo.path('.git'), 'river Kwai');
    expect(holding.every((name) => name.startsWith(join('agent-log', 'sessions')))).toBe(true);
    expect(holding.length).toBeGreaterThan(0);
    expect(open).toEqual([]);
    const { holding: elsewhere } = await findLeaks(join(told.remote), 'river Kwai');
    expect(elsewhere).toEqual([]);
  });

  const spare: TestRepo[] = [];
  afterAll(() => Promise.all(spare.map((repo) => repo.remove())));

  /** A repository with a team key of its own. */
  async function made(): Promise<TestRepo> {
    const { makeRepo } = await import('../../support/repo.ts');
    const repo = await makeRepo();
    spare.push(repo);
    await expectZero(repo.run(['init', '--agents', 'none']));
    return repo;
  }

  async function shownOfTxn(repo: TestRepo, txn: string): Promise<Shown['task']> {
    const { stdout, stderr, code } = await repo.run(['show', txn, '--json']);
    expect(code, stderr).toBe(0);
    const [first] = (JSON.parse(stdout) as { commits: Shown[] }).commits;
    if (first === undefined) throw new Error(`nothing of ${txn}`);
    return first.task;
  }
});

it('swapped payloads: what was asked elsewhere is not shown for it', async () => {
  const told = await toldRepo('the first task');
  try {
    const other = await work(told.repo, 'the second task');
    await expectZero(told.repo.run(['sync']));
    const clone = await cloneOf(told, 'swapped');
    await giveKeys(told.repo, clone);
    const one = await contentOf(clone, PAYLOADS, told.txn);
    const two = await contentOf(clone, PAYLOADS, other);
    await replaceEntries(clone, PAYLOADS, told.txn, [two]);
    await replaceEntries(clone, PAYLOADS, other, [one]);
    for (const txn of [told.txn, other]) {
      const { stdout } = await clone.run(['show', txn]);
      expect(stdout).not.toContain('the first task');
      expect(stdout).not.toContain('the second task');
      expect(stdout).toContain('it is that of another transaction');
    }
  } finally {
    await told.remove();
  }
});
