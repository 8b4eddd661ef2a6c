import { mkdir, rm, symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { STARTER_POLICY } from '../../lib/policy/rules/starter.ts';
import { repoForTest } from '../support/recorded.ts';
import type { TestRepo } from '../support/repo.ts';

const CHECK = ['check', 'topic', '--target', 'main', '--stage', 'mr', '--dry-run'];
/** Hundreds of files to the power of four. */
const FOR_EVER = ['a', 'b', 'c'].reduceRight(
  (body, name) => `change.files.all(${name}, ${body})`,
  'change.files.all(d, d.path != "")',
);

/** `main` with a policy, and `topic` with files on top of it. */
async function repoWith(policy: string, files: readonly string[]): Promise<TestRepo> {
  const repo = await repoForTest();
  await repo.write('.agent-log/policy.yaml', policy);
  await repo.git('add', '-A');
  await repo.git('commit', '-qm', 'Add a policy');
  await repo.git('checkout', '-qB', 'topic');
  for (const file of files) await repo.write(file, 'x\n');
  await repo.git('add', '-A');
  await repo.git('commit', '-qm', 'Change files\n\nCo-authored-by: Claude <noreply@anthropic.com>');
  return repo;
}

describe('check, from the built program', () => {
  it('ends a hostile expression at its limit and denies; the other rules have their results', async () => {
    const policy = `version: 1
rules:
  - {id: before, require: [{expr: 'true'}]}
  - {id: hostile, require: [{expr: '${FOR_EVER}'}]}
  - {id: after, require: [{expr: 'change.by_agent'}]}
`;
    const repo = await repoWith(
      policy,
      Array.from({ length: 300 }, (_, at) => `src/${at}.txt`),
    );
    const { code, stdout } = await repo.run([...CHECK, '--json']);
    expect(code).toBe(1);
    const { decisions } = JSON.parse(stdout) as {
      decisions: { rule: string; result: string; denies: boolean }[];
    };
    expect(decisions.map(({ rule, result, denies }) => [rule, result, denies])).toEqual(
      expect.arrayContaining([
        ['before', 'pass', false],
        ['hostile', 'error', true],
        ['after', 'pass', false],
      ]),
    );
    expect(stdout).toContain('it took longer than 5000 ms');
  });

  it('tells every mistake of a policy, with line and column, and judges by none of it', async () => {
    const repo = await repoWith(
      'version: 1\nrules:\n  - id: a\n    when: change.sponser == 1\n    require: [{expr: 1 +}]\n',
      ['a.txt'],
    );
    const { code, stdout, stderr } = await repo.run(CHECK);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(".agent-log/policy.yaml:4:18: there is no fact called 'change.sponser'");
    expect(stderr).toMatch(/\.agent-log\/policy\.yaml:5:\d+: Unexpected token/);
    expect(stderr).toMatch(/^hint: /m);
  });

  it('judges by the starter what an agent does, and not by the policy of the change itself', async () => {
    const repo = await repoWith(STARTER_POLICY, ['package.json']);
    await repo.write('.agent-log/policy.yaml', 'version: 1\nrules: [{id: all, require: [{expr: "true"}]}]\n');
    await repo.git('commit', '-qam', 'Loosen the policy');
    const { code, stdout } = await repo.run(CHECK);
    expect(code).toBe(1);
    for (const rule of ['agent.recorded', 'agent.dependencies', 'agent.audit-policy'])
      expect(stdout).toContain(rule);
  });

  it('takes no symbolic link for a policy', async () => {
    const repo = await repoWith('version: 1\nrules: [{id: a, require: [{expr: "true"}]}]\n', ['a.txt']);
    await repo.git('checkout', '-q', 'main');
    await mkdir(repo.path('elsewhere'));
    await repo.write('elsewhere/policy.yaml', 'version: 1\nrules: [{id: a, require: [{expr: "true"}]}]\n');
    await rm(repo.path('.agent-log/policy.yaml'));
    await symlink('../elsewhere/policy.yaml', repo.path('.agent-log/policy.yaml'));
    await repo.git('add', '-A');
    await repo.git('commit', '-qm', 'Link the policy');
    const { code, stdout } = await repo.run(CHECK);
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
  });
});
