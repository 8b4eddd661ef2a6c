import { describe, expect, it, onTestFinished } from 'vitest';
import { makeRepo, type TestRepo } from '../../support/repo.ts';
import { schemaProblems } from '../../support/schema.ts';

const URL = 'https://git.example.com/team/shop/pull/9';

interface Told {
  readonly state: string;
  readonly landed: string | null;
  readonly subject: { readonly base: string; readonly head: string };
}

/** A merge request that was told of at its first commit, and has grown by another since. */
async function grown(): Promise<{ repo: TestRepo; fork: string; old: string; head: string }> {
  const repo = await makeRepo();
  onTestFinished(() => repo.remove());
  const fork = await repo.git('rev-parse', 'HEAD');
  await repo.git('checkout', '-q', '-b', 'topic');
  const old = await repo.commit('One', { 'a.txt': '1\n' });
  expect((await told(repo, 'open', '--head', 'topic')).subject).toMatchObject({ base: fork, head: old });
  const head = await repo.commit('Two', { 'a.txt': '2\n' });
  await repo.git('checkout', '-q', 'main');
  return { repo, fork, old, head };
}

async function told(repo: TestRepo, action: string, ...more: string[]): Promise<Told> {
  const { code, stdout, stderr } = await repo.run(['mr', action, URL, '--target', 'main', ...more, '--json']);
  expect(code, stderr).toBe(0);
  const document = JSON.parse(stdout) as Told;
  expect(schemaProblems(document)).toEqual([]);
  return document;
}

describe('a merge request that grew and was merged before anybody told of it again', () => {
  it('landed at the head that is told, with all it changed', async () => {
    const { repo, fork, head } = await grown();
    await repo.commit('Meanwhile', { 'b.txt': 'b\n' });
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    await repo.commit('Afterwards', { 'c.txt': 'c\n' });
    expect(await told(repo, 'sync', '--head', 'topic')).toMatchObject({
      state: 'merged',
      landed: head,
      subject: { base: fork, head },
    });
  });

  it('landed so where the branch was only moved on, too', async () => {
    const { repo, fork, head } = await grown();
    await repo.git('merge', '-q', '--ff-only', 'topic');
    await repo.commit('Afterwards', { 'c.txt': 'c\n' });
    expect(await told(repo, 'sync', '--head', head)).toMatchObject({
      state: 'merged',
      landed: head,
      subject: { base: fork, head },
    });
  });

  it('is told as it was where no head is named, with a hint at what the merge took in beside it', async () => {
    const { repo, old, head } = await grown();
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    const { code, stdout, stderr } = await repo.run(['mr', 'sync', URL, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'merged', landed: old, subject: { head: old } });
    expect(stderr).toMatch(new RegExp(`^hint: the merge .+ --head ${head.slice(0, 10)}\n`));
    await told(repo, 'sync', '--head', head);
    expect((await repo.run(['mr', 'sync', URL])).stderr).not.toContain('took in more');
  });

  it('is no merge that took it in: such a head is not believed', async () => {
    const { repo, old } = await grown();
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    const merge = await repo.git('rev-parse', 'HEAD');
    expect((await told(repo, 'sync', '--head', merge)).subject.head).toBe(old);
  });
});

it('a head that came after the landed one has not landed by that', async () => {
  const { repo, old } = await grown();
  await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', old);
  expect(await told(repo, 'sync')).toMatchObject({ state: 'merged', landed: old });
  const { state, landed } = await told(repo, 'sync', '--head', 'topic');
  expect({ state, landed }).toEqual({ state: 'open', landed: null });
});
