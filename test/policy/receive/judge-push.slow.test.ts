import { afterAll, beforeAll, expect, it } from 'vitest';
import { openObjectReader } from '../../../lib/git/objects/catfile.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import {
  judgePush,
  type PushedRange,
  type RangeJudge,
  type Refusal,
} from '../../../lib/policy/receive/judge-push.ts';
import type { PushedRef } from '../../../lib/policy/receive/pushed.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let test: TestRepo;
let repo: Repository;
let first: string;
let second: string;

beforeAll(async () => {
  test = await makeRepo();
  first = await test.git('rev-parse', 'HEAD');
  second = await test.commit('Second');
  await test.git('reset', '-q', '--hard', first);
  repo = await findRepository({ cwd: test.dir });
});
afterAll(() => test.remove());

async function judged(pushed: PushedRef, judge: RangeJudge): Promise<readonly Refusal[]> {
  const reader = openObjectReader(repo);
  const settings = { enforce: 'merge', protected: ['refs/heads/release/*'] } as const;
  try {
    return await judgePush(repo, reader, [pushed], settings, judge);
  } finally {
    reader.close();
  }
}

/** What it was asked, and an answer. */
function asked(denies: boolean): { readonly judge: RangeJudge; readonly ranges: PushedRange[] } {
  const ranges: PushedRange[] = [];
  return {
    ranges,
    judge: (range) => {
      ranges.push(range);
      return Promise.resolve({ denies, text: 'DENIED at merge\nno sponsor' });
    },
  };
}

it('a push to a protected branch is judged by the policy at its old tip', async () => {
  const pushed = { from: first, to: second, ref: 'refs/heads/main' };
  const no = asked(true);
  expect(await judged(pushed, no.judge)).toMatchObject([{ why: ['DENIED at merge', 'no sponsor'] }]);
  expect(no.ranges).toMatchObject([
    { stage: 'merge', ref: 'refs/heads/main', from: first, to: second, target: 'refs/heads/main' },
  ]);
  expect(await judged(pushed, asked(false).judge)).toEqual([]);
});

it("a new protected branch is judged by the policy at HEAD's", async () => {
  const { judge, ranges } = asked(false);
  await judged({ from: null, to: second, ref: 'refs/heads/release/1' }, judge);
  expect(ranges).toMatchObject([{ from: null, target: 'refs/heads/main' }]);
});

it('other branches are not asked about', async () => {
  const { judge, ranges } = asked(true);
  expect(await judged({ from: null, to: second, ref: 'refs/heads/topic' }, judge)).toEqual([]);
  expect(ranges).toEqual([]);
});

it('attack: another spelling of a protected branch is refused, unjudged', async () => {
  const { judge, ranges } = asked(false);
  for (const ref of ['refs/heads/MAIN', 'refs/heads/Release/1'])
    for (const to of [second, null])
      expect(await judged({ from: null, to, ref }, judge)).toMatchObject([
        { ref, why: [expect.stringContaining('on some disks')] },
      ]);
  expect(ranges).toEqual([]);
});

it.each([
  ['names a branch that is not there', ['symbolic-ref', 'HEAD', 'refs/heads/master']],
  ['names no branch', ['checkout', '-q', '--detach']],
])("attack: a new protected branch where the server's HEAD %s is refused", async (_, args) => {
  const { judge } = asked(false);
  await test.git(...args);
  const ref = 'refs/heads/release/1';
  try {
    expect(await judged({ from: null, to: second, ref }, judge)).toMatchObject([
      { ref, why: [expect.stringContaining('is not there')] },
    ]);
  } finally {
    await test.git('symbolic-ref', 'HEAD', 'refs/heads/main');
  }
});

it('the first push of all is judged by nothing', async () => {
  const empty = await makeRepo({ firstCommit: false });
  try {
    const { judge } = asked(true);
    await empty.git('fetch', '-q', test.dir, second);
    const place = await findRepository({ cwd: empty.dir });
    const reader = openObjectReader(place);
    const settings = { enforce: 'merge', protected: ['refs/heads/main'] } as const;
    expect(
      await judgePush(place, reader, [{ from: null, to: second, ref: 'refs/heads/main' }], settings, judge),
    ).toEqual([]);
    reader.close();
  } finally {
    await empty.remove();
  }
});
