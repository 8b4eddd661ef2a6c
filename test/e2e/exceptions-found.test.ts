import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeRepo, repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

let repo: TestRepo;
beforeEach(async () => {
  repo = await makeRepo();
});
afterEach(() => repo.remove());

interface Listed {
  readonly type: string;
  readonly state: string;
  readonly commit: string | null;
  readonly txn: string | null;
}

async function listed(one = repo): Promise<Listed[]> {
  const { stdout } = await one.run(['exception', 'list', '--all', '--json']);
  const documents = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Listed);
  expect(documents.flatMap(schemaProblems)).toEqual([]);
  return documents;
}

/** A transaction of one commit with two files. */
async function recorded(): Promise<string> {
  await repo.run(['init', '--agents', 'none']);
  const txn = (await repo.run(['begin', '--task', 'Add files'])).stdout.trim();
  await repo.commit('Add files', { 'b.txt': 'b\n', 'c.txt': 'c\n' });
  await repo.run(['end']);
  return txn;
}

test('scan puts agent commits without a record into the queue, once, and those without a sponsor', async () => {
  const commit = await repo.commit('Fix\n\nCo-Authored-By: Claude <noreply@anthropic.com>', {
    'package.json': '{}',
  });
  await repo.commit('By hand', { 'd.txt': 'd\n' });
  expect((await repo.run(['scan'])).stderr).toBe('');
  expect(await listed()).toEqual([]);
  const { stderr, stdout } = await repo.run(['scan', '--open-exceptions', '--json']);
  expect(stderr).toBe('1 exception opened: git agent-log exception list\n');
  expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
  expect(await listed()).toMatchObject([
    { type: 'provenance-missing', severity: 'high', commit, detectedBy: 'scan' },
  ]);
  expect((await repo.run(['scan', '--open-exceptions'])).stderr).toBe('');
  const ofClass = async (risk: string): Promise<number> =>
    (await repo.run(['exception', 'list', '--json', '--class', risk])).stdout.split('\n').length - 1;
  expect([await ofClass('iam,dependency-manifest'), await ofClass('iam')]).toEqual([1, 0]);
  await repo.run(['adopt', commit]);
  await repo.run(['scan', '--open-exceptions']);
  expect((await listed()).map(({ type }) => type)).toEqual(['provenance-missing', 'identity-unclear']);
  const shown = JSON.parse((await repo.run(['show', commit, '--json'])).stdout) as { exceptions: Listed[] };
  expect(schemaProblems(shown)).toEqual([]);
  expect(shown.exceptions.map(({ type }) => type)).toEqual(['provenance-missing', 'identity-unclear']);
});

test('a replay that fails opens one, a dry run does not, and show tells it', async () => {
  const txn = await recorded();
  const rerun = ['replay', '--mode', 'rerun', '--runner', 'true', '--check', 'false'];
  expect((await repo.run([...rerun, '--dry-run'])).code).toBe(1);
  expect((await repo.run(['replay', '--mode', 'verify'])).code).toBe(0);
  expect(await listed()).toEqual([]);
  expect((await repo.run(rerun)).code).toBe(1);
  expect(await listed()).toMatchObject([{ type: 'replay-failed', txn, detectedBy: 'replay', state: 'open' }]);
  expect((await repo.run(['show'])).stdout).toMatch(/exceptions {2}[0-9a-f]{8} replay-failed, medium, open/);
});

test('a record that does not hold opens one, and a revert it refuses another', async () => {
  const txn = await recorded();
  const head = await repo.git('rev-parse', 'HEAD');
  const note = await repo.git('notes', '--ref', 'agent-log', 'show', head);
  await repo.write(
    '../note',
    `${note.replace('"seq":1', '"seq":7')}
`,
  );
  await repo.git('notes', '--ref', 'agent-log', 'add', '-f', '-F', '../note', head);
  expect((await repo.run(['replay', '--mode', 'verify', head])).code).toBe(3);
  expect((await repo.run(['agent-revert', txn])).code).toBe(3);
  const types = (await listed()).map(({ type }) => type);
  expect(new Set(types)).toEqual(new Set(['record-invalid', 'rollback-unbounded']));
});

test('a revert in part opens one, one of all none', async () => {
  const txn = await recorded();
  const revert = (...args: string[]): ReturnType<TestRepo['run']> => repo.run(['agent-revert', ...args]);
  expect((await revert(txn, '--path', 'b.txt', '--plan')).code).toBe(0);
  expect(await listed()).toEqual([]);
  expect((await revert(txn, '--path', 'b.txt')).code).toBe(0);
  expect(await listed()).toMatchObject([{ type: 'revert-partial', txn, detectedBy: 'revert' }]);
});

test('what a shallow clone can not tell opens nothing', async () => {
  const txn = await recorded();
  await repo.git('clone', '-q', '--depth', '1', `file://${repo.dir}`, '../shallow');
  const shallow = repoAt(repo.path('..', 'shallow'), repo.home);
  await shallow.git('config', 'user.name', 'Jane Doe');
  await shallow.git('config', 'user.email', 'jane@example.com');
  await shallow.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
  expect((await shallow.run(['agent-revert', txn])).code).toBe(3);
  expect(await listed(shallow)).toEqual([]);
});
