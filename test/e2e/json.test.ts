import { afterAll, beforeAll, expect, test } from 'vitest';
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
