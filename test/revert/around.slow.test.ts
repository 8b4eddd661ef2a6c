import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../lib/cli/terminal/io.ts';
import { renderPlan } from '../../lib/cli/views/plan.ts';
import { openScratch } from '../../lib/git/objects/scratch.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger } from '../../lib/ledger/ledger.ts';
import { planRevert } from '../../lib/revert/plan.ts';
import { makeRepo } from '../support/repo.ts';
import { scene, ten } from '../support/revert.ts';

/** Built here, so that nobody takes it for one. */
const SECRET = `ghp_${'x9Yb3Kd7'.repeat(5).slice(0, 36)}`;

describe('what lies around a revert', () => {
  it('R64 a database migration: nothing goes before somebody says so', async () => {
    const { person, agent, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }), 'db/migrate/003_add_orders.sql': 'CREATE TABLE orders ();\n' });
    const { plan: held, apply } = await plan();
    expect(held).toMatchObject({
      verdict: 'needs-decision',
      resultTree: null,
      why: [expect.stringMatching(/003_add_orders\.sql: a database migration\. Write one forward/)],
      options: [{ flag: '--accept-pivots', verdict: 'clean', adds: [] }],
      notUndone: [expect.stringMatching(/003_add_orders\.sql: what a migration did to a database stays/)],
    });
    await expect(apply()).rejects.toMatchObject({ code: 'NOT_CLEAN', hints: ['Say --accept-pivots.'] });
    const accepted = await plan({ acceptPivots: true });
    expect(accepted.plan).toMatchObject({ verdict: 'clean', files: [{ change: 'deleted' }, { path: 'f' }] });
    expect(await accepted.file('f')).toBe(ten());
  });

  it('R64 a guide on migrations is none', async () => {
    const { agent, plan } = await scene();
    await agent({ 'docs/migrations/v2.md': 'How to move to v2\n' });
    expect((await plan()).plan.verdict).toBe('clean');
  });

  it('R65 CI, CODEOWNERS and policy: their owners are those of the branch, not of the change', async () => {
    const { person, agent, plan } = await scene();
    await person({
      '.github/CODEOWNERS': '* @everybody\n.github/ @platform\n',
      '.github/workflows/ci.yml': 'a\n',
    });
    await agent({ '.github/workflows/ci.yml': 'b\n', src: 'agent\n' });
    await agent({ 'docs/CODEOWNERS': '* @agent\n' });
    const { plan: planned } = await plan();
    expect(planned.verdict).toBe('clean');
    expect(planned.approvals).toEqual([
      { owner: '@platform', paths: ['.github/workflows/ci.yml'] },
      { owner: '@everybody', paths: ['docs/CODEOWNERS', 'src'] },
    ]);
    const text = renderPlan(planned, { paint: PLAIN, columns: 80 });
    expect(text).toContain(
      'Needs the approval of its owners (CODEOWNERS)\n  @platform: .github/workflows/ci.yml\n',
    );
    expect(text).toMatch(/M \.github\/workflows\/ci\.yml {2}.*ci-cd/);
  });

  it('R66 a secret the work added is still in history, also where a later commit took it out; it is never printed', async () => {
    const { repo, agent, plan } = await scene();
    await agent({ 'config.env': `A=1\nTOKEN=${SECRET}\n` });
    await agent({ 'config.env': 'A=1\n', other: 'x\n' });
    const { plan: planned, apply } = await plan();
    expect(planned.notUndone).toEqual([
      expect.stringMatching(/^config\.env: a secret \(github\) is still in history: rotate it$/),
    ]);
    expect(planned.verdict).toBe('clean');
    await apply();
    const message = await repo.git('log', '-1', '--format=%B');
    expect(message).toContain('Not undone: config.env: a secret (github) is still in history: rotate it');
    expect(`${message}${JSON.stringify(planned)}`).not.toContain(SECRET);
    expect(await repo.git('log', '-p', 'refs/notes/agent-log')).not.toContain(SECRET);
  });

  it("R66 a secret that was there before is not the work's", async () => {
    const { person, agent, plan } = await scene();
    await person({ 'config.env': `TOKEN=${SECRET}\n` });
    await agent({ 'config.env': `TOKEN=${SECRET}\nB=2\n` });
    expect((await plan()).plan.notUndone).toEqual([]);
  });

  it('R72 tags that hold it are listed, and it may be reverted', async () => {
    const { repo, person, agent, plan } = await scene();
    await repo.git('tag', 'v0.9');
    await agent({ f: 'agent\n' });
    await repo.git('tag', 'v1.0');
    await repo.git('tag', '-a', '-m', 'signed off', 'v1.0-final');
    await person({ g: 'person\n' });
    const { plan: planned } = await plan();
    expect(planned.verdict).toBe('clean');
    expect(planned.notUndone).toEqual(['released already: v1.0, v1.0-final']);
  });

  it('names who has worked on the same files since, and nobody else', async () => {
    const { repo, person, agent, plan } = await scene();
    await person({ f: ten(), g: 'g\n' });
    await agent({ f: ten({ 1: 'agent' }) });
    await repo.git('config', 'user.name', 'John Roe');
    await repo.git('config', 'user.email', 'john@example.com');
    await person({ f: ten({ 1: 'agent', 6: 'john' }) });
    await person({ f: ten({ 1: 'agent', 6: 'john', 9: 'john' }) });
    await repo.git('config', 'user.name', 'Mary Major');
    await person({ g: 'mary\n' });
    expect((await plan()).plan.affected).toEqual([{ author: 'John Roe <john@example.com>', commits: 2 }]);
  });

  it('says of submodules and Git LFS that only what leads there goes back', async () => {
    const { repo, agent, person, plan } = await scene();
    const library = await makeRepo();
    await repo.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.dir, 'lib');
    await person({ '.gitattributes': '*.bin filter=lfs -text\n' });
    await library.remove();
    await repo.git(
      '-C',
      'lib',
      '-c',
      'user.name=J',
      '-c',
      'user.email=j@example.com',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'next',
    );
    await repo.git('config', 'filter.lfs.clean', 'cat');
    await agent({
      'a.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1\n`,
    });
    expect((await plan()).plan.notUndone).toEqual([
      expect.stringMatching(/^lib: a submodule; .* stays$/),
      expect.stringMatching(/^a\.bin: in Git LFS; .* stays$/),
    ]);
  });

  it('R81 effects of tool calls are listed with their class, and change no verdict: another clone may not know them', async () => {
    const repo = await makeRepo();
    await repo.run(['init', '--agents', 'none']);
    const script =
      'echo agent > f; git add f; git commit -qm Agent; : npm publish; false && kubectl apply -f x; exit 0';
    await repo.run(['run', '--task', 'Publish', '--agent', 'tester', '--', 'sh', '-c', script]);
    const plan = async (dir: string): Promise<string[]> => {
      const { stdout } = await repo.exec(repo.path('..', 'revert'), ['-C', dir, '--plan', '--json', 'HEAD']);
      const { verdict, notUndone } = JSON.parse(stdout) as { verdict: string; notUndone: string[] };
      expect(verdict).toBe('clean');
      return notUndone;
    };
    await repo.exec('ln', [
      '-s',
      new URL('../../bin/git-agent-revert', import.meta.url).pathname,
      repo.path('..', 'revert'),
    ]);
    expect(await plan(repo.dir)).toEqual([
      expect.stringMatching(/^the agent ran kubectl apply: .*\(mutating\)$/),
    ]);
    await repo.exec('git', ['clone', '-q', repo.dir, repo.path('..', 'clone')]);
    await repo.exec('git', [
      '-C',
      repo.path('..', 'clone'),
      'fetch',
      '-q',
      'origin',
      'refs/notes/agent-log:refs/notes/agent-log',
    ]);
    expect(await plan(repo.path('..', 'clone'))).toEqual(
      [
        expect.stringMatching(/^1 command of the agent: not in this clone/),
        expect.stringMatching(/^x$/),
      ].slice(0, 1),
    );
    await repo.remove();
  });

  it('plans in a library without anybody reading texts', async () => {
    const { repo, agent, txn } = await scene();
    await agent({ f: 'x\n' });
    const ledger = openLedger(await findRepository({ cwd: repo.dir }));
    const scratch = await openScratch(ledger.repo);
    expect((await planRevert(ledger, scratch, [txn()])).verdict).toBe('clean');
    ledger.close();
    await scratch.close();
  });
});
