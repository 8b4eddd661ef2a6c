import { beforeEach, describe, expect, it } from 'vitest';
import { type Bank, makeBank } from '../support/merge-request.ts';
import { type Outcome, repoAt, type TestRepo } from '../support/repo.ts';

const BRANCH = 'agent-log-anchor';
const LEDGER = 'refs/notes/agent-log';
const POLICY = `version: 1
rules:
- id: any
  severity: low
  enforce: audit
  require:
  - {id: some, expr: "change.commits > 0", message: "a commit"}
`;

describe('the branch of checkpoints', { timeout: 120_000 }, () => {
  let bank: Bank;
  let ci: TestRepo;

  beforeEach(async () => {
    bank = await makeBank(POLICY);
    ci = bank.ci.repo;
    await ci.git('checkout', '-q', '-b', 'topic');
  });

  const check = async (repo: TestRepo = ci, ...more: string[]): Promise<Outcome> => {
    await repo.commit('Work', { 'work.txt': `${Math.random()}\n` });
    const args = ['check', '--stage', 'merge', '--target', 'main', '--sign', ...more];
    return repo.run(more.includes('--anchor-branch') ? args : [...args, '--anchor-branch', BRANCH]);
  };
  const count = (): Promise<string> => bank.server.git('rev-list', '--count', `refs/heads/${BRANCH}`);

  it('gets one commit a checkpoint, with the signed lines and the ledger as it was', async () => {
    const first = await check();
    expect(first.code, first.stderr).toBe(0);
    expect((await check()).code).toBe(0);
    expect(await count()).toBe('2');
    const lines = (await bank.server.git('show', `${BRANCH}:checkpoint.jsonl`)).split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { schema: string }).schema)).toEqual([
      'agent-log/checkpoint/v1',
      'agent-log/signature/v1',
    ]);
    const { tip } = JSON.parse(lines[0] ?? '') as { tip: string };
    expect(await bank.server.git('rev-parse', `${BRANCH}:ledger`)).toBe(
      await bank.server.git('rev-parse', `${tip}^{tree}`),
    );
    expect((await bank.server.tryGit(['merge-base', '--is-ancestor', tip, LEDGER])).code).toBe(0);
    expect((await bank.server.tryGit(['fsck', '--strict'])).code).toBe(0);
  });

  it('takes the checkpoints of two pipelines at once', async () => {
    await bank.john.repo.git('checkout', '-q', '-b', 'other');
    const both = await Promise.all([check(), check(bank.john.repo)]);
    for (const { code, stderr } of both) expect(code, stderr).toBe(0);
    expect(await count()).toBe('2');
  });

  it('attack: a force-pushed ledger is seen, by a clone that never saw the old one', async () => {
    expect((await check()).code).toBe(0);
    const { stdout: empty } = await ci.tryGit(['commit-tree', '-m', 'x', await ci.git('mktree')]);
    await ci.git('push', '-q', '--force', 'origin', `${empty.trim()}:${LEDGER}`);
    const fresh = repoAt(`${ci.dir}-fresh`, ci.home);
    await ci.tryGit(['clone', '-q', bank.server.dir, fresh.dir]);
    for (const key of ['user.name', 'user.email', 'gpg.format', 'user.signingkey'])
      await fresh.git('config', key, await ci.git('config', key));
    await fresh.git('remote', 'set-head', 'origin', 'main');
    await fresh.run(['sync', '--fetch']);
    await fresh.git('checkout', '-q', '-b', 'topic');
    const { code, stderr } = await check(fresh);
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('lacks lines of') as string,
    });
    expect(await count()).toBe('1');
    await fresh.git('config', 'agentLog.anchorBranch', BRANCH);
    const doctor = await fresh.run(['doctor', '--json']);
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      ok: false,
      findings: expect.arrayContaining([
        expect.objectContaining({ check: 'anchor branch', state: 'bad' }),
      ]) as object,
    });
  });

  it('attack: a branch of checkpoints that was rewritten or deleted is seen by who saw it', async () => {
    expect((await check()).code).toBe(0);
    expect((await check()).code).toBe(0);
    const [first = ''] = (await bank.server.git('rev-list', '--reverse', BRANCH)).split('\n');
    const last = await bank.server.git('rev-parse', BRANCH);
    await bank.server.git('update-ref', `refs/heads/${BRANCH}`, first);
    expect(await check()).toMatchObject({ code: 3 });
    await bank.server.git('update-ref', '-d', `refs/heads/${BRANCH}`);
    expect(await check()).toMatchObject({ code: 3 });
    await bank.server.git('update-ref', `refs/heads/${BRANCH}`, last);
    expect(await check()).toMatchObject({ code: 0 });
  });

  it('attack: a branch of something else is not written on', async () => {
    const before = await bank.server.git('rev-parse', 'main');
    expect(await check(ci, '--anchor-branch', 'main')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('something else than checkpoints') as string,
    });
    expect(await check(ci, '--anchor-branch', '../x')).toMatchObject({ code: 2 });
    expect(await bank.server.git('rev-parse', 'main')).toBe(before);
  });

  it('is said to be in order by the doctor, and how to guard it', async () => {
    await ci.git('config', 'agentLog.anchorBranch', BRANCH);
    const found = async (): Promise<object | undefined> => {
      const { findings } = JSON.parse((await ci.run(['doctor', '--json'])).stdout) as {
        findings: readonly { check: string }[];
      };
      return findings.find((one) => one.check === 'anchor branch');
    };
    expect(await found()).toMatchObject({ state: 'warn' });
    expect((await check()).code).toBe(0);
    expect(await found()).toMatchObject({ state: 'ok', hint: expect.stringContaining('no force') as string });
  });
});
