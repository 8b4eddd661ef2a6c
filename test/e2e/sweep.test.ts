import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ShowDocument } from '../../lib/ledger/reading/describe.ts';
import { AGENT_ENV, agentGit, recorded } from '../support/recorded.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';
import { expectHuman, expectSealed, noteOf, showOf } from '../support/seal.ts';
import { shellCall, stop } from '../support/shell-call.ts';
import { ask, payload, spool, toolWrites } from '../support/spool.ts';
import { eventually } from '../support/wait.ts';

const ISOMORPHIC = fileURLToPath(new URL('../support/isomorphic-commit.mjs', import.meta.url));

/** git as an agent's shell runs it when hooks are switched off. */
async function hookless(repo: TestRepo, ...args: string[]): Promise<string> {
  return agentGit(repo, '-c', 'core.hooksPath=/dev/null', ...args);
}

async function expectLate(repo: TestRepo, revision = 'HEAD'): Promise<ShowDocument> {
  const shown = await showOf(repo, revision);
  expect(shown).toMatchObject({
    authorship: 'agent',
    binding: 'exact',
    sealed: false,
    capture: { late: true },
    agent: { name: 'claude-code', sessionId: AGENT_ENV['CLAUDE_CODE_SESSION_ID'] },
    sponsor: { email: 'jane@example.com' },
    integrity: { ok: true, problems: [] },
  });
  expect(await repo.git('log', '-1', '--format=%B', revision)).not.toContain('Agent-');
  return shown;
}

async function session(): Promise<TestRepo> {
  const repo = await recorded();
  await ask(repo, 'Add a parser');
  return repo;
}

describe('a commit that no hook of ours saw is found', () => {
  it('made with hooks switched off, with what the agent was asked, did and wrote', async () => {
    const repo = await session();
    await toolWrites(repo, 'parser.ts', 'export {};\n');
    await shellCall(repo, 'git commit', async () => {
      await repo.write('made.txt', 'by the shell\n');
      await repo.git('add', '-A');
      await hookless(repo, 'commit', '-q', '-m', 'Parser');
    });
    const shown = await expectLate(repo);
    expect(shown.task?.text).toBe('Add a parser');
    expect(shown.files.map(({ path, by }) => [path, by])).toEqual([
      ['made.txt', 'shell'],
      ['parser.ts', 'agent'],
    ]);
    expect(shown.toolCalls.map(({ name, status }) => [name, status])).toEqual([
      ['Write', 'ok'],
      ['Bash', 'ok'],
    ]);
  });

  it('in the background after the shell call, and once only', async () => {
    const repo = await session();
    await shellCall(repo, 'git commit', () => hookless(repo, 'commit', '-q', '--allow-empty', '-m', 'Empty'));
    await eventually(async () => (await noteOf(repo)) !== '');
    const note = await noteOf(repo);
    await stop(repo);
    await expectLate(repo);
    await repo.run(['list']);
    expect(await noteOf(repo)).toBe(note);
  });

  it.each([
    [
      'git commit-tree and update-ref',
      async (repo: TestRepo) => {
        const tree = await repo.git('write-tree');
        const commit = await repo.git('commit-tree', '-p', 'HEAD', '-m', 'Plumbing', tree);
        await repo.git('update-ref', 'HEAD', commit);
      },
    ],
    [
      'a merge that makes a commit',
      async (repo: TestRepo) => {
        await repo.git('branch', 'side', 'HEAD');
        await hookless(repo, 'commit', '-q', '--allow-empty', '-m', 'Ours');
        const tree = await repo.git('rev-parse', 'HEAD^{tree}');
        await repo.git(
          'update-ref',
          'refs/heads/side',
          await repo.git('commit-tree', '-p', 'side', '-m', 'T', tree),
        );
        await hookless(repo, 'merge', '-q', '--no-edit', 'side');
      },
    ],
  ])('made by %s', async (_name, make) => {
    const repo = await session();
    await shellCall(repo, 'commit', async () => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      await make(repo);
    });
    await expectLate(repo);
  });

  it('made by a client that runs no git at all, and writes no reflog', async () => {
    const repo = await session();
    await shellCall(repo, 'node save.mjs', async () => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      const { stderr } = await repo.exec('node', [ISOMORPHIC, repo.dir, 'Without git']);
      expect(stderr).toBe('');
    });
    expect(await repo.git('log', '-1', '--format=%s')).toBe('Without git');
    await expectLate(repo);
  });

  it('made in another worktree of the repository', async () => {
    const repo = await session();
    const other = join(repo.home, 'other');
    await repo.git('worktree', 'add', '-q', '-b', 'topic', other);
    const there = repoAt(other, repo.home);
    await shellCall(repo, `git -C ${other} commit -m Elsewhere`, async () => {
      await there.write('b.txt', 'b\n');
      await there.git('add', '-A');
      await hookless(there, 'commit', '-q', '-m', 'Elsewhere');
    });
    await expectLate(repo, 'topic');
    await expectHuman(repo, 'main');
  });

  it('amended away before anybody looked', async () => {
    const repo = await session();
    let first = '';
    await shellCall(repo, 'git commit && git commit --amend', async () => {
      await repo.write('c.txt', 'c\n');
      await repo.git('add', '-A');
      await hookless(repo, 'commit', '-q', '-m', 'First try');
      first = await repo.git('rev-parse', 'HEAD');
      await hookless(repo, 'commit', '-q', '--amend', '-m', 'Second try');
    });
    const shown = await expectLate(repo);
    expect((await expectLate(repo, first)).txn).toBe(shown.txn);
  });

  it('each of several, in the transaction of the session and in order', async () => {
    const repo = await session();
    await agentGit(repo, 'checkout', '-q', '-b', 'topic');
    for (const name of ['one', 'two', 'three'])
      await shellCall(repo, 'git commit', async () => {
        await repo.write(`${name}.txt`, name);
        await repo.git('add', '-A');
        await hookless(repo, 'commit', '-q', '-m', name);
      });
    const shown = [
      await expectLate(repo, 'HEAD~2'),
      await expectLate(repo, 'HEAD~1'),
      await expectLate(repo),
    ];
    expect(new Set(shown.map(({ txn }) => txn)).size).toBe(1);
    expect(shown.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(shown[2]?.prev).toBe(shown[1]?.record);
  });

  it('beside sealed ones of the same session', async () => {
    const repo = await session();
    await agentGit(repo, 'checkout', '-q', '-b', 'topic');
    await shellCall(repo, 'git commit', () =>
      agentGit(repo, 'commit', '-q', '--allow-empty', '-m', 'Sealed'),
    );
    await shellCall(repo, 'git commit', () => hookless(repo, 'commit', '-q', '--allow-empty', '-m', 'Late'));
    const late = await expectLate(repo);
    const sealed = await expectSealed(repo, 'HEAD~1');
    expect(late).toMatchObject({ txn: sealed.txn, seq: 2, prev: sealed.record });
  });
});

describe('what is known only later is added to the record', () => {
  it('how the call ended in which the commit was made', async () => {
    const repo = await session();
    await shellCall(repo, 'git commit', async () => {
      await repo.write('a.txt', 'a\n');
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-m', 'Sealed');
    });
    await stop(repo);
    await eventually(async () => (await showOf(repo)).toolCalls[0]?.status !== 'running');
    const shown = await expectSealed(repo);
    expect(shown.toolCalls).toMatchObject([
      { name: 'Bash', status: 'ok', resultDigest: expect.stringMatching(/^hmac/) },
    ]);
    const before = await noteOf(repo);
    await showOf(repo);
    expect(await noteOf(repo)).toBe(before);
  });

  it('the model and the usage that a transcript holds only when the session is over', async () => {
    const repo = await session();
    await agentGit(repo, 'commit', '-q', '--allow-empty', '-m', 'Sealed');
    expect((await expectSealed(repo)).model).toEqual({ provider: null, name: null });
    const usage = {
      input_tokens: 70,
      output_tokens: 7,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 0,
    };
    const message = { id: 'm1', model: 'claude-late-1', content: [{ type: 'text', text: 'Done.' }], usage };
    await writeFile(
      join(repo.home, 'transcript.jsonl'),
      `${JSON.stringify({ type: 'assistant', version: '2.1.330', message })}\n`,
    );
    await spool(repo, payload(repo, 'SessionEnd', { reason: 'other' }), 'stop');
    await eventually(async () => (await showOf(repo)).model?.name === 'claude-late-1');
    expect(await expectSealed(repo)).toMatchObject({
      model: { provider: 'anthropic', name: 'claude-late-1' },
      usage: { inputTokens: 70, outputTokens: 7, cacheReadInputTokens: 5 },
    });
    expect((await repo.run(['list', '--model', 'claude-late-1', '--json'])).stdout).toContain(
      'claude-late-1',
    );
  });
});

describe('what an agent left in the worktree', () => {
  it('is sealed when a person commits it', async () => {
    const repo = await session();
    await toolWrites(repo, 'left.ts', 'export const left = 1;\n');
    await stop(repo);
    await eventually(
      async () => (await repo.tryGit(['config', '--list'])).code === 0 && (await hasLeftWork(repo)),
    );
    await repo.commit('By hand');
    const shown = await expectSealed(repo);
    expect(shown).toMatchObject({ agent: { sessionId: AGENT_ENV['CLAUDE_CODE_SESSION_ID'] } });
    expect(shown.files).toMatchObject([{ path: 'left.ts', by: 'agent' }]);
    await repo.commit('Own work', { 'own.txt': 'own\n' });
    await expectHuman(repo);
  });

  it('is found when a person commits it without our hooks', async () => {
    const repo = await session();
    await toolWrites(repo, 'left.ts', 'export const left = 1;\n');
    await stop(repo);
    await repo.git('add', '-A');
    await repo.git('-c', 'core.hooksPath=/dev/null', 'commit', '-q', '-m', 'By hand');
    expect((await expectLate(repo)).files).toMatchObject([{ path: 'left.ts', by: 'agent' }]);
  });

  it("is nobody's but the person's when they wrote something else there", async () => {
    const repo = await session();
    await toolWrites(repo, 'left.ts', 'export const left = 1;\n');
    await stop(repo);
    await eventually(() => hasLeftWork(repo));
    await repo.commit('Rewritten', { 'left.ts': 'export const right = 2;\n' });
    await expectHuman(repo);
  });
});

async function hasLeftWork(repo: TestRepo): Promise<boolean> {
  return (await repo.exec('test', ['-s', repo.path('.git/agent-log/unclaimed')])).code === 0;
}

it("commits that hold no work are nobody's: of a stash, and of the ledger itself", async () => {
  const repo = await session();
  await shellCall(repo, 'git commit && git stash', async () => {
    await agentGit(repo, 'commit', '-q', '--allow-empty', '-m', 'Sealed');
    await repo.write('README.md', 'changed\n');
    await agentGit(repo, 'stash', '-q');
    await eventually(async () => (await noteOf(repo)) !== '');
  });
  await stop(repo);
  await expectSealed(repo);
  const { stdout } = await repo.run(['list', '--json']);
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

describe("a person's commit is never claimed", () => {
  it('made between two calls of the agent', async () => {
    const repo = await session();
    await shellCall(repo, 'git commit', () =>
      hookless(repo, 'commit', '-q', '--allow-empty', '-m', 'Agent 1'),
    );
    const human = await repo.commit('By hand', { 'own.txt': 'own\n' });
    await shellCall(repo, 'git commit', () =>
      hookless(repo, 'commit', '-q', '--allow-empty', '-m', 'Agent 2'),
    );
    await expectLate(repo, 'HEAD');
    await expectLate(repo, 'HEAD~2');
    await expectHuman(repo, human);
  });

  it('made while a call of the agent runs', async () => {
    const repo = await session();
    let human = '';
    await shellCall(repo, 'make test && git commit', async () => {
      human = await repo.commit('By hand', { 'own.txt': 'own\n' });
      await hookless(repo, 'commit', '-q', '--allow-empty', '-m', 'Agent');
    });
    await expectLate(repo, 'HEAD');
    await expectHuman(repo, human);
  });

  it('fetched, fast-forwarded, reset to or checked out by the agent', async () => {
    const repo = await session();
    const origin = join(repo.home, 'origin');
    await repo.git('clone', '-q', '--bare', '.', origin);
    const theirs = repoAt(join(repo.home, 'theirs'), repo.home);
    await repo.git('clone', '-q', origin, theirs.dir);
    await theirs.git('config', 'user.name', 'Bo');
    await theirs.git('config', 'user.email', 'bo@example.com');
    const made = await theirs.commit('Upstream', { 'up.txt': 'up\n' });
    await theirs.git('push', '-q');
    await repo.git('remote', 'add', 'origin', origin);
    await shellCall(repo, 'git pull # then commit', () =>
      agentGit(repo, 'pull', '-q', '--ff-only', 'origin', 'main'),
    );
    await expectHuman(repo, made);
    await rm(origin, { recursive: true });
  });
});

describe('what an agent rewrites with hooks switched off', () => {
  async function recordedWork(): Promise<{ repo: TestRepo; oid: string; record: ShowDocument['record'] }> {
    const repo = await session();
    await toolWrites(repo, 'parser.ts', 'export {};\n');
    await shellCall(repo, 'git commit', async () => {
      await repo.git('add', '-A');
      await agentGit(repo, 'commit', '-q', '-m', 'Parser');
    });
    const shown = await expectSealed(repo);
    return { repo, oid: await repo.git('rev-parse', 'HEAD'), record: shown.record };
  }

  it.each([
    ['amend -m', ['commit', '-q', '--amend', '-m', 'Typed anew']],
    ['rebase', ['rebase', '-q', '--no-ff', '--exec', 'git commit -q --amend -m Anew', 'HEAD^']],
  ])('%s: the record it had lands, and no late one is made', async (_, command) => {
    const { repo, oid, record } = await recordedWork();
    await shellCall(repo, `git ${command.join(' ')} # commit`, () => hookless(repo, ...command));
    await stop(repo);
    expect(await repo.git('rev-parse', 'HEAD')).not.toBe(oid);
    expect(await showOf(repo)).toMatchObject({ record, binding: 'exact', sealed: false });
    expect(await noteOf(repo)).not.toContain('agent-log/execution');
    expect((await showOf(repo)).capture).not.toMatchObject({ late: true });
  });

  it('reset and commit again', async () => {
    const { repo, record } = await recordedWork();
    await shellCall(repo, 'git reset --soft HEAD^ && git commit', async () => {
      await hookless(repo, 'reset', '-q', '--soft', 'HEAD^');
      await hookless(repo, 'commit', '-q', '-m', 'Typed anew');
    });
    await stop(repo);
    expect(await showOf(repo)).toMatchObject({ record, binding: 'exact', sealed: false });
    expect(await noteOf(repo)).not.toContain('agent-log/execution');
  });
});
