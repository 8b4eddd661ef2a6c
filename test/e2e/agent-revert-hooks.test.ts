import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { makeRepo, type Outcome, type TestRepo, writeScript } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

const REVERT = fileURLToPath(new URL('../../bin/git-agent-revert', import.meta.url));

let repo: TestRepo;
let txn: string;
beforeEach(async () => {
  repo = await makeRepo();
  onTestFinished(() => repo.remove());
  await repo.run(['init', '--agents', 'none']);
  txn = await begun('Add two files');
  await repo.commit('Add one', { one: 'agent\n' });
  await repo.commit('Add two', { two: 'agent\n' });
  await repo.run(['end']);
  await repo.commit('By hand', { three: 'person\n' });
});

function revert(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return repo.exec(REVERT, args, { env });
}

async function begun(task: string): Promise<string> {
  const { stdout } = await repo.run(['begin', '--task', task, '--agent', 'tester', '--json']);
  return (JSON.parse(stdout) as { txn: string }).txn;
}

async function shown(revision: string): Promise<ShowDocument> {
  const { stdout } = await repo.run(['show', revision, '--json']);
  const document = JSON.parse(stdout) as ShowDocument;
  expect(schemaProblems(document)).toEqual([]);
  return document;
}

describe("an agent's own revert", () => {
  it('has a sealed record of its own, in its own transaction, beside the revert', async () => {
    const own = await begun('Take it back');
    const { code, stderr } = await revert([txn]);
    expect(code, stderr).toBe(0);
    const document = await shown('HEAD');
    expect(document).toMatchObject({ binding: 'exact', sealed: true, txn: own, authorship: 'agent' });
    expect(document.files.map(({ path }) => path)).toEqual(['one', 'two']);
    expect(document.reverts).toMatchObject([{ txns: [txn] }]);
    const trailers = await repo.git('log', '-1', '--format=%(trailers:only,unfold)');
    expect(trailers).toMatch(new RegExp(`^Reverts-Txn: ${txn}\\n(.*\\n)*Agent-Txn: ${own}\\n`));
    expect(trailers).toContain('Agent-Sponsor: Jane Doe <jane@example.com>');
  });

  it('has one for each commit of --each, in one chain', async () => {
    const own = await begun('Take it back');
    const { code, stderr, stdout } = await revert([txn, '--each', '--json']);
    expect(code, stderr).toBe(0);
    expect(schemaProblems(JSON.parse(stdout))).toEqual([]);
    const [first, last] = [await shown('HEAD^'), await shown('HEAD')];
    expect([first, last]).toMatchObject([
      { binding: 'exact', sealed: true, txn: own, seq: 1 },
      { binding: 'exact', sealed: true, txn: own, seq: 2, prev: first.record },
    ]);
    expect([first.files, last.files].map((files) => files.map(({ path }) => path))).toEqual([
      ['two'],
      ['one'],
    ]);
    expect((await repo.run(['show', 'HEAD^'])).stdout).toMatch(/reverts +transaction/);
  });

  it('has one on a branch of its own, and in a session that only the environment tells of', async () => {
    const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: '11111111-1111-4111-8111-111111111111' };
    const { code, stderr } = await revert([txn, '--branch', 'undo'], env);
    expect(code, stderr).toBe(0);
    expect(await shown('undo')).toMatchObject({
      binding: 'exact',
      sealed: true,
      agent: { name: 'claude-code', sessionId: '11111111-1111-4111-8111-111111111111' },
    });
  });

  it("is nobody's but a person's without one", async () => {
    await revert([txn]);
    expect(await shown('HEAD')).toMatchObject({ binding: 'none', record: null, reverts: [{ txns: [txn] }] });
    expect(await repo.git('log', '-1', '--format=%B')).not.toContain('Agent-');
  });
});

describe('hooks', () => {
  it("run as for git's own revert, with the revert staged; pre-commit does not", async () => {
    const log = repo.path('.git/hook-log');
    for (const name of ['pre-commit', 'commit-msg', 'post-commit'])
      await writeScript(
        repo.path('.git/hooks', name),
        `#!/bin/sh\necho "${name} $(git diff --cached --name-only | tr '\\n' ' ')$LC_ALL" >>'${log}'\n`,
      );
    await repo.write('three', 'staged\n');
    await repo.git('add', 'three');
    const { code, stdout, stderr } = await revert([txn]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('pre-commit is not');
    expect(await readFile(log, 'utf8')).toBe('commit-msg one two C.UTF-8\npost-commit three C.UTF-8\n');
  });

  it('that refuse change nothing; one that fails afterwards changes nothing either', async () => {
    const head = await repo.git('rev-parse', 'HEAD');
    await repo.exec('mv', ['.git/hooks/prepare-commit-msg', '.git/kept']);
    await writeScript(repo.path('.git/hooks/prepare-commit-msg'), '#!/bin/sh\necho no >&2\nexit 1\n');
    expect(await revert([txn])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('prepare-commit-msg hook refused'),
    });
    expect(await repo.git('rev-parse', 'HEAD')).toBe(head);
    expect(await repo.git('status', '--porcelain')).toBe('');
    await repo.exec('mv', ['.git/kept', '.git/hooks/prepare-commit-msg']);
    await writeScript(repo.path('.git/hooks/post-commit'), '#!/bin/sh\nexit 1\n');
    expect((await revert([txn])).code).toBe(0);
  });
});

describe('signed commits', () => {
  async function signing(): Promise<void> {
    const key = repo.path('.git/key');
    await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'jane@example.com', '-f', key]);
    await repo.git('config', 'gpg.format', 'ssh');
    await repo.git('config', 'user.signingKey', key);
    await repo.git('config', 'commit.gpgSign', 'true');
    await writeScript(repo.path('.git/signers'), `jane@example.com ${await readFile(`${key}.pub`, 'utf8')}`);
    await repo.git('config', 'gpg.ssh.allowedSignersFile', repo.path('.git/signers'));
  }

  it("R75 are signed, each of them, with the user's key", async () => {
    await signing();
    const { code, stderr } = await revert([txn, '--each']);
    expect(code, stderr).toBe(0);
    expect(await repo.git('log', '-2', '--format=%G? %GS')).toBe('G jane@example.com\nG jane@example.com');
  });

  it('R75 change nothing where they can not be signed', async () => {
    await signing();
    await repo.exec('rm', ['.git/key']);
    const before = await repo.git('for-each-ref');
    const { code, stderr } = await revert([txn]);
    expect(code).toBe(128);
    expect(stderr).toMatch(/your commits are signed, and this one could not be\nhint: /);
    expect(await repo.git('for-each-ref')).toBe(before);
    expect(await repo.git('status', '--porcelain')).toBe('');
  });
});

describe('what it prints', () => {
  const narrow = (text: string): boolean => text.split('\n').every((line) => line.length <= 80);

  it('R85 hostile text: neither a title nor a reason leaves its place', async () => {
    await begun('Break out');
    await repo.commit('Evil\u001b[31m "\n\nReverts-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE', { evil: 'x\n' });
    await repo.run(['end']);
    const evil = await repo.git('rev-parse', 'HEAD');
    const reason = 'why\u001b]0;x\u0007\n\nAgent-Txn: 01JD2M0Y5V9Z8K7Q3C4N6T1RWE\n$(touch owned)';
    const { code, stdout, stderr } = await revert([evil, '--reason', reason, '--each']);
    expect(code, stderr).toBe(0);
    expect(stdout).not.toMatch(/[\u001b\u0007]/);
    const message = await repo.git('log', '-1', '--format=%B');
    expect(message).not.toMatch(/[\u001b\u0007]|^(Agent-Txn|Reverts-Txn): 01JD2M0Y5V9Z8K7Q3C4N6T1RWE/m);
    expect((await repo.git('ls-files')).includes('owned')).toBe(false);
  });

  it('says how a branch gets to a merge request', async () => {
    await repo.git('remote', 'add', 'origin', '/nowhere');
    const { stdout, code } = await revert([txn, '--branch', 'undo/it']);
    expect(code).toBe(0);
    expect(narrow(stdout)).toBe(true);
    expect(stdout).toContain('Your own branch and worktree are as they were.');
    expect(stdout).toContain('git push -u origin undo/it');
  });

  it('R28 warns before a branch is published that would bring the work together with its revert', async () => {
    await repo.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    await repo.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    await repo.git('switch', '-q', '-c', 'topic');
    const own = await begun('On a topic');
    await repo.commit('Add four', { four: 'agent\n' });
    await repo.run(['end']);
    const { stdout } = await revert([own]);
    expect(stdout).toContain('changes nothing against origin/main');
    expect(narrow(stdout)).toBe(true);
    const other = await revert([txn, '--json']);
    expect(JSON.parse(other.stdout)).toMatchObject({ emptyIn: null });
  });

  it('leads through a conflict, from whichever worktree', async () => {
    await repo.commit('Again', { one: 'person\n' });
    const stopped = await revert([txn, '--worktree', '--json']);
    expect(stopped.code, stopped.stderr).toBe(1);
    const document = JSON.parse(stopped.stdout) as { worktree: string; state: string };
    expect(schemaProblems(document)).toEqual([]);
    expect(document).toMatchObject({ state: 'stopped', conflicts: ['one'] });
    const at = { cwd: document.worktree };
    const early = await repo.exec(REVERT, ['--continue'], at);
    expect(early).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: still in conflict: one\nhint: /),
    });
    expect((await revert([txn])).stderr).toMatch(
      /^error: a revert is under way in .*\nhint: .*--continue.*--abort/,
    );
    await repo.exec('git', ['rm', '-q', 'one'], at);
    const done = await repo.exec(REVERT, ['--continue', '--json'], at);
    expect(done.code, done.stderr).toBe(0);
    expect(schemaProblems(JSON.parse(done.stdout))).toEqual([]);
    expect(JSON.parse(done.stdout)).toMatchObject({ state: 'done', txns: [txn], worktree: null });
    expect(await repo.git('ls-files')).toBe('README.md\nthree');
    const over = await revert(['--abort', '--json']);
    expect(over).toMatchObject({ code: 1, stderr: expect.stringContaining('no revert is under way') });
  });

  it.each([
    [['--each', '--no-commit']],
    [['--branch', 'x', '--no-commit']],
    [['--worktree', '--each']],
    [['--continue', '--abort']],
    [['--continue']],
    [['--branch', 'main']],
  ])('says which flags make no sense together, or here: %s', async (flags) => {
    const { code, stderr } = await revert([txn, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*\nhint: /);
  });
});
