import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeSubject } from '../../../lib/core/records/record.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { openLedger } from '../../../lib/ledger/ledger.ts';
import { type ChangeNamed, changeSubject, mrUrl } from '../../../lib/ledger/told/change-subject.ts';
import { makeRepo, repoAt, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let tip = '';

/** main with two commits more than topic was begun on; the remote's main is the older one. */
beforeAll(async () => {
  repo = await makeRepo();
  await repo.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  await repo.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
  await repo.git('checkout', '-q', '-b', 'topic');
  await repo.commit('One', { a: '1\n' });
  tip = await repo.commit('Two', { b: '2\n' });
  await repo.git('checkout', '-q', 'main');
  await repo.commit('Meanwhile', { c: '3\n' });
});
afterAll(() => repo.remove());

async function subject(named: ChangeNamed, dir = repo.dir): Promise<ChangeSubject> {
  const ledger = openLedger(await findRepository({ cwd: dir }));
  try {
    return await changeSubject(ledger, named);
  } finally {
    ledger.close();
  }
}

describe('the subject of a change', () => {
  it('is all that a commit has and the default branch of the remote has not', async () => {
    const [first, tree] = (await repo.git('rev-parse', 'topic~2', 'topic^{tree}')).split('\n');
    const whole = await subject({ revision: 'topic' });
    expect(whole).toMatchObject({
      base: first,
      head: tip,
      tree,
      target: 'refs/heads/main',
      targetCommit: first,
    });
    const said = await repo.exec('sh', ['-c', 'git diff-tree -p topic~2 topic | git patch-id --verbatim']);
    expect(whole.patchId).toBe(said.stdout.slice(0, 40));
    expect(await subject({ revision: 'topic', target: 'main' })).toEqual(whole);
    expect(await subject({ revision: 'topic', target: 'origin/main' })).toEqual(whole);
    expect(await subject({ revision: 'origin/main..topic', target: 'refs/remotes/origin/main' })).toEqual(
      whole,
    );
  });

  it('is what a range has, where one is named', async () => {
    const part = await subject({ revision: 'topic~1..topic', mr: 'https://example.com/a/b/pull/7/#files' });
    expect(part).toMatchObject({
      base: await repo.git('rev-parse', 'topic~1'),
      mr: 'https://example.com/a/b/pull/7',
    });
  });

  it('names no branch for a bare commit, and no patch where nothing is new', async () => {
    const same = await subject({ revision: 'topic', target: 'topic~0' });
    expect(same).toMatchObject({ base: tip, target: null, patchId: null });
  });

  it.each([
    [{ revision: 'nowhere' }, 'NOT_FOUND'],
    [{ revision: 'topic', target: 'nowhere' }, 'NOT_FOUND'],
    [{ revision: 'topic', target: 'a\nb' }, 'NOT_FOUND'],
    [{ revision: 'topic', mr: 'javascript:alert(1)' }, 'BAD_ARGUMENT'],
  ])('%o is refused', async (named, code) => {
    await expect(subject(named)).rejects.toMatchObject({ code, hints: [expect.any(String)] });
  });

  it('is refused where there is no history in common, and where the clone ends too early to tell', async () => {
    await repo.git('checkout', '-q', '--orphan', 'apart');
    await repo.commit('Apart');
    await repo.git('checkout', '-q', '-f', 'main');
    await expect(subject({ revision: 'apart' })).rejects.toMatchObject({ code: 'UNRELATED' });
    const clone = repoAt(repo.path('..', 'shallow'), repo.home);
    await repo.git('clone', '-q', '--no-single-branch', '--depth=1', `file://${repo.dir}`, clone.dir);
    await expect(subject({ revision: 'origin/topic', target: 'main' }, clone.dir)).rejects.toMatchObject({
      code: 'SHALLOW',
      kind: 'integrity',
    });
  });
});

it('is refused where the clone ends on one of the ways to the fork, and another way leads further back', async () => {
  const make = (...parents: string[]): Promise<string> =>
    repo.git('commit-tree', '-m', 'x', ...parents.flatMap((one) => ['-p', one]), 'main^{tree}');
  const other = await make('main');
  const head = await make(await make('main~1'), other);
  expect((await subject({ revision: `main..${head}` })).base).toBe(await repo.git('rev-parse', 'main'));
  await repo.write('.git/shallow', `${other}\n`);
  await expect(subject({ revision: `main..${head}` })).rejects.toMatchObject({ code: 'SHALLOW' });
  await rm(repo.path('.git', 'shallow'));
});

it('a merge request keeps no password', () => {
  expect(() => mrUrl('https://me:secret@example.com/pull/1')).toThrow(
    /URL of a merge request: https:\/\/example\.com/,
  );
});
