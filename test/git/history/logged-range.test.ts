import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areChildrenFirst, loggedRange } from '../../../lib/git/history/logged-range.ts';
import { landingsOn } from '../../../lib/revert/members/units.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;

beforeAll(async () => {
  repo = await makeRepo();
});
afterAll(() => repo.remove());

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A commit of its own, made at a second by its clock. */
async function commitAt(second: number, message: string, ...parents: string[]): Promise<string> {
  const env = { GIT_AUTHOR_DATE: `${second} +0000`, GIT_COMMITTER_DATE: `${second} +0000` };
  const args = ['commit-tree', EMPTY_TREE, '-m', message, ...parents.flatMap((parent) => ['-p', parent])];
  return (await repo.exec('git', args, { env })).stdout.trim();
}

describe('loggedRange', () => {
  it('tells of each commit what leads to it, its tree and its message', async () => {
    const first = await commitAt(1_700_000_000, 'First');
    const second = await commitAt(1_700_000_001, 'Zweite Ä\n\nBody\n', first);
    const third = await commitAt(1_700_000_002, '', second, first);
    expect(await loggedRange({ cwd: repo.dir }, third, first)).toEqual([
      { commit: third, tree: EMPTY_TREE, parents: [second, first], message: '' },
      { commit: second, tree: EMPTY_TREE, parents: [first], message: 'Zweite Ä\n\nBody\n' },
    ]);
    expect(await loggedRange({ cwd: repo.dir }, first, first)).toEqual([]);
  });

  it('tells nothing of more than it reads', async () => {
    const first = await commitAt(1_700_000_000, 'First');
    const stream = Array.from(
      { length: 1000 },
      (_, i) =>
        `commit refs/heads/long\ncommitter A <a@b> ${1_700_000_001 + i} +0000\ndata 0\n${i === 0 ? `from ${first}\n` : ''}\n`,
    );
    await repo.tryGit(['fast-import', '--quiet', '--done'], { input: `${stream.join('')}done\n` });
    const tip = await repo.git('rev-parse', 'long');
    expect(await loggedRange({ cwd: repo.dir }, tip, first)).toBeNull();
    expect(await loggedRange({ cwd: repo.dir }, `${tip}~1`, first)).toHaveLength(999);
  });

  it('throws what git says of a commit that is not here', async () => {
    const gone = 'a'.repeat(40);
    await expect(loggedRange({ cwd: repo.dir }, gone, gone)).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});

describe('areChildrenFirst', () => {
  it('says whether a commit stands before one that leads to it', () => {
    const [a, b] = [
      { commit: 'a', parents: ['b'] },
      { commit: 'b', parents: [] },
    ];
    expect(areChildrenFirst([a, b])).toBe(true);
    expect(areChildrenFirst([b, a])).toBe(false);
    expect(areChildrenFirst([])).toBe(true);
  });

  it('keeps a clock that was wrong from hiding that a commit is on the branch itself', async () => {
    const now = 1_700_000_000;
    const base = await commitAt(now, 'Base of others');
    const wanted = await commitAt(now + 5, 'Wanted');
    const beside = await commitAt(now + 6, 'Beside', wanted);
    const late = await commitAt(now - 100, 'By a clock that was late', wanted);
    const tip = await commitAt(now + 7, 'Merge', late, beside);
    const place = { cwd: repo.dir };
    const newest = (await loggedRange(place, tip, base)) ?? [];
    expect(newest.map(({ commit }) => commit)).toEqual([tip, beside, wanted, late]);
    expect(areChildrenFirst(newest)).toBe(false);
    const { cameWith } = await landingsOn(place, tip, new Set([wanted]), newest);
    expect(cameWith.get(wanted)).toBe(wanted);
  });
});
