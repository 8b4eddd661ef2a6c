import { rename } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { SagaRecord } from '../../lib/core/records/record.ts';
import type { SagaPlan } from '../../lib/revert/saga/plan.ts';
import { makeRepositories, type Repositories } from '../support/repositories.ts';
import { schemaProblems } from '../support/schema.ts';

/** Everything of all repositories and their servers that a plan may not change. */
async function whole({ all }: Repositories): Promise<string> {
  const texts = await Promise.all(
    all.flatMap(({ repo, server }) => [
      repo.git('for-each-ref'),
      server.git('for-each-ref'),
      repo.git('status', '--porcelain'),
      repo.git('count-objects', '-v'),
    ]),
  );
  return texts.join('\n');
}

async function states({ all }: Repositories): Promise<string[]> {
  const shown = await Promise.all(
    all.map(async ({ repo }) => repo.run(['show', await repo.git('rev-parse', 'main^{/^Change}'), '--json'])),
  );
  return shown.map(({ stdout }) => {
    const { sagas = [] } = JSON.parse(stdout) as { sagas?: { state: string }[] };
    return sagas.map(({ state }) => state).join(' ');
  });
}

function stepsOf(stdout: string): Record<string, string> {
  const saga = JSON.parse(stdout) as SagaRecord;
  expect(schemaProblems(saga)).toEqual([]);
  return Object.fromEntries(saga.repositories.map(({ name, step, problem }) => [name, problem ?? step]));
}

/** No trace of an unfinished revert in any clone. */
async function expectNothingLeft({ all }: Repositories): Promise<void> {
  for (const { repo } of all) {
    expect(await repo.git('for-each-ref', 'refs/agent-log/saga')).toBe('');
    expect((await repo.exec('ls', [repo.path('.git/agent-log')])).stdout).not.toMatch(/^saga$/m);
    expect(await repo.git('status', '--porcelain')).toBe('');
  }
}

describe('one run of an agent in several repositories', () => {
  it('is one transaction in all their ledgers, with its task, counted in each', async () => {
    const { all, txn } = await makeRepositories();
    for (const { repo, name } of all) {
      const { stdout } = await repo.run(['show', 'HEAD', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({
        subject: `Change ${name}`,
        binding: 'exact',
        sealed: true,
        txn,
        seq: 1,
        prev: null,
        task: { text: 'Change all' },
        agent: { name: 'tester' },
      });
      const told = await repo.git('log', '-p', 'refs/notes/agent-log');
      for (const other of all) if (other.name !== name) expect(told).not.toContain(other.repo.dir);
    }
  });
});

describe('git agent-revert --repos', () => {
  it('R77 all clean: one plan digest over all, published the other way round than it landed', async () => {
    const repos = await makeRepositories();
    const { txn, revert, serverHook, root } = repos;
    for (const { name } of repos.all)
      await serverHook(
        name,
        'pre-receive',
        `grep -q refs/heads/main && echo ${name} >> '${root}/order'; exit 0`,
      );
    const before = await whole(repos);
    const planned = await revert(['--plan', '--json', txn]);
    expect(planned.code, planned.stderr).toBe(0);
    const plan = JSON.parse(planned.stdout) as SagaPlan;
    expect(schemaProblems(plan)).toEqual([]);
    expect(plan.repositories.map(({ name, plan: one }) => [name, one?.verdict])).toEqual([
      ['website', 'clean'],
      ['service', 'clean'],
      ['library', 'clean'],
    ]);
    expect(await whole(repos)).toBe(before);
    const done = await revert(['--json', '--reason', 'Not wanted', txn]);
    expect(done.code, done.stderr).toBe(0);
    expect(stepsOf(done.stdout)).toEqual({
      website: 'published',
      service: 'published',
      library: 'published',
    });
    const saga = JSON.parse(done.stdout) as SagaRecord;
    expect(saga).toMatchObject({ plan: plan.digest, state: 'done', txns: [txn], reason: 'Not wanted' });
    expect((await repos.get('library').repo.exec('cat', [`${root}/order`])).stdout).toBe(
      'website\nservice\nlibrary\n',
    );
    for (const { name, repo, server } of repos.all) {
      expect(await server.git('show', 'main:f')).toBe('first');
      expect(await repo.git('rev-parse', 'HEAD')).toBe(await server.git('rev-parse', 'main'));
      expect(await repo.git('log', '-1', '--format=%(trailers:key=Revert-Saga,valueonly)')).toContain(
        saga.saga,
      );
      const own = saga.repositories.find((step) => step.name === name);
      expect(await repo.git('log', '-1', '--format=%(trailers:key=Revert-Plan,valueonly)')).toContain(
        own?.plan,
      );
      expect(await server.git('log', '-p', 'refs/notes/agent-log')).toContain(
        `"state":"done","plan":"${plan.digest}"`,
      );
    }
    expect(await states(repos)).toEqual(['done', 'done', 'done']);
    await expectNothingLeft(repos);
    const again = await revert([txn]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('there is nothing to do') });
  });

  it('R78 one conflicts: nothing is published, and it says which and why', async () => {
    const repos = await makeRepositories();
    const { repo } = repos.get('service');
    await repo.commit('By hand', { f: 'person\n' });
    await repo.git('push', '-q', 'origin', 'main');
    const before = await whole(repos);
    const { code, stdout } = await repos.revert([repos.txn]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/service \(main, pushed to origin\)\n {3}later commits changed the same places/);
    expect(stdout).toMatch(/in the way [0-9a-f]+ {2}By hand/);
    expect(await whole(repos)).toBe(before);
    const done = await repos.revert(['--with-dependants', repos.txn]);
    expect(done.code, done.stdout + done.stderr).toBe(0);
  });

  it('R78 one is dirty where it would change: nothing is published', async () => {
    const repos = await makeRepositories();
    await repos.get('library').repo.write('f', 'being written\n');
    const before = await whole(repos);
    const { code, stderr } = await repos.revert([repos.txn]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/your worktree has changes/);
    expect((await whole(repos)).replaceAll(/^(count|size|in-pack|packs).*$/gm, '')).toBe(
      before.replaceAll(/^(count|size|in-pack|packs).*$/gm, ''),
    );
  });

  it('R79 the first is refused: what this clone alone had is taken back, nothing stands', async () => {
    const repos = await makeRepositories({ local: ['website'] });
    await repos.serverHook(
      'service',
      'pre-receive',
      'grep -q refs/heads/ && { echo no >&2; exit 1; }; exit 0',
    );
    const head = await repos.get('website').repo.git('rev-parse', 'main');
    const { code, stdout, stderr } = await repos.revert(['--json', repos.txn]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/service: origin did not take/);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'aborted' });
    expect(await repos.get('website').repo.git('rev-parse', 'main')).toBe(head);
    expect(await repos.get('website').repo.read('f')).toBe('website\n');
    for (const { name } of repos.all)
      expect(await repos.published(name)).toEqual([`Change ${name}`, 'First']);
    await expectNothingLeft(repos);
  });

  it('R79 one published, one rejected: partial in every ledger, finished by --continue, twice the same', async () => {
    const repos = await makeRepositories();
    await repos.serverHook(
      'service',
      'pre-receive',
      'grep -q refs/heads/ && { echo no >&2; exit 1; }; exit 0',
    );
    const refused = await repos.revert(['--json', repos.txn]);
    expect(refused.code).toBe(1);
    expect(stepsOf(refused.stdout)).toEqual({
      website: 'published',
      service: 'rejected',
      library: 'planned',
    });
    expect(await states(repos)).toEqual(['partial', 'partial', 'partial']);
    const { stdout } = await repos.get('library').repo.run(['show', 'HEAD']);
    expect(stdout).toMatch(
      /revert +across repositories, and only in some\n.*website: published.*\n.*service: not done: the remote refused it/,
    );
    const again = await repos.revert([repos.txn]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('--continue') });
    const still = await repos.revert(['--continue', '--json']);
    expect([still.code, stepsOf(still.stdout)['service']]).toEqual([1, 'rejected']);
    await repos.serverHook('service', 'pre-receive', 'exit 0');
    const done = await repos.revert(['--continue', '--json']);
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ state: 'done' });
    for (const { name } of repos.all) expect(await repos.published(name)).toHaveLength(3);
    expect(await states(repos)).toEqual(['done', 'done', 'done']);
    await expectNothingLeft(repos);
    expect(await repos.revert(['--continue'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unfinished'),
    });
  });

  it('R79 --abort brings back what was published, by a commit, also where others went on', async () => {
    const repos = await makeRepositories();
    await repos.serverHook('library', 'pre-receive', 'grep -q refs/heads/ && exit 1; exit 0');
    expect((await repos.revert([repos.txn])).code).toBe(1);
    const { repo } = repos.get('service');
    await repo.commit('By hand', { other: 'person\n' });
    await repo.git('push', '-q', 'origin', 'main');
    const { code, stdout, stderr } = await repos.revert(['--abort', '--json']);
    expect(code, stderr).toBe(0);
    expect(stepsOf(stdout)).toEqual({ website: 'compensated', service: 'compensated', library: 'planned' });
    for (const { name, server, repo: one } of repos.all) {
      expect(await server.git('show', 'main:f')).toBe(name);
      expect(await one.git('rev-parse', 'main')).toBe(await server.git('rev-parse', 'main'));
    }
    expect(await repos.get('service').server.git('show', 'main:other')).toBe('person');
    expect(await repos.published('library')).toEqual(['Change library', 'First']);
    await expectNothingLeft(repos);
    // It is in force again, and can be reverted again.
    await repos.serverHook('library', 'pre-receive', 'exit 0');
    const done = await repos.revert([repos.txn]);
    expect(done.code, done.stdout + done.stderr).toBe(0);
    for (const { server } of repos.all) expect(await server.git('show', 'main:f')).toBe('first');
  });

  it('R79 a branch that went on between two steps is planned anew by --continue, once it is here', async () => {
    const repos = await makeRepositories();
    const { repo, server } = repos.get('service');
    // Somebody pushes while the first one is being published.
    const other = `cd '${server.dir}' && git update-ref refs/heads/main $(git commit-tree -p main -m 'By hand' 'main^{tree}')`;
    await repo.exec('sh', [
      '-c',
      `cd '${server.dir}' && git config user.name Jane && git config user.email j@example.com`,
    ]);
    await repos.serverHook(
      'website',
      'post-receive',
      'unset GIT_DIR GIT_QUARANTINE_PATH',
      `grep -q refs/heads/ && (${other})`,
      'exit 0',
    );
    const first = await repos.revert(['--json', repos.txn]);
    expect([first.code, stepsOf(first.stdout)]).toEqual([
      1,
      { website: 'published', service: 'moved', library: 'planned' },
    ]);
    const early = await repos.revert(['--continue']);
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('pull or push first') });
    await repo.git('pull', '-q', '--ff-only', 'origin', 'main');
    const done = await repos.revert(['--continue', '--json']);
    expect(done.code, done.stderr).toBe(0);
    expect(await repos.published('service')).toEqual([
      expect.stringContaining('Revert agent txn'),
      'By hand',
      'Change service',
      'First',
    ]);
    await expectNothingLeft(repos);
  });

  it('R79 a remote that vanishes in the middle leaves it partial, and --continue finishes it', async () => {
    const repos = await makeRepositories();
    const { server } = repos.get('library');
    await repos.serverHook(
      'website',
      'post-receive',
      `mv '${server.dir}' '${server.dir}.gone' 2>/dev/null; exit 0`,
    );
    const first = await repos.revert(['--json', repos.txn]);
    expect([first.code, stepsOf(first.stdout)['library']]).toEqual([1, 'unreachable']);
    await rename(`${server.dir}.gone`, server.dir);
    await repos.serverHook('website', 'post-receive', 'exit 0');
    const done = await repos.revert(['--continue']);
    expect(done.code, done.stderr).toBe(0);
    for (const { name } of repos.all) expect(await repos.published(name)).toHaveLength(3);
  });

  it('R80 a repository that is not there, shallow or unreachable: incomplete, exit 3, nothing changed', async () => {
    const repos = await makeRepositories();
    const { server, repo } = repos.get('service');
    await rename(server.dir, `${server.dir}.gone`);
    const away = await repos.revert(['--json', repos.txn]);
    expect([away.code, (JSON.parse(away.stdout) as SagaPlan).verdict]).toEqual([3, 'incomplete']);
    await rename(`${server.dir}.gone`, server.dir);
    await rename(repo.dir, `${repo.dir}.gone`);
    const before = await repos.published('website');
    const gone = await repos.revert([repos.txn]);
    expect(gone).toMatchObject({ code: 3, stdout: expect.stringContaining('incomplete') });
    await repo.exec('git', ['clone', '-q', '--depth', '1', `file://${server.dir}`, repo.dir], {
      cwd: repos.root,
    });
    await repo.run(['sync', '--fetch']);
    const shallow = await repos.revert([repos.txn]);
    expect(shallow).toMatchObject({ code: 3, stdout: expect.stringContaining('shallow') });
    expect(await repos.published('website')).toEqual(before);
  });

  it('R80 a folder inside another repository is not taken for one', async () => {
    const repos = await makeRepositories({ names: ['library'] });
    await repos.get('library').repo.write('inner/x', '');
    await repos.get('library').repo.write('../inner.txt', 'library/inner\n');
    const revert = await repos.revert(['--repos', `${repos.root}/inner.txt`, repos.txn]);
    expect(revert).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('a folder of another repository'),
    });
  });

  it('a transaction nobody knows in one of them needs a decision: its records may be missing there', async () => {
    const repos = await makeRepositories();
    await repos.get('library').repo.git('update-ref', '-d', 'refs/notes/agent-log');
    await repos
      .get('library')
      .repo.exec('rm', ['-rf', repos.get('library').repo.path('.git/agent-log/index')]);
    const { code, stdout } = await repos.revert([repos.txn]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/library.*\n {3}no transaction is called/)]);
  });

  it('works on a branch that is not checked out, and leaves what is', async () => {
    const repos = await makeRepositories({ names: ['library', 'service'] });
    const { repo } = repos.get('library');
    await repo.git('checkout', '-q', '-b', 'topic');
    await repo.commit('On topic', { topic: 'topic\n' });
    const list = {
      schema: 'agent-log/repos/v1',
      repositories: [{ path: 'library', branch: 'main' }, { path: 'service' }],
    };
    await repo.write('../two.json', JSON.stringify(list));
    const done = await repos.revert(['--repos', `${repos.root}/two.json`, repos.txn]);
    expect(done.code, done.stdout + done.stderr).toBe(0);
    expect(await repo.git('show', 'main:f')).toBe('first');
    expect(await repo.git('log', '-1', '--format=%s')).toBe('On topic');
    expect(await repo.git('status', '--porcelain')).toBe('');
    expect(await repos.get('service').repo.read('f')).toBe('first\n');
  });

  it.each([
    [
      'an address instead of a remote',
      { repositories: [{ path: 'library', remote: 'ext::sh -c touch% pwned' }] },
    ],
    [
      'a remote that is an option',
      { repositories: [{ path: 'library', remote: '--upload-pack=touch pwned' }] },
    ],
    ['a branch that is an option', { repositories: [{ path: 'library', branch: '-D' }] }],
    [
      'a prototype key',
      { repositories: [JSON.parse('{"path":"library","__proto__":{"remote":"origin"}}') as object] },
    ],
    ['an unknown key', { repositories: [{ path: 'library', push: 'force' }] }],
    ['a control character', { repositories: [{ path: 'lib\u001b[2Jrary' }] }],
    ['the same twice', { repositories: [{ path: 'library' }, { path: './library', name: 'other' }] }],
    ['no repository', { repositories: [] }],
  ])('hostile list: %s is refused', async (_, list) => {
    const repos = await makeRepositories({ names: ['library'] });
    const file = `${repos.root}/hostile.json`;
    await repos
      .get('library')
      .repo.write('../hostile.json', JSON.stringify({ schema: 'agent-log/repos/v1', ...list }));
    const { code, stderr } = await repos.revert(['--repos', file, repos.txn]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('hint: ')]);
    expect(stderr).not.toContain('\u001b');
  });
});
