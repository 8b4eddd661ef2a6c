import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { landedChange } from '../support/bundles.ts';
import { bumpDependency, MR_URL, makeBank } from '../support/merge-request.ts';
import { agentCommit, agentGit, recorded, repoForTest } from '../support/recorded.ts';
import { type Outcome, repoAt, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

interface Verified {
  readonly ok: boolean;
  readonly first: string | null;
  readonly checks: readonly {
    name: string;
    result: string;
    problems: readonly { of: string | null; says: string }[];
  }[];
}

async function json(repo: TestRepo, ...args: string[]): Promise<{ outcome: Outcome; document: Verified }> {
  const outcome = await repo.run(['verify', ...args, '--json']);
  const document = JSON.parse(outcome.stdout) as Verified;
  expect(schemaProblems(document)).toEqual([]);
  return { outcome, document };
}

function wrong({ checks }: Verified): string[] {
  return checks.flatMap(({ name, problems }) =>
    problems.map(({ of, says }) => `${name} ${of ?? ''} ${says}`),
  );
}

describe('verify', () => {
  it('tells every check by name, and exits with 0', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'One', { 'a.txt': '1\n' });
    for (const args of [[], ['--all'], ['HEAD~1..HEAD']]) {
      const { code, stdout, stderr } = await repo.run(['verify', ...args]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/nothing was found wrong/);
      expect(stdout).toMatch(/^pass {10}bindings: .+ \(1\)$/m);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect((await json(repo, ...args)).document).toMatchObject({ ok: true, first: null });
    }
  });

  it('attack: exits with 3 and names the first class of tampering, with a hint', async () => {
    const repo = await recorded();
    const commit = await agentCommit(repo, 'One', { 'a.txt': '1\n' });
    await repo.run(['list']);
    await repo.git('notes', '--ref=refs/notes/agent-log', 'remove', commit);
    const { code, stdout, stderr } = await repo.run(['verify', '--all', '--open-exceptions']);
    expect(code).toBe(3);
    expect(stdout).toContain('does NOT verify (completeness)');
    expect(stderr).toMatch(
      new RegExp(`^error: it does not verify: completeness: ${commit}: .+\nhint: .+sync --fetch`, 'm'),
    );
    expect(stderr).toContain('1 exception opened');
    expect((await repo.run(['exception', 'list'])).stdout).toContain('record-invalid');
  });

  it('exits with 1 when there is nothing to verify, and with 2 for what can not be meant', async () => {
    const repo = await repoForTest();
    const nothing = await repo.run(['verify', '--all']);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('nothing to verify')]);
    expect((await repo.run(['verify', 'nowhere'])).code).toBe(1);
    expect((await repo.run(['verify', 'nowhere.zip'])).stderr).toContain('there is no bundle');
    expect((await repo.run(['verify', '--all', 'HEAD'])).code).toBe(2);
    await repo.write('trust.json', '{"schema":"agent-log/trust/v1","tip":"x"}');
    const untrusted = await repo.run(['verify', '--all', '--trust', 'trust.json']);
    expect([untrusted.code, untrusted.stderr]).toEqual([2, expect.stringContaining('docs/verify.md')]);
    expect((await repo.run(['verify', '--trust', 'gone.json'])).code).toBe(2);
  });

  it('takes no repository for a bundle, and says what is wrong with one it can not read', async () => {
    const repo = await recorded();
    await agentCommit(repo, 'One', { 'a.txt': '1\n' });
    const zip = join(repo.home, 'evidence.zip');
    expect((await repo.run(['evidence', 'HEAD', '-o', zip])).code).toBe(0);
    const elsewhere = await mkdtemp(join(tmpdir(), 'agent-log-nowhere-'));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    await mkdir(join(elsewhere, 'at'));
    const auditor = repoAt(join(elsewhere, 'at'), elsewhere);
    const { outcome, document } = await json(auditor, zip);
    expect([outcome.code, wrong(document)]).toEqual([0, []]);
    await writeFile(join(elsewhere, 'at', 'broken.zip'), 'PK');
    const broken = await auditor.run(['verify', 'broken.zip']);
    expect([broken.code, broken.stderr]).toEqual([3, expect.stringContaining('container')]);
    for (const [who, folder] of [
      [auditor, '.'],
      [repo, 'some-folder'],
    ] as const) {
      await mkdir(who.path(folder), { recursive: true });
      const { code, stderr } = await who.run(['verify', folder]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`error: '${folder}' is no bundle`)]);
    }
  });

  it('finds nothing wrong with a history that was rewritten in every usual way', async () => {
    const repo = await recorded();
    await repo.git('checkout', '-q', '-b', 'topic');
    await agentCommit(repo, 'One', { 'a.txt': '1\n' });
    await agentCommit(repo, 'Two', { 'b.txt': '2\n' });
    await repo.write('b.txt', '3\n');
    await repo.git('add', '-A');
    await agentGit(repo, 'commit', '-q', '--amend', '--no-edit');
    await agentCommit(repo, 'Three', { 'c.txt': '3\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.commit('By hand', { 'hand.txt': 'x\n' });
    await repo.git('rebase', '-q', 'main', 'topic');
    await repo.git('checkout', '-q', '-b', 'picked', 'main');
    await repo.git('cherry-pick', 'topic~1');
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '--no-edit');
    await repo.git('checkout', '-q', '-b', 'more');
    await agentCommit(repo, 'Four', { 'd.txt': '4\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge more', 'more');
    await repo.git('revert', '--no-edit', '-m', '1', 'HEAD');
    await repo.run(['relink', 'main']);
    const { document } = await json(repo, '--all');
    expect(wrong(document)).toEqual([]);
    for (const range of ['main', 'topic', 'picked']) {
      const { document: some } = await json(repo, range);
      expect(wrong(some)).toEqual([]);
    }
    const zip = join(repo.home, 'all.zip');
    expect(
      (
        await repo.run([
          'evidence',
          `${await repo.git('rev-list', '--max-parents=0', 'main')}..main`,
          '-o',
          zip,
        ])
      ).code,
    ).toBe(0);
    expect(wrong((await json(repo, zip)).document)).toEqual([]);
    const squash = join(repo.home, 'squash.zip');
    const made = await repo.run(['evidence', await repo.git('rev-parse', 'main~2'), '-o', squash]);
    expect(made.code, made.stderr).toBe(0);
    expect(wrong((await json(repo, squash)).document)).toEqual([]);
  });

  it('finds nothing wrong with a merge request that went all its way', async () => {
    const bank = await makeBank();
    const { txn } = await landedChange(bank);
    const { document } = await json(bank.ci.repo, '--all');
    expect(wrong(document)).toEqual([]);
    for (const [i, args] of [['--mr', MR_URL], [txn], ['main~1..main'], ['--last']].entries()) {
      const zip = join(bank.ci.repo.home, `bundle-${i}.zip`);
      const made = await bank.ci.repo.run(['evidence', ...args, '--sign', '-o', zip]);
      expect(made.code, made.stderr).toBe(0);
      const { document: of } = await json(bank.ci.repo, zip);
      expect([args, wrong(of)]).toEqual([args, []]);
    }
  });

  it('finds nothing wrong with what was decided of a transaction before it was joined with another', async () => {
    const bank = await makeBank();
    await bumpDependency(bank, 'first', { 'README.md': 'harmless\n' });
    const { repo } = bank.john;
    const older = (JSON.parse((await bank.agents.run(['show', '--json'])).stdout) as { txn: string }).txn;
    const { txn } = await landedChange(bank);
    const joined = await repo.run(['regroup', '--join', txn, older]);
    expect(joined.code, joined.stderr).toBe(0);
    const zip = join(repo.home, 'joined.zip');
    const made = await repo.run(['evidence', older, '-o', zip]);
    expect(made.code, made.stderr).toBe(0);
    expect(wrong((await json(repo, zip)).document)).toEqual([]);
  });
});
