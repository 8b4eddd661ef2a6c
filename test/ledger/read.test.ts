import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestHex } from '../../lib/core/digest.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { findByDigest } from '../../lib/ledger/binding/candidates.ts';
import {
  findLocalRecord,
  listPending,
  pendingNames,
  removePending,
  setAside,
  writePending,
} from '../../lib/ledger/binding/pending.ts';
import { resolveCommit } from '../../lib/ledger/binding/resolve.ts';
import { LEDGER_REF, type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { appendToNotes } from '../../lib/ledger/notes/append.ts';
import { withLock } from '../../lib/ledger/notes/lock.ts';
import { notesHolding, scanLedger } from '../../lib/ledger/reading/scan.ts';
import { findTxn } from '../../lib/ledger/reading/txn.ts';
import { IDENTITY, NOW, storedBinding, storedExecution } from '../support/records.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

async function put(object: string, ...lines: string[]): Promise<void> {
  await appendToNotes(ledger, [{ object, lines: () => lines }], { identity: IDENTITY, message: 'test\n' });
}

/** A commit sealed as the hook seals one: the record knows HEAD and the tree, the message names the record. */
async function sealedCommit(path: string, fields: Parameters<typeof storedExecution>[0] = {}) {
  const [commit = '', tree = '', parents = ''] = (await repo.git('log', '-1', '--format=%H%n%T%n%P')).split(
    '\n',
  );
  await repo.write(path, `${path}\n`);
  await repo.git('add', '-A');
  const record = storedExecution({
    head: { commit, tree, parents: parents === '' ? [] : parents.split(' ') },
    tree: await repo.git('write-tree'),
    ...fields,
  });
  const seal = `Agent-Txn: ${record.record.txn}\nAgent-Record: ${record.digest}`;
  await repo.git('commit', '-q', '-m', `Add ${path}\n\n${seal}`);
  return { record, oid: await repo.git('rev-parse', 'HEAD') };
}

describe('resolveCommit', () => {
  it('finds a record by its note, and by its trailer while it waits', async () => {
    const { record, oid } = await sealedCommit('a');
    expect(await resolveCommit(ledger, oid)).toMatchObject({
      binding: 'claimed',
      record: null,
      problems: [expect.stringContaining('in no ledger here')],
    });
    await writePending(ledger.repo, record, 'task');
    expect(await resolveCommit(ledger, 'HEAD')).toMatchObject({
      binding: 'exact',
      sealed: true,
      record: { digest: record.digest },
      problems: [],
    });
    await put(oid, record.line, storedBinding(record, oid).line);
    await removePending(ledger.repo, record.digest);
    expect(await resolveCommit(ledger, 'HEAD')).toMatchObject({
      binding: 'exact',
      sealed: true,
      bindingRecord: { record: { commit: oid } },
    });
  });

  it('does not believe a trailer copied onto another change', async () => {
    const { record, oid } = await sealedCommit('a');
    await put(oid, record.line, storedBinding(record, oid).line);
    await repo.commit(`Copy\n\nAgent-Txn: ${record.record.txn}\nAgent-Record: ${record.digest}`, {
      other: 'x',
    });
    expect(await resolveCommit(ledger, 'HEAD')).toMatchObject({ binding: 'claimed', sealed: true });
  });

  it('does not believe a note without a binding or a trailer', async () => {
    const oid = await repo.commit('human', { x: '1' });
    await put(oid, storedExecution({ tree: await repo.git('rev-parse', 'HEAD^{tree}') }).line);
    expect(await resolveCommit(ledger, oid)).toMatchObject({ binding: 'claimed', sealed: false });
  });

  it('has no answer for what is no commit', async () => {
    expect(await resolveCommit(ledger, 'none')).toBeNull();
    expect(await resolveCommit(ledger, 'HEAD^{tree}')).toBeNull();
    expect(await resolveCommit(ledger, 'HEAD')).toMatchObject({
      binding: 'none',
      record: null,
      note: null,
      problems: [],
    });
  });

  it('takes two sealed records of one line of work for a squash', async () => {
    const one = await sealedCommit('one');
    const two = await sealedCommit('two', { txn: one.record.record.txn, seq: 2, prev: one.record.digest });
    for (const { record, oid } of [one, two]) await put(oid, record.line, storedBinding(record, oid).line);
    const body = await repo.git('log', '--format=* %B', '-2');
    await repo.git('reset', '-q', '--soft', 'HEAD~2');
    await repo.git('commit', '-q', '-m', `Squashed\n\n${body}`);
    expect(await resolveCommit(ledger, 'HEAD')).toMatchObject({
      binding: 'squashed',
      record: { digest: two.record.digest },
      others: [{ digest: one.record.digest }],
    });
  });
});

describe('reading by text', () => {
  it('finds records and transactions from a folder below, whatever git is set to', async () => {
    const txn = newUlid(NOW);
    const { record, oid } = await sealedCommit('sub/a', { txn });
    await put(oid, record.line, storedBinding(record, oid).line);
    for (const [key, value] of [
      ['color.ui', 'always'],
      ['color.grep', 'always'],
      ['grep.lineNumber', 'true'],
      ['grep.column', 'true'],
      ['grep.patternType', 'perl'],
      ['grep.fullName', 'true'],
    ] as const)
      await repo.git('config', key, value);
    for (const cwd of [repo.dir, repo.path('sub'), repo.path('.git')]) {
      const here = openLedger(await findRepository({ cwd }));
      expect(await notesHolding(here, [record.digest]), cwd).toEqual([oid]);
      expect(await findTxn(here, txn.slice(0, 12)), cwd).toEqual({ txn, commits: [oid] });
      expect((await findByDigest(here, record.digest))?.record.digest, cwd).toBe(record.digest);
      here.close();
    }
  });

  it('lists the commits of a transaction in the order of the work, and says when a prefix is not enough', async () => {
    const txn = newUlid(NOW);
    const one = await sealedCommit('one', { txn, seq: 1 });
    const two = await sealedCommit('two', { txn, seq: 2 });
    await put(two.oid, two.record.line);
    await put(one.oid, one.record.line);
    expect(await findTxn(ledger, txn)).toEqual({ txn, commits: [one.oid, two.oid] });
    const other = await sealedCommit('other');
    await put(other.oid, other.record.line);
    await expect(findTxn(ledger, txn.slice(0, 8))).rejects.toMatchObject({ code: 'AMBIGUOUS' });
    expect(await findTxn(ledger, '7ZZZZZZZ')).toBeNull();
  });
});

async function scanned(only: ReadonlySet<string> | null = null): Promise<string[]> {
  const digests: string[] = [];
  for await (const { stored } of scanLedger(ledger, only)) digests.push(stored.digest);
  return digests;
}

describe('scanLedger', () => {
  it('gives each record once, also where a note is at two paths or a merge doubled its lines', async () => {
    const oid = await repo.git('rev-parse', 'HEAD');
    const [a, b] = [storedExecution(), storedExecution()];
    writeFileSync(repo.path('one'), `${a.line}\n${a.line}\n${storedBinding(a, oid).line}\n`);
    writeFileSync(repo.path('two'), `${a.line}\n${b.line}\n`);
    const env = { GIT_INDEX_FILE: repo.path('.git', 'scratch-index') };
    const [one, two] = [
      await repo.git('hash-object', '-w', 'one'),
      await repo.git('hash-object', '-w', 'two'),
    ];
    const input = `100644 ${one}\t${oid}\n100644 ${two}\t${oid.slice(0, 2)}/${oid.slice(2)}\n`;
    await repo.tryGit(['update-index', '--add', '--index-info'], { env, input });
    const tree = (await repo.tryGit(['write-tree'], { env })).stdout.trim();
    await repo.git('update-ref', LEDGER_REF, await repo.git('commit-tree', '-m', 'x', tree));
    expect((await scanned()).sort()).toEqual([a.digest, b.digest].sort());
    expect(await scanned(new Set([oid]))).toHaveLength(2);
    expect(await scanned(new Set())).toEqual([]);
  });

  it('finds nothing where there is no ledger', async () => {
    expect(await scanned()).toEqual([]);
    expect(await notesHolding(ledger, ['x'])).toEqual([]);
  });
});

describe('records that wait', () => {
  const dir = (): string => repo.path('.git', 'agent-log', 'pending');

  it('are whole, private and named by their digest', async () => {
    const record = storedExecution();
    await writePending(ledger.repo, record, 'task');
    expect(await listPending(ledger.repo)).toMatchObject([{ line: record.line, digest: record.digest }]);
    const { stdout } = await repo.exec('sh', [
      '-c',
      'cd .git/agent-log/pending && stat -c %a . * && head -n 1 * | head -c -1 | sha256sum',
    ]);
    expect(stdout).toBe(`700\n600\n${digestHex(record.digest)}  -\n`);
    expect(readdirSync(dir())).toEqual([digestHex(record.digest)]);
  });

  it('are believed only when they hash to their name and are files', async () => {
    const record = storedExecution();
    await writePending(ledger.repo, record, 'task');
    writeFileSync(`${dir()}/${'0'.repeat(64)}`, record.line);
    writeFileSync(`${dir()}/${'1'.repeat(64)}`, 'not a record');
    symlinkSync(`${dir()}/${digestHex(record.digest)}`, `${dir()}/${'2'.repeat(64)}`);
    mkdirSync(`${dir()}/${'3'.repeat(64)}`);
    writeFileSync(`${dir()}/${digestHex(record.digest)}.1.x.tmp`, 'half');
    expect((await listPending(ledger.repo)).map(({ digest }) => digest)).toEqual([record.digest]);
    expect(await pendingNames(ledger.repo)).toHaveLength(5);
  });

  it('can be found after they were set aside', async () => {
    const record = storedExecution();
    await writePending(ledger.repo, record, 'task');
    await setAside(ledger.repo, record.digest);
    expect(await pendingNames(ledger.repo)).toEqual([]);
    expect((await findLocalRecord(ledger.repo, record.digest))?.digest).toBe(record.digest);
    await setAside(ledger.repo, record.digest);
    await removePending(ledger.repo, record.digest);
  });
});

describe('withLock', () => {
  const path = (): string => repo.path('.git', 'agent-log', 'lock');
  const busy = (): Promise<string> => Promise.resolve('busy');

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      return 'done';
    };
    const done = await Promise.all(Array.from({ length: 10 }, () => withLock(path(), 5000, work, busy)));
    expect(done).toEqual(Array.from({ length: 10 }, () => 'done'));
    expect(most).toBe(1);
  });

  it('takes over what a dead process left, and not what a live one holds', async () => {
    await withLock(path(), 0, busy, busy);
    writeFileSync(path(), '999999999');
    expect(await withLock(path(), 200, () => Promise.resolve('in'), busy)).toBe('in');
    writeFileSync(path(), String(process.pid));
    expect(await withLock(path(), 100, () => Promise.resolve('in'), busy)).toBe('busy');
    utimesSync(path(), new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    expect(await withLock(path(), 200, () => Promise.resolve('in'), busy)).toBe('in');
  });

  it('lets go when the work fails', async () => {
    await expect(withLock(path(), 0, () => Promise.reject(new Error('x')), busy)).rejects.toThrow('x');
    expect(await withLock(path(), 0, () => Promise.resolve('in'), busy)).toBe('in');
  });
});
