import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { judgeCommit } from '../../../lib/ledger/binding/judge.ts';
import { judgeMany } from '../../../lib/ledger/binding/judge-many.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { appendToNotes } from '../../../lib/ledger/notes/append.ts';
import { IDENTITY, storedBinding, storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

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

type Stored = ReturnType<typeof storedExecution>;

async function put(object: string, ...lines: readonly string[]): Promise<void> {
  await appendToNotes(ledger, [{ object, lines: () => [...lines] }], {
    identity: IDENTITY,
    message: 'test\n',
  });
}

/** A commit as the hook seals one. `tree` is what the record says it was. */
async function sealedCommit(path: string, tree?: string): Promise<{ oid: string; record: Stored }> {
  const [commit = '', before = ''] = (await repo.git('log', '-1', '--format=%H%n%T')).split('\n');
  await repo.write(path, `${path}\n`);
  await repo.git('add', '-A');
  const head = { commit, tree: before, parents: [] };
  const record = storedExecution({ head, tree: tree ?? (await repo.git('write-tree')) });
  const seal = `Agent-Txn: ${record.record.txn}\nAgent-Record: ${record.digest}`;
  await repo.git('commit', '-q', '-m', `Add ${path}\n\n${seal}`);
  return { oid: await repo.git('rev-parse', 'HEAD'), record };
}

/** So many that the ledger is listed, and all is read ahead; of some it does not say all there is. */
async function manyCommits(): Promise<void> {
  const [tip, tree] = await Promise.all([
    repo.git('rev-parse', 'HEAD'),
    repo.git('rev-parse', 'HEAD^{tree}'),
  ]);
  const who = 'Jane Doe <jane@example.com> 1767225600 +0000';
  const commits = Array.from({ length: 250 }, (_, at) => {
    const from = at === 0 ? `from ${tip}\n` : '';
    const message = at >= 100 && at < 150 ? `More\n\nAgent-Record: sha256:${'0'.repeat(64)}` : 'More';
    return `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n${message}\n${from}M 100644 inline many\ndata ${String(at).length}\n${at}\n`;
  });
  await repo.git('checkout', '-q', '-B', 'main');
  const { code, stderr } = await repo.tryGit(['fast-import', '--quiet', '--force'], {
    input: commits.join(''),
  });
  if (code !== 0) throw new Error(`${tree}: ${stderr}`);
  await repo.git('reset', '-q', '--hard', 'main');
}

it('says of each commit what is said of it alone, whoever names a record for it', async () => {
  const exact = await sealedCommit('exact');
  await put(exact.oid, exact.record.line, storedBinding(exact.record, exact.oid).line);
  const elsewhere = await sealedCommit('elsewhere');
  await put(exact.oid, elsewhere.record.line);
  await sealedCommit('unknown');
  const other = await sealedCommit('other', '1'.repeat(40));
  await put(other.oid, other.record.line, storedBinding(other.record, other.oid).line);
  const amended = await sealedCommit('amended');
  await put(amended.oid, amended.record.line);
  await repo.write('amended', 'otherwise\n');
  await repo.git('commit', '-q', '-a', '--amend', '-m', `Twice\n\nAgent-Record: ${amended.record.digest}`);
  const unnamed = await sealedCommit('unnamed');
  await put(unnamed.oid, elsewhere.record.line, 'no record');
  await repo.git('checkout', '-q', '-b', 'side', 'HEAD~2');
  const merged = await sealedCommit('side');
  await put(merged.oid, merged.record.line, storedBinding(merged.record, merged.oid).line);
  await repo.git('checkout', '-q', 'main');
  await repo.git('merge', '-q', '--no-ff', '-m', `Merge\n\nAgent-Record: ${merged.record.digest}`, 'side');
  await manyCommits();

  const oids = (await repo.git('rev-list', 'HEAD')).split('\n');
  expect(oids.length).toBeGreaterThan(200);
  const kinds = new Set<string>();
  const told: string[] = [];
  for await (const { commit, judgement, shape } of judgeMany(ledger, oids)) {
    told.push(commit.oid);
    const alone = await judgeCommit(ledger, commit);
    expect(judgement, commit.message).toEqual(alone);
    expect(shape.parentTree).toBe(
      commit.parents.length === 0 ? null : await repo.git('rev-parse', `${commit.oid}~1^{tree}`),
    );
    for (const { binding } of judgement.judged) kinds.add(binding);
  }
  expect(told).toEqual(oids);
  expect([...kinds].sort()).toEqual(expect.arrayContaining(['claimed', 'exact']));
});
