import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TestRepo } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';
import { entriesOf, expectZero, PAYLOADS, type Told, toldRepo, work } from '../../support/sealed-texts.ts';

interface Document {
  readonly rules: readonly string[];
  readonly due: readonly {
    readonly txn: string;
    readonly rule: string;
    readonly classes: readonly string[];
  }[];
  readonly kept: number;
  readonly unknown: readonly string[];
  readonly applied: boolean;
  readonly records: readonly string[];
}

let told: Told;
let repo: TestRepo;
let plain: string;
let risky: string;

beforeEach(async () => {
  told = await toldRepo('Say hello in the readme');
  ({ repo, txn: plain } = told);
  risky = await work(repo, 'Open the port in the firewall', 'main.tf');
  await expectZero(repo.run(['sync']));
});
afterEach(() => told.remove());

const rule = (text: string): Promise<string> => repo.git('config', '--add', 'agentLog.retention', text);

async function retention(...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await repo.run(['retention', ...args, '--json']);
  expect(code, stderr).toBe(0);
  const document = JSON.parse(stdout) as Document;
  expect(schemaProblems(document)).toEqual([]);
  return document;
}

async function stored(): Promise<string[]> {
  return [...new Set((await entriesOf(repo, PAYLOADS)).map(({ path }) => path.split('/')[1] ?? ''))].sort();
}

it('keeps everything where no rule is set', async () => {
  expect(await retention('--apply')).toMatchObject({ rules: [], due: [], kept: 2, records: [] });
  expect((await repo.run(['retention', '--plan'])).stdout).toContain('No rule is set');
  expect(await stored()).toEqual([plain, risky].sort());
});

it('erases what is due by its rule and nothing else; the plan changes nothing', async () => {
  await rule('0d');
  await rule('class=iac 7y');
  const plan = await retention('--plan');
  expect(plan).toMatchObject({ due: [{ txn: plain, rule: '0d' }], kept: 1, unknown: [], applied: false });
  expect(await stored()).toEqual([plain, risky].sort());
  const people = await repo.run(['retention', '--plan']);
  expect(people.stdout).toMatch(/^1 transaction due, 1 kept\n {2}01\w+ {2}task {2}0 days old, rule "0d"\n/);
  expect(people.stderr).toContain('git agent-log retention --apply');

  const done = await retention('--apply', '--push');
  expect(done).toMatchObject({ due: [{ txn: plain }], applied: true, pushed: true });
  expect(done.records).toHaveLength(1);
  expect(await stored()).toEqual([risky]);
  const { stdout } = await repo.run(['show', plain, '--json']);
  const [first] = (JSON.parse(stdout) as { commits: { task: { missing: object } }[] }).commits;
  expect(first?.task.missing).toMatchObject({ why: 'erased' });
  expect(await retention('--apply')).toMatchObject({ due: [], kept: 1, records: [] });
});

it('keeps what a later rule keeps for ever, and what is younger than its rule', async () => {
  await rule('0d');
  await rule('level=task 1d');
  await rule('class=iac forever');
  expect(await retention('--plan')).toMatchObject({ due: [], kept: 2 });
});

it('counts texts as of unknown age when their records are not here', async () => {
  await rule('0d');
  await repo.git('update-ref', '-d', 'refs/notes/agent-log');
  const plan = await retention('--plan');
  expect(plan).toMatchObject({ due: [], kept: 0 });
  expect(plan.unknown).toEqual([plain, risky].sort());
});

it('erases nothing by a rule it can not read, or one a tree holds', async () => {
  await repo.write('.agent-log/config.yaml', 'retention: [0d]\n');
  expect(await retention('--plan')).toMatchObject({ rules: [], due: [] });
  await rule('0d');
  await rule('0 days');
  const { code, stderr } = await repo.run(['retention', '--apply']);
  expect({ code, stderr }).toMatchObject({ code: 2 });
  expect(stderr).toContain("says '0 days', which is no rule");
  expect(await stored()).toEqual([plain, risky].sort());
});

it('wants to be told whether to plan or to apply', async () => {
  for (const args of [[], ['--plan', '--apply']]) {
    const { code, stderr } = await repo.run(['retention', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain('hint: ');
  }
});
