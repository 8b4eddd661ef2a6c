import { afterAll, beforeAll, expect, test } from 'vitest';
import { importFixture } from '../support/import-fixtures.ts';
import { addNote } from '../support/notes.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

let repo: TestRepo;
let txn = '';

beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
  const begun = await repo.run([
    'begin',
    '--task',
    'Add a file',
    '--task-ref',
    'https://user:pw@tracker.example/T-1?token=x',
    '--json',
  ]);
  txn = (JSON.parse(begun.stdout) as { txn: string }).txn;
  await repo.commit('Add a file', { 'a.txt': 'a\n' });
});

afterAll(() => repo.remove());

test.each([
  ['show'],
  ['show', 'HEAD~1'],
  ['list'],
  ['list', '--txn'],
  ['why', 'a.txt:1'],
  ['why', 'README.md', 'HEAD~1'],
  ['doctor'],
  ['relink'],
  ['relink', '--dry-run', 'HEAD~1..HEAD'],
  ['replay', '--mode', 'verify'],
  ['replay', '--mode', 'verify', '--dry-run', 'HEAD~1..HEAD'],
  ['init', '--agents', 'none'],
])('%s %s --json meets its schema', async (...args) => {
  const { stdout } = await repo.run([...args, '--json']);
  expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
});

test('a transaction by id and by prefix, its end, and uninit meet their schemas', async () => {
  for (const args of [['show', txn], ['show', txn.slice(0, 12).toLowerCase()], ['end'], ['uninit']]) {
    const { stdout, code, stderr } = await repo.run([...args, '--json']);
    expect(code, stderr).toBe(0);
    expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
  }
});

test('relink with something to say meets its schema', async () => {
  const commit = await repo.git('rev-parse', 'HEAD');
  await repo.git('checkout', '-q', '-b', 'picked', 'HEAD~1');
  await repo.commit('Moved on', { 'b.txt': 'b\n' });
  await repo.git('-c', 'core.hooksPath=/dev/null', 'cherry-pick', commit);
  await repo.commit(`Named\n\nAgent-Record: sha256:${'0'.repeat(64)}`, { 'c.txt': 'c\n' });
  const document = JSON.parse((await repo.run(['relink', '--dry-run', '--json'])).stdout) as {
    landings: unknown[];
    absent: unknown[];
  };
  expect(schemaProblems(document)).toEqual([]);
  expect([document.landings.length, document.absent.length]).toEqual([1, 1]);
  await repo.run(['relink']);
  const shown = JSON.parse((await repo.run(['show', commit, '--json'])).stdout) as { landings: unknown[] };
  expect(schemaProblems(shown)).toEqual([]);
  expect(shown.landings).toHaveLength(1);
  await repo.git('checkout', '-q', 'main');
});

test('a reference keeps no credentials', async () => {
  const shown = JSON.parse((await repo.run(['show', '--json'])).stdout) as { task: { ref: string } };
  expect(shown.task.ref).toBe('https://tracker.example/T-1');
});

test('import meets its schema, with something to import and without', async () => {
  const commit = await repo.git('rev-parse', 'HEAD~1');
  await addNote(repo, 'ai', commit, importFixture('git-ai.mixed.txt'));
  await addNote(repo, 'whogitit', commit, '{"version":9}');
  const codes: number[] = [];
  for (const args of [['git-ai', '--dry-run'], ['git-ai'], ['git-ai'], ['whogitit'], ['entire']]) {
    const { stdout, code } = await repo.run(['import', ...args, '--json']);
    expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
    codes.push(code);
  }
  expect(codes).toEqual([0, 0, 0, 1, 1]);
  expect(schemaProblems(JSON.parse((await repo.run(['show', commit, '--json'])).stdout))).toEqual([]);
});
