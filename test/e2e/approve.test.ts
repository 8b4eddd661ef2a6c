import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRepo, type Outcome, type TestRepo } from '../support/repo.ts';
import { schemaProblems } from '../support/schema.ts';

interface Approved {
  readonly kind: string;
  readonly isNew: boolean;
  readonly record: string;
  readonly subject: { readonly head: string; readonly target: string };
  readonly policy: string | null;
  readonly txns: readonly string[];
  readonly signedBy: string | null;
  readonly judged: {
    readonly assurance: string;
    readonly holds: boolean;
    readonly isAuthor: boolean;
    readonly why: readonly string[];
    readonly notTheirs: readonly string[];
  } | null;
}

let repo: TestRepo;
let txn = '';

/** A branch with an agent's commit for John, on a main whose roster has Jane's key. */
beforeAll(async () => {
  repo = await makeRepo();
  await repo.run(['init', '--agents', 'none']);
  const key = join(repo.home, 'jane');
  await repo.exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'jane', '-f', key]);
  const line = await readFile(`${key}.pub`, 'utf8');
  await repo.git('config', 'gpg.format', 'ssh');
  await repo.git('config', 'user.signingKey', key);
  await repo.commit('Who answers', {
    '.agent-log/sponsors.yaml': `version: 1\npeople:\n  - {name: Jane Doe, email: jane@example.com, keys: ["${line.trim()}"], sponsors: [dependency-manifest]}\n`,
    '.agent-log/policy.yaml': 'version: 1\n',
  });
  await repo.git('checkout', '-q', '-b', 'topic');
  const john = ['--author=John Roe <john@example.com>', '-q', '-m', 'Bump a dependency'];
  await repo.write('package.json', '{"dependencies": {"a": "2"}}\n');
  await repo.git('add', '-A');
  const task = ['--task', 'Bump', '--sponsor', 'John Roe <john@example.com>'];
  const env = { GIT_COMMITTER_NAME: 'John Roe', GIT_COMMITTER_EMAIL: 'john@example.com' };
  const ran = await repo.run(['run', ...task, '--', 'git', 'commit', ...john], { env });
  expect(ran.code, ran.stderr).toBe(0);
  txn = (JSON.parse((await repo.run(['show', '--json'])).stdout) as { txn: string }).txn;
});
afterAll(() => repo.remove());

function say(...args: string[]): Promise<Outcome> {
  return repo.run([...args, '--target', 'main']);
}

async function document(...args: string[]): Promise<Approved> {
  const { code, stdout, stderr } = await say(...args, '--json');
  expect(code, stderr).toBe(0);
  const parsed = JSON.parse(stdout) as Approved;
  expect(schemaProblems(parsed)).toEqual([]);
  return parsed;
}

describe('approve and sponsor', () => {
  it('refuse an agent, and whoever goes by the address of one', async () => {
    const byAgent = await repo.run(['approve', 'topic', '--target', 'main'], { env: { CLAUDECODE: '1' } });
    expect([byAgent.code, byAgent.stderr]).toEqual([1, expect.stringContaining('only a person')]);
    const inRun = await repo.run(['run', '--task', 'x', '--', 'git', 'agent-log', 'approve', 'topic'], {
      env: { PATH: `${join(import.meta.dirname, '../../bin')}:${process.env['PATH'] ?? ''}` },
    });
    expect([inRun.code, inRun.stderr]).toEqual([1, expect.stringContaining('only a person')]);
    const env = { GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'noreply@anthropic.com' };
    expect((await repo.run(['approve', 'topic', '--target', 'main'], { env })).stderr).toContain(
      'the address of an agent',
    );
  });

  it('an approval binds the change, is signed, and counts as the roster says', async () => {
    const approved = await document(
      'approve',
      'topic',
      '--note',
      'read it, token ghp_012345678901234567890123456789abcdef',
    );
    expect(approved).toMatchObject({
      kind: 'approval',
      isNew: true,
      subject: { head: await repo.git('rev-parse', 'topic'), target: 'refs/heads/main' },
      txns: [txn],
      judged: { assurance: 'attested', holds: true, isAuthor: false, why: [] },
    });
    expect(approved.policy).toMatch(/^sha256:/);
    const notes = await repo.git('notes', '--ref=agent-log', 'show', 'topic');
    expect(notes).toContain('"agent-log/approval/v1"');
    expect(notes).not.toContain('ghp_0123');
    const line = notes.split('\n').find((one) => one.includes('approval/v1')) ?? '';
    const { stdout } = await repo.exec('sha256sum', [], { input: line });
    expect(`sha256:${stdout.slice(0, 64)}`).toBe(approved.record);
    expect((await document('approve', 'topic')).isNew).toBe(false);
    expect((await document('approve', `main..${approved.subject.head}`)).isNew).toBe(false);
    expect((await document('approve', txn)).record).toBe(approved.record);
  });

  it('show marks the yes of whoever made the commit', async () => {
    const env = { GIT_COMMITTER_NAME: 'John Roe', GIT_COMMITTER_EMAIL: 'john@example.com' };
    await repo.run(['approve', 'topic', '--target', 'main', '--no-sign'], { env });
    const { approvals } = JSON.parse((await repo.run(['show', 'topic', '--json'])).stdout) as {
      approvals: { by: { email: string }; isAuthor: boolean }[];
    };
    expect(approvals.map(({ by, isAuthor }) => [by.email, isAuthor])).toEqual([
      ['jane@example.com', false],
      ['john@example.com', true],
    ]);
    for (const name of ['topic', txn])
      expect((await repo.run(['show', name])).stdout).toMatch(
        /approved by John Roe.*\n +wrote some of it: no second person's word\n(?! +wrote)/,
      );
  });

  it('a word without a signature is only asserted, and names what came before', async () => {
    const env = { GIT_COMMITTER_NAME: 'John Roe', GIT_COMMITTER_EMAIL: 'john@example.com' };
    const { stdout, stderr } = await repo.run(['approve', 'topic', '--target', 'main', '--no-sign'], { env });
    expect(stdout).toMatch(/counts {3}asserted/);
    expect(stdout).toContain("no second person's word");
    expect(stderr).toContain('without a signature it is only asserted');
    const notes = (await repo.git('notes', '--ref=agent-log', 'show', 'topic')).split('\n');
    const prevs = notes
      .filter((one) => one.includes('approval/v1'))
      .map((one) => /"prev":("[^"]+"|null)/.exec(one)?.[1]);
    expect(prevs).toEqual(['null', expect.stringMatching(/^"sha256:/)]);
  });

  it('a sponsorship is of a transaction, and says what is not theirs to sponsor', async () => {
    expect(await document('sponsor', txn.slice(0, 12))).toMatchObject({
      kind: 'sponsorship',
      txns: [txn],
      judged: { assurance: 'attested', holds: true, notTheirs: [] },
    });
  });

  it('a sponsor hears who has not signed, whom the records name', async () => {
    const { stderr } = await say('sponsor', txn);
    expect(stderr).toMatch(/^hint: John Roe <john@example.com>, whom .* names, still has to sign/m);
    expect(stderr).not.toMatch(/Jane Doe.*still has to sign/);
  });

  it.each([
    ['approve', 'topic'],
    ['sponsor', ''],
  ])('%s with a merge request is said anew where it was said without, and once', async (command, name) => {
    const words = [command, name || txn, '--mr', 'https://example.com/team/repo/pull/7'];
    expect(await document(...words)).toMatchObject({
      isNew: true,
      subject: { mr: 'https://example.com/team/repo/pull/7' },
    });
    expect((await document(...words)).isNew).toBe(false);
    expect((await document(command, name || txn)).isNew).toBe(false);
  });

  it('what was said can be taken back, once', async () => {
    expect(await document('approve', 'topic', '--withdraw')).toMatchObject({
      kind: 'withdrawal',
      judged: null,
    });
    expect((await say('approve', 'topic', '--withdraw')).code).toBe(1);
    expect((await document('approve', 'topic')).isNew).toBe(true);
    const env = { GIT_COMMITTER_NAME: 'Max Roe', GIT_COMMITTER_EMAIL: 'max@example.com' };
    const other = await repo.run(['approve', 'topic', '--target', 'main', '--withdraw'], { env });
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('nothing of this change')]);
  });

  it('says what is wrong, and what to do', async () => {
    const answers = [
      await say('approve', 'main'),
      await say('approve', 'nowhere'),
      await say('sponsor', 'main'),
      await say('approve', 'topic', '--mr', 'nonsense'),
    ];
    expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 2]);
    for (const { stderr } of answers) expect(stderr).toMatch(/^error: .*\nhint: /);
    await repo.git('config', '--unset', 'user.signingKey');
    const unsigned = await say('approve', 'topic', '--sign');
    expect([unsigned.code, unsigned.stderr]).toEqual([2, expect.stringContaining('no key to sign with')]);
  });
});
