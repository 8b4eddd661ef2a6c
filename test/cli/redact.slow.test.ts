import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';
import { BASE62, Seeded } from '../support/secrets/seeded.ts';

const TOKEN = ['ghp', new Seeded(5).letters(BASE62, 36)].join('_');
const MAIL = 'k.tanaka@acme-corp.de';
let repo: TestRepo;

beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
  await repo.run(['begin', '--task', `Mail ${MAIL}, with ${TOKEN}`]);
  await repo.commit('Add a file', { 'a.txt': 'a\n' });
  await repo.run(['end']);
});

afterAll(() => repo.remove());

it('finds nothing in what was redacted when it was recorded', async () => {
  const { stdout, code } = await repo.run(['redact', '--dry-run']);
  expect(stdout).toContain('Nothing is found today in 1 record and 1 text.');
  expect(code).toBe(0);
});

it('says by commit which rules find something now, and never what', async () => {
  await repo.git('config', 'agentLog.pii.email', 'mask');
  const { stdout, code } = await repo.run(['redact', '--dry-run', '--json']);
  const document = JSON.parse(stdout) as { found: object[]; rules: object[] };
  expect(schemaProblems(document)).toEqual([]);
  expect(document.rules).toEqual([{ rule: 'email', count: 1 }]);
  expect(document.found).toMatchObject([
    { commit: await repo.git('rev-parse', 'HEAD'), inTexts: [{ rule: 'email', count: 1 }], inLedger: [] },
  ]);
  expect(code).toBe(1);
  const people = await repo.run(['redact', '--dry-run', 'HEAD~1..HEAD']);
  expect(people.stdout).toContain('texts: email');
  expect(stdout + people.stdout).not.toContain(MAIL);
});

it('is refused without saying that nothing is to be changed', async () => {
  const { stderr, code } = await repo.run(['redact']);
  expect(code).toBe(2);
  expect(stderr).toContain('hint:');
});
