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
