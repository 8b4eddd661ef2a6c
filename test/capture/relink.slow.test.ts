import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Relinked, relink } from '../../lib/capture/relink.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { resolveCommit } from '../../lib/ledger/binding/resolve.ts';
import { LEDGER_REF, type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { type AgentCommit, agentCommit } from '../support/agent-commits.ts';
import { IDENTITY, NOW } from '../support/records.ts';
import { makeRepo, repoAt, type TestRepo } from '../support/repo.ts';

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo();
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
  await repo.commit('Lines', { a: lines() });
  await repo.git('branch', 'base');
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

/** Nine lines, some of them changed. */
function lines(changes: Readonly<Record<number, string>> = {}): string {
  return Array.from({ length: 30 }, (_, i) => `${changes[i] ?? `line ${i}`}\n`).join('');
}

const options = { identity: IDENTITY, now: NOW };

async function run(fields: { dryRun?: boolean } = {}): Promise<Relinked> {
  return relink(ledger, { ...options, ...fields });
}

/** What relink says of every commit, and that it says nothing more the second time. */
async function relinked(): Promise<Record<string, string>> {
  const { landings, ambiguous, unproven, absent } = await run();
  const again = await run();
  expect(again.landings, 'a second run').toEqual([]);
  expect({ ambiguous, unproven, absent }).toEqual({ ambiguous: [], unproven: [], absent: [] });
  return Object.fromEntries(
    landings.map(({ record, commit, grade, proof, sealed }) => [
      record,
      `${commit} ${grade} ${proof}${sealed ? ' sealed' : ''}`,
    ]),
  );
}

async function onto(
  revision: string,
  files: Readonly<Record<string, string>> = { moved: 'on\n' },
): Promise<void> {
  await repo.git('checkout', '-q', '-B', 'target', revision);
  await repo.commit('Moved on', files);
}

async function squash(revision: string, message: string): Promise<string> {
  await repo.git('merge', '-q', '--squash', revision);
  await repo.git('commit', '-q', '-m', message);
  return repo.git('rev-parse', 'HEAD');
}

async function bindingOf(revision: string) {
  const found = await resolveCommit(ledger, revision);
  const also = found?.alsoHere.map(({ digest }) => digest) ?? [];
  return {
    binding: found?.binding,
    records: [found?.record?.digest ?? '', ...also].sort(byText),
    problems: found?.problems,
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

const digests = (...made: AgentCommit[]): string[] => made.map(({ record }) => record.digest).sort(byText);

async function three(): Promise<[AgentCommit, AgentCommit, AgentCommit]> {
  const one = await agentCommit(repo, ledger, { a: lines({ 2: 'two' }) });
  const two = await agentCommit(repo, ledger, { a: lines({ 2: 'two', 12: 'twelve' }) }, { after: one });
  const last = await agentCommit(repo, ledger, { b: 'b\n' }, { after: two });
  await repo.git('branch', '-f', 'topic');
  return [one, two, last];
}

describe('relink', () => {
  it('finds rebased commits, with and without their trailers', async () => {
    const [one, two, last] = await three();
    await onto('base');
    await repo.git('cherry-pick', one.oid);
    const first = await repo.git('rev-parse', 'HEAD');
    await repo.git('cherry-pick', two.oid);
    await repo.git('commit', '-q', '--amend', '-m', 'Typed away');
    const second = await repo.git('rev-parse', 'HEAD');
    await repo.git('cherry-pick', last.oid);
    const third = await repo.git('rev-parse', 'HEAD');
    await repo.git('branch', '-D', 'topic');
    expect(await relinked()).toEqual({
      [one.record.digest]: `${first} same-patch trailer sealed`,
      [two.record.digest]: `${second} same-patch patch-id`,
      [last.record.digest]: `${third} same-patch trailer sealed`,
    });
    expect(await bindingOf(second)).toEqual({ binding: 'same-patch', records: digests(two), problems: [] });
  });

  it('writes nothing when told not to, and both notes of a landing when told to', async () => {
    const [one] = await three();
    await onto('base');
    await repo.git('cherry-pick', one.oid);
    const tip = await repo.git('rev-parse', LEDGER_REF);
    expect((await run({ dryRun: true })).landings).toHaveLength(1);
    expect(await repo.git('rev-parse', LEDGER_REF)).toBe(tip);
    await run();
    for (const commit of [one.oid, 'HEAD'])
      expect(await repo.git('notes', '--ref=agent-log', 'show', commit)).toContain('agent-log/landing/v1');
  });

  it.each(['All the trailers, buried', 'Title alone'])(
    'finds a squash onto a base that moved: %s',
    async (title) => {
      const made = await three();
      const seals = made.map(({ seal }) => `* Bullet\n\n  ${seal.replace('\n', '\n  ')}`).join('\n\n');
      await onto('base');
      const squashed = await squash(
        'topic',
        title === 'Title alone' ? title : `${title} (#1)\n\n${seals}\n\nText.`,
      );
      const how = title === 'Title alone' ? 'range-patch-id' : 'trailer sealed';
      expect(await relinked()).toEqual(
        Object.fromEntries(made.map(({ record }) => [record.digest, `${squashed} squashed ${how}`])),
      );
      expect(await bindingOf(squashed)).toEqual({
        binding: 'squashed',
        records: digests(...made),
        problems: [],
      });
    },
  );

  it("finds a squash with a person's commits in it, before, between and after", async () => {
    await repo.commit('By hand', { h1: '1\n' });
    const one = await agentCommit(repo, ledger, { a: lines({ 2: 'two' }) });
    await repo.commit('By hand', { h2: '2\n' });
    const two = await agentCommit(repo, ledger, { b: 'b\n' });
    await repo.commit('By hand', { a: lines({ 2: 'two', 5: 'five' }) });
    await repo.git('branch', 'topic');
    await onto('base');
    const squashed = await squash('topic', 'Title alone');
    expect(await relinked()).toEqual({
      [one.record.digest]: `${squashed} squashed range-patch-id`,
      [two.record.digest]: `${squashed} squashed range-patch-id`,
    });
    expect(await bindingOf(squashed)).toEqual({
      binding: 'squashed',
      records: digests(one, two),
      problems: [],
    });
  });

  it('finds a part of a branch that was squashed, the rest rebased', async () => {
    const [one, two, last] = await three();
    await onto('base');
    await repo.git('cherry-pick', '-n', one.oid, two.oid);
    await repo.git('commit', '-q', '-m', 'Two in one');
    const squashed = await repo.git('rev-parse', 'HEAD');
    await repo.git('cherry-pick', last.oid);
    const picked = await repo.git('rev-parse', 'HEAD');
    expect(await relinked()).toEqual({
      [one.record.digest]: `${squashed} squashed range-patch-id`,
      [two.record.digest]: `${squashed} squashed range-patch-id`,
      [last.record.digest]: `${picked} same-patch trailer sealed`,
    });
  });

  it('finds all of a squash whose message names the first alone', async () => {
    const made = await three();
    await onto('base');
    const squashed = await squash('topic', `Title\n\n${made[0].seal}`);
    const how = (one: AgentCommit): string => (one === made[0] ? 'range-patch-id sealed' : 'range-patch-id');
    expect(await relinked()).toEqual(
      Object.fromEntries(made.map((one) => [one.record.digest, `${squashed} squashed ${how(one)}`])),
    );
    expect(await bindingOf(squashed)).toEqual({
      binding: 'squashed',
      records: digests(...made),
      problems: [],
    });
  });

  it('takes only what is left of a squash where a person took the rest back', async () => {
    await agentCommit(repo, ledger, { a: lines({ 2: 'two' }) });
    await repo.git('revert', '--no-edit', 'HEAD');
    const kept = await agentCommit(repo, ledger, { b: 'b\n' });
    await repo.git('branch', 'topic');
    await onto('base');
    const squashed = await squash('topic', 'Title alone');
    expect(await relinked()).toEqual({ [kept.record.digest]: `${squashed} same-patch patch-id` });
  });

  it("takes GitLab's squash commit, and not the merge that repeats its message", async () => {
    const made = await three();
    const message = `Title\n\n${made.map(({ seal }) => seal).join('\n\n')}`;
    await onto('base');
    const target = await repo.git('rev-parse', 'HEAD');
    await repo.git('checkout', '-q', '-b', 'squashed');
    const squashed = await squash('topic', message);
    await repo.git('checkout', '-q', 'target');
    await repo.git('merge', '-q', '--no-ff', '-m', message, 'squashed');
    expect(await repo.git('rev-parse', 'HEAD^1')).toBe(target);
    expect(await relinked()).toEqual(
      Object.fromEntries(made.map(({ record }) => [record.digest, `${squashed} squashed trailer sealed`])),
    );
    expect(await bindingOf('HEAD')).toMatchObject({ binding: 'claimed' });
  });

  it('does not take a squash on a linear branch for a rebase', async () => {
    const one = await agentCommit(repo, ledger, { a: lines({ 2: 'two' }) });
    const two = await agentCommit(repo, ledger, { b: 'b\n' }, { after: one });
    await agentCommit(repo, ledger, { b: 'c\n' }, { after: two });
    await repo.git('branch', 'topic');
    await onto('base');
    await repo.commit('By hand: as many commits as there were, with other changes', { a: lines({ 3: 'x' }) });
    await repo.commit('By hand', { c: 'b\n' });
    await repo.commit('By hand', { c: 'c\n' });
    expect(await relinked()).toEqual({});
  });

  it('takes a change that was undone and made again for what its own message says, or for none', async () => {
    const one = await agentCommit(repo, ledger, { a: lines({ 2: 'two' }) });
    await repo.git('revert', '--no-edit', 'HEAD');
    await repo.git('revert', '--no-edit', 'HEAD');
    expect(await relinked(), 'a revert of a revert is made anew').toEqual({});
    expect(await bindingOf('HEAD')).toMatchObject({ binding: 'none' });
    const two = await agentCommit(repo, ledger, { b: 'b\n' });
    await repo.git('revert', '--no-edit', 'HEAD');
    const again = await agentCommit(repo, ledger, { b: 'b\n' });
    await repo.git('branch', 'topic');
    await onto('base');
    await repo.git('cherry-pick', 'base..topic');
    const at = async (back: number): Promise<string> => repo.git('rev-parse', `HEAD~${back}`);
    expect(await relinked()).toEqual({
      [one.record.digest]: `${await at(5)} same-patch trailer sealed`,
      [two.record.digest]: `${await at(2)} same-patch trailer sealed`,
      [again.record.digest]: `${await at(0)} same-patch trailer sealed`,
    });
  });

  it('names a commit that may be the work of several, and guesses nothing', async () => {
    const alike: AgentCommit[] = [];
    for (const branch of ['x', 'y']) {
      await repo.git('checkout', '-q', '-b', branch, 'base');
      await repo.commit(branch, { [branch]: 'x\n' });
      alike.push(await agentCommit(repo, ledger, { b: 'b\n' }));
    }
    await onto('base');
    await repo.commit('The same, by somebody', { b: 'b\n' });
    await repo.git('commit', '-q', '--amend', '--no-edit', '--date=2026-11-01T12:00:00Z');
    const { landings, ambiguous } = await run();
    expect(landings).toEqual([]);
    expect(ambiguous).toEqual([{ commit: await repo.git('rev-parse', 'HEAD'), records: digests(...alike) }]);
    expect(await bindingOf('HEAD')).toMatchObject({ binding: 'none' });
  });

  it('lets a dropped commit stay dropped', async () => {
    const [one, two, last] = await three();
    await onto('base');
    await repo.git('cherry-pick', one.oid, last.oid);
    expect(Object.keys(await relinked()).sort()).toEqual(digests(one, last));
    expect(await bindingOf(two.oid)).toMatchObject({ binding: 'exact' });
  });

  it('says of a message what it names that is not to be shown, or not here', async () => {
    const [one] = await three();
    await onto('base');
    const named = `Agent-Record: sha256:${'0'.repeat(64)}`;
    const copied = await repo.commit(`By hand\n\n${one.seal}\n${named}`, { mine: 'x\n' });
    const { landings, unproven, absent } = await run();
    expect(landings).toEqual([]);
    expect(unproven).toEqual([{ commit: copied, record: one.record.digest, why: 'differs' }]);
    expect(absent).toEqual([{ commit: copied, record: `sha256:${'0'.repeat(64)}` }]);
  });

  it('says that a shallow clone can not tell', async () => {
    const [one] = await three();
    await onto('base');
    await repo.git('cherry-pick', one.oid);
    await repo.git(
      'clone',
      '-q',
      '--depth=1',
      '--no-local',
      '--branch=target',
      `file://${repo.dir}`,
      repo.path('..', 'shallow'),
    );
    const clone = repoAt(repo.path('..', 'shallow'), repo.home);
    await clone.git('fetch', '-q', 'origin', `${LEDGER_REF}:${LEDGER_REF}`);
    const { code, stdout } = await clone.run(['relink']);
    expect(stdout).toContain('this clone ends here');
    expect(code).toBe(3);
    const fullAgain = await clone.tryGit(['fetch', '-q', '--unshallow', 'origin']);
    expect(fullAgain.code).toBe(0);
    expect(await clone.run(['relink'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 landing written'),
    });
  });

  it('works in a bare repository, and leaves nothing but the ledger changed', async () => {
    const made = await three();
    await onto('base');
    const squashed = await squash('topic', 'Title alone');
    const bare = repoAt(repo.path('..', 'bare.git'), repo.home);
    await mkdir(bare.dir);
    await bare.git('clone', '-q', '--mirror', repo.dir, '.');
    await bare.git('symbolic-ref', 'HEAD', 'refs/heads/target');
    const before = await bare.git('for-each-ref');
    const there = openLedger(await findRepository({ cwd: bare.dir }));
    const { landings } = await relink(there, options);
    there.close();
    expect(landings.map(({ commit, record }) => `${commit} ${record}`).sort()).toEqual(
      digests(...made).map((digest) => `${squashed} ${digest}`),
    );
    const without = (text: string): string[] => text.split('\n').filter((line) => !line.endsWith(LEDGER_REF));
    expect(without(await bare.git('for-each-ref'))).toEqual(without(before));
  });

  it('a forged ledger: no patch-id or range somebody wrote down makes work of a person an agent’s', async () => {
    const [one] = await three();
    await onto('base');
    const mine = await repo.commit('By hand', { mine: 'x\n' });
    const [line = ''] = (await repo.git('notes', '--ref=agent-log', 'show', one.oid))
      .split('\n')
      .filter((text) => text.includes('agent-log/binding/v1'));
    const { patchId } = await import('../../lib/git/diffs/patch-id.ts');
    const binding = JSON.parse(line) as Record<string, unknown>;
    const forged = {
      ...binding,
      id: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE',
      patchId: await patchId(ledger.repo, `${mine}^`, mine),
    };
    await repo.git('notes', '--ref=agent-log', 'append', '-m', JSON.stringify(forged), one.oid);
    expect(await relinked()).toEqual({});
    expect(await bindingOf(mine)).toMatchObject({ binding: 'none' });
  });
});
