import { symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type RunBlock, relinkScript, runBlocks } from '../support/ci-templates.ts';
import {
  type Change,
  cloneOf,
  deleteBranch,
  elsewhereOnMain,
  githubSquash,
  type Host,
  makeHost,
  openChange,
} from '../support/host.ts';
import { agentCommit, install } from '../support/recorded.ts';
import { type Outcome, PROGRAM, type TestRepo } from '../support/repo.ts';
import { showOf } from '../support/seal.ts';

const LEDGER = 'refs/notes/agent-log';
const NOBODY = '0'.repeat(40);

/** A push to the default branch, as the host tells its pipeline of it. */
interface Push {
  readonly before: string;
  readonly after: string;
}

let host: Host;
let dev: TestRepo;
let change: Change;

beforeEach(async () => {
  host = await makeHost();
  dev = await cloneOf(host);
  await install(dev);
  // Each test says when the ledger gets to the host.
  await dev.git('config', 'agentLog.push', 'false');
  await dev.git('checkout', '-q', '-b', 'topic');
  await agentCommit(dev, 'One', { 'a.txt': 'a\n' });
  await agentCommit(dev, 'Two', { 'b.txt': 'b\n' });
  await dev.git('push', '-q', 'origin', 'topic');
  change = await openChange(host, 'topic');
});

async function pushLedger(): Promise<void> {
  await showOf(dev);
  await dev.git('push', '-q', 'origin', LEDGER);
}

/** The change is squashed with its title only, after `main` moved on; its branch is deleted then, as hosts do. */
async function merged(): Promise<Push> {
  await elsewhereOnMain(host, { 'meanwhile.txt': 'm\n' });
  const before = await host.git('rev-parse', 'main');
  const after = await githubSquash(host, change, 'title');
  await deleteBranch(host, change);
  return { before, after };
}

/** What both hosts set; a template takes from it what it names. */
async function environment(block: RunBlock, push: Push): Promise<Record<string, string>> {
  const event: Record<string, string> = {
    'github.event.before': push.before,
    'github.event.after': push.after,
  };
  const added = Object.entries(block.env).map(([name, value]): [string, string] => [
    name,
    value.replaceAll(/\$\{\{ ([a-z.]+) \}\}/g, (_, path: string) => event[path] ?? ''),
  ]);
  await symlink(host.dir, `${host.dir}.git`).catch(() => undefined);
  return {
    PATH: `${dirname(PROGRAM)}:${process.env['PATH'] ?? ''}`,
    GITHUB_ACTIONS: 'true',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: push.after,
    GITLAB_CI: 'true',
    CI_COMMIT_BEFORE_SHA: push.before,
    CI_COMMIT_SHA: push.after,
    CI_PROJECT_URL: host.dir,
    CI_SERVER_HOST: 'gitlab.example.com',
    CI_JOB_TOKEN: 'job-token',
    GITLAB_USER_NAME: 'Jane Roe',
    GITLAB_USER_EMAIL: 'roe@example.com',
    ...Object.fromEntries(added),
  };
}

/** Runs a block where the host has checked out what was pushed. */
async function pipeline(
  block: RunBlock,
  push: Push,
  clone: (host: Host) => Promise<TestRepo> = (from) => cloneOf(from),
): Promise<Outcome & { clone: TestRepo }> {
  const runner = await clone(host);
  const options = { env: await environment(block, push), input: block.script };
  const args = block.shell === 'bash' ? ['--noprofile', '--norc', '-e', '-s'] : ['-e', '-s'];
  return { ...(await runner.exec(block.shell, args, options)), clone: runner };
}

async function shallowClone(from: Host): Promise<TestRepo> {
  const clone = await cloneOf(from, '--depth', '1');
  expect(await clone.git('rev-parse', '--is-shallow-repository')).toBe('true');
  return clone;
}

async function expectFound({ after }: Push): Promise<void> {
  const fresh = await cloneOf(host);
  await fresh.git('fetch', '-q', 'origin', `${LEDGER}:${LEDGER}`);
  const { txn } = await showOf(dev, 'topic');
  expect(await showOf(fresh, after)).toMatchObject({ binding: 'squashed', sealed: false, txn });
}

const recipe: RunBlock = {
  name: 'gitlab-ci.yml',
  shell: 'sh',
  env: { BEFORE: '${{ github.event.before }}', AFTER: '${{ github.event.after }}' },
  script: await relinkScript(),
};
const BLOCKS = (await runBlocks()).map((block): [string, RunBlock] => [block.name, block]);
BLOCKS.push(['relink.sh', recipe]);

describe.each(BLOCKS)('%s', (_name, block) => {
  it('brings the landings of a squash into the host’s ledger, and nothing the second time', async () => {
    await pushLedger();
    const push = await merged();
    const { code, stderr } = await pipeline(block, push);
    expect(code, stderr).toBe(0);
    await expectFound(push);
    const tip = await host.git('rev-parse', LEDGER);
    expect((await pipeline(block, push)).code).toBe(0);
    expect(await host.git('rev-parse', LEDGER)).toBe(tip);
  });

  it('checks nothing out, and leaves the host’s other refs as they are', async () => {
    await pushLedger();
    const push = await merged();
    const before = await host.git('for-each-ref', 'refs/heads', 'refs/pull', 'refs/tags');
    const { clone } = await pipeline(block, push);
    expect(await host.git('for-each-ref', 'refs/heads', 'refs/pull', 'refs/tags')).toBe(before);
    expect(await clone.git('status', '--porcelain')).toBe('');
    expect(await clone.git('rev-parse', 'HEAD')).toBe(push.after);
  });
});

describe('relink.sh', () => {
  it('deepens a shallow clone', async () => {
    await pushLedger();
    const push = await merged();
    const { code, stderr } = await pipeline(recipe, push, shallowClone);
    expect(code, stderr).toBe(0);
    await expectFound(push);
  });

  it.each([
    ['of a branch that is new', NOBODY],
    ['of a forced push whose old tip is gone', 'e'.repeat(40)],
    ['that says nothing of before', ''],
  ])('looks at everything after a push %s', async (_name, before) => {
    await pushLedger();
    const push = await merged();
    const { code, stderr } = await pipeline(recipe, { ...push, before });
    expect(code, stderr).toBe(0);
    await expectFound(push);
  });

  it('finds a squash by the branch itself where the host has no head of the change any more', async () => {
    await pushLedger();
    const push = await merged();
    await host.git('branch', 'topic', change.ref);
    await host.git('update-ref', '-d', change.ref);
    expect((await pipeline(recipe, push)).code).toBe(0);
    await expectFound(push);
  });

  it('finds it by the head as GitLab keeps it', async () => {
    await pushLedger();
    const push = await merged();
    await host.git('update-ref', 'refs/merge-requests/1/head', change.ref);
    await host.git('update-ref', '-d', change.ref);
    expect((await pipeline(recipe, push)).code).toBe(0);
    await expectFound(push);
  });

  it('finds an old change that a message names, among many newer ones', async () => {
    await pushLedger();
    const push = await merged();
    const newer = Array.from({ length: 25 }, (_, i) => `create refs/pull/${i + 2}/head ${push.before}\n`);
    await host.tryGit(['update-ref', '--stdin'], { input: newer.join('') });
    expect((await pipeline(recipe, push)).code).toBe(0);
    await expectFound(push);
  });

  it('two pushes at once: what both pipelines found arrives', async () => {
    await dev.git('checkout', '-q', '-b', 'second', 'main');
    await agentCommit(dev, 'Three', { 'c.txt': 'c\n' });
    await dev.git('push', '-q', 'origin', 'second');
    await pushLedger();
    const first = await merged();
    const after = await githubSquash(host, await openChange(host, 'second'), 'title');
    const ran = await Promise.all([
      pipeline(recipe, first),
      pipeline(recipe, { before: first.after, after }),
    ]);
    expect(ran.map(({ code, stderr }) => ({ code, stderr: code === 0 ? '' : stderr }))).toEqual([
      { code: 0, stderr: '' },
      { code: 0, stderr: '' },
    ]);
    await expectFound(first);
    const fresh = await cloneOf(host);
    await fresh.git('fetch', '-q', 'origin', `${LEDGER}:${LEDGER}`);
    expect(await showOf(fresh, after)).toMatchObject({ binding: 'same-patch', sealed: false });
  });

  it('does nothing where nobody has a ledger', async () => {
    const push = await merged();
    const { code, stderr } = await pipeline(recipe, push);
    expect(code, stderr).toBe(0);
    expect((await host.tryGit(['rev-parse', '-q', '--verify', LEDGER])).code).toBe(1);
  });

  it('fails, and says so, where the ledger can not be pushed', async () => {
    await pushLedger();
    const push = await merged();
    await host.git('config', 'receive.hideRefs', 'refs/notes');
    expect((await pipeline(recipe, push)).code).not.toBe(0);
  });

  it.each([
    ['option injection', '--upload-pack=touch pwned', ''],
    ['command injection', '', '$(touch pwned)'],
    ['a word of another kind', 'main', 'main'],
  ])('%s: takes nothing but commit ids', async (_name, before, after) => {
    const { code, clone } = await pipeline(recipe, { before, after: after === '' ? '1'.repeat(40) : after });
    expect(code).toBe(2);
    expect(await clone.git('status', '--porcelain')).toBe('');
  });

  it('script injection: a message is text, whatever it says', async () => {
    await pushLedger();
    const hostile = 'x (#1) $(touch pwned) `touch pwned`; touch pwned #2;touch #99999999999 !3\n\n#1 ../../x';
    await elsewhereOnMain(host, { 'meanwhile.txt': 'm\n' });
    const before = await host.git('rev-parse', 'main');
    const after = await githubSquash(host, { ...change, title: hostile }, 'title');
    const { code, stderr, clone } = await pipeline(recipe, { before, after });
    expect(code, stderr).toBe(0);
    expect(await clone.git('status', '--porcelain')).toBe('');
    await expectFound({ before, after });
  });

  it('a fork’s ledger: nothing of it is read or pushed', async () => {
    await pushLedger();
    const fork = await cloneOf(host);
    await install(fork);
    await fork.git('checkout', '-q', '-b', 'from-fork');
    await agentCommit(fork, 'Theirs', { 'fork.txt': 'f\n' });
    const theirs = await showOf(fork);
    const forked = await openChange(host, 'from-fork', {}, fork);
    const before = await host.git('rev-parse', 'main');
    const after = await githubSquash(host, forked);
    const tip = await host.git('rev-parse', LEDGER);
    const { code, stderr } = await pipeline(recipe, { before, after });
    expect(code, stderr).toBe(0);
    expect(await host.git('rev-parse', LEDGER)).toBe(tip);
    const fresh = await cloneOf(host);
    await fresh.git('fetch', '-q', 'origin', `${LEDGER}:${LEDGER}`);
    expect(await showOf(fresh, after)).toMatchObject({ binding: 'claimed', record: null });
    expect((await fresh.run(['show', theirs.txn ?? ''])).code).toBe(1);
  });
});
