import { describe, expect, it } from 'vitest';
import { applyRegroup, planJoin, planSplit } from '../../lib/capture/regroup.ts';
import type { RegroupRecord } from '../../lib/core/generated/regroup-v1.types.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { resolveCommit } from '../../lib/ledger/binding/resolve.ts';
import { type Ledger, openLedger } from '../../lib/ledger/ledger.ts';
import { appendToNotes } from '../../lib/ledger/notes/append.ts';
import { describe as describeCommit } from '../../lib/ledger/reading/describe.ts';
import { findTxn, membersOf, txnNamed } from '../../lib/ledger/reading/txn.ts';
import { appendRegroup, readRegroups, regroupKey } from '../../lib/ledger/told/regroups.ts';
import { repoForTest } from '../support/recorded.ts';
import { IDENTITY, NOW, storedBinding, storedExecution } from '../support/records.ts';
import { repoAt, type TestRepo } from '../support/repo.ts';

const OPTIONS = { identity: IDENTITY, by: { name: 'Jane Doe', email: 'jane@example.com' }, now: NOW };
const APPEND = { identity: IDENTITY, message: 'Test\n' };
/** Oldest first. */
const [A, B, C] = [1, 2, 3].map((day) => newUlid(NOW - (9 - day) * 86_400_000)) as [string, string, string];

async function withLedger<T>(repo: TestRepo, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir, foreign: true }));
  try {
    return await use(ledger);
  } finally {
    ledger.close();
  }
}

/** Commits with a record each, in one append: as many of each transaction as are named. */
async function withTxns(repo: TestRepo, txns: readonly string[]): Promise<string[]> {
  const commits: string[] = [];
  for (const [i] of txns.entries()) commits.push(await repo.commit(`C${i}`, { f: String(i) }));
  const trees = (await repo.git('log', '--reverse', '--format=%T')).split('\n').slice(-1 - txns.length);
  await withLedger(repo, async (ledger) => {
    const appends = commits.map((object, i) => {
      const txn = txns[i] ?? '';
      const seq = txns.slice(0, i + 1).filter((other) => other === txn).length;
      const [before = null, tree = null] = trees.slice(i);
      const stored = storedExecution({ txn, seq, tree, head: { commit: null, tree: before, parents: [] } });
      const lines = [stored.line, storedBinding(stored, object, { sealed: false }).line];
      return { object, lines: () => lines };
    });
    await appendToNotes(ledger, appends, APPEND);
  });
  return commits;
}

async function shownTxn(ledger: Ledger, revision: string): Promise<(string | null | undefined)[]> {
  const resolution = await resolveCommit(ledger, revision);
  if (resolution === null) throw new Error(`no ${revision}`);
  const { txn, regroupedFrom } = describeCommit(resolution, new Map(), await readRegroups(ledger));
  return [txn, regroupedFrom];
}

describe('regroup --join', () => {
  it('makes one of several, under the oldest id, and the others lead there', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, B, B, C]);
    await withLedger(repo, async (ledger) => {
      const plan = await planJoin(ledger, [commits[2] ?? '', A.slice(0, 12).toLowerCase()]);
      expect(plan).toMatchObject({ txn: A, change: { action: 'join', txns: [A, B] } });
      expect(await findTxn(ledger, B)).toMatchObject({ txn: B });
      await applyRegroup(ledger, plan, OPTIONS);
      const found = { txn: A, commits: commits.slice(0, 3), joined: [B] };
      expect(await findTxn(ledger, A)).toEqual(found);
      expect(await findTxn(ledger, B)).toEqual({ ...found, asked: B });
      expect(await txnNamed(ledger, commits[1] ?? '')).toEqual(found);
      expect(await shownTxn(ledger, commits[1] ?? '')).toEqual([A, B]);
      expect(await shownTxn(ledger, commits[3] ?? '')).toEqual([C, null]);
    });
  });

  it('changes nothing when they are one already', async () => {
    const repo = await repoForTest();
    await withTxns(repo, [A, B]);
    await withLedger(repo, async (ledger) => {
      await applyRegroup(ledger, await planJoin(ledger, [A, B]), OPTIONS);
      const tip = await repo.git('rev-parse', 'refs/notes/agent-log');
      const again = await planJoin(ledger, [B, A]);
      expect(again.change).toBeNull();
      expect(await applyRegroup(ledger, again, OPTIONS)).toBeNull();
      expect(await repo.git('rev-parse', 'refs/notes/agent-log')).toBe(tip);
    });
  });

  it('keeps every record as it is', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, B]);
    const notes = () =>
      Promise.all(commits.map((commit) => repo.git('notes', '--ref=agent-log', 'show', commit)));
    const before = await notes();
    await withLedger(repo, async (ledger) => {
      await applyRegroup(ledger, await planJoin(ledger, [A, B]), OPTIONS);
      await applyRegroup(ledger, await planSplit(ledger, A, [commits[1] ?? ''], NOW), OPTIONS);
    });
    expect(await notes()).toEqual(before);
  });
});

describe('regroup --split', () => {
  it('makes a transaction of some commits, and says so on both sides', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, A, A]);
    await withLedger(repo, async (ledger) => {
      const plan = await planSplit(ledger, A, ['HEAD~1', commits[2] ?? ''], NOW);
      await applyRegroup(ledger, plan, OPTIONS);
      expect(await findTxn(ledger, plan.txn)).toEqual({ txn: plan.txn, commits: commits.slice(1) });
      expect(await findTxn(ledger, A)).toEqual({
        txn: A,
        commits: commits.slice(0, 1),
        splitInto: [plan.txn],
      });
      expect(await shownTxn(ledger, 'HEAD')).toEqual([plan.txn, A]);
      // Parts of parts, and back together.
      const part = await planSplit(ledger, plan.txn, ['HEAD'], NOW);
      await applyRegroup(ledger, part, OPTIONS);
      expect((await findTxn(ledger, plan.txn))?.commits).toEqual([commits[1]]);
      await applyRegroup(ledger, await planJoin(ledger, [A, plan.txn, part.txn]), OPTIONS);
      expect((await findTxn(ledger, part.txn))?.commits).toEqual(commits);
    });
  });

  it('takes a commit by what it is called now: rebased, or squashed with others', async () => {
    const repo = await repoForTest();
    await repo.run(['init', '--agents', 'none']);
    await repo.git('checkout', '-q', '-b', 'topic');
    const commit = (n: number): string => `echo ${n} > f${n}; git add -A; git commit -q -m "C${n}"`;
    const work = ['sh', '-c', [1, 2, 3].map(commit).join('\n')];
    await repo.run(['run', '--task', 'Three files', '--agent', 'my-agent', '--', ...work]);
    const [last = '', middle = ''] = (await repo.git('log', '-2', '--format=%H')).split('\n');
    await repo.git('checkout', '-q', 'main');
    await repo.commit('Meanwhile', { other: 'x' });
    await repo.git('rebase', '-q', 'main', 'topic');
    await repo.git('checkout', '-q', '-b', 'squashed', 'topic~2');
    await repo.git('merge', '-q', '--squash', 'topic');
    await repo.git('commit', '-q', '--no-edit');
    await withLedger(repo, async (ledger) => {
      const split = async (name: string): Promise<string[]> =>
        (await planSplit(ledger, last, [name], NOW)).members.map((one) => one.commit);
      expect(await split('topic~1')).toEqual([middle]);
      expect(await split('squashed')).toEqual([middle, last]);
    });
  });

  it.each([
    ['a commit of another transaction', A, ['HEAD'], /does not belong to/],
    ['all there is', A, ['HEAD~1', 'HEAD~2'], /all the commits/],
    ['no commit', A, ['nothing'], /no commit is called 'nothing'/],
    ['no transaction', '7ZZZZZZZZZ', ['HEAD'], /no transaction is called/],
  ])('refuses %s', async (_, name, commits, said) => {
    const repo = await repoForTest();
    await withTxns(repo, [A, A, B]);
    await withLedger(repo, (ledger) => expect(planSplit(ledger, name, commits, NOW)).rejects.toThrow(said));
  });
});

describe('regroups', () => {
  it('of two clones come to the same when their ledgers meet', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, A, B, C]);
    await repo.git('clone', '-q', repo.dir, '../clone');
    const clone = repoAt(repo.path('..', 'clone'), repo.home);
    await clone.git('config', 'user.name', 'John Roe');
    await clone.git('config', 'user.email', 'john@example.com');
    await clone.git('fetch', '-q', 'origin', 'refs/notes/agent-log:refs/notes/agent-log');
    await withLedger(repo, async (ledger) => {
      await applyRegroup(ledger, await planSplit(ledger, A, [commits[1] ?? ''], NOW), OPTIONS);
      await applyRegroup(ledger, await planJoin(ledger, [B, A]), OPTIONS);
    });
    await withLedger(clone, async (ledger) => {
      await applyRegroup(ledger, await planSplit(ledger, A, [commits[1] ?? ''], NOW + 5), OPTIONS);
      await applyRegroup(ledger, await planJoin(ledger, [C, B]), OPTIONS);
    });
    for (const [here, there] of [
      [repo, clone],
      [clone, repo],
    ] as const) {
      await here.git('fetch', '-q', there.dir, '+refs/notes/agent-log:refs/notes/theirs');
      await here.git('notes', '--ref=agent-log', 'merge', '-q', '-s', 'cat_sort_uniq', 'theirs');
    }
    const views = [repo, clone].map((at) =>
      withLedger(at, async (ledger) => {
        const names = await Promise.all(commits.map((commit) => shownTxn(ledger, commit)));
        const members = await membersOf(ledger, await readRegroups(ledger), A);
        return { names, members: members.map(({ commit }) => commit) };
      }),
    );
    const [one, other] = await Promise.all(views);
    expect(one).toEqual(other);
    expect(one?.members).toEqual([commits[0], commits[2], commits[3]]);
  });

  it('said after one another hold in that order, though the clock went back', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, A]);
    await withLedger(repo, async (ledger) => {
      const first = await planSplit(ledger, A, ['HEAD'], NOW);
      await applyRegroup(ledger, first, OPTIONS);
      const third = await withTxns(repo, [first.txn]);
      const second = await planSplit(ledger, first.txn, [commits[1] ?? ''], NOW - 86_400_000);
      await applyRegroup(ledger, second, { ...OPTIONS, now: NOW - 86_400_000 });
      expect(await shownTxn(ledger, commits[1] ?? '')).toEqual([second.txn, A]);
      expect(await shownTxn(ledger, third[0] ?? '')).toEqual([first.txn, null]);
    });
  });

  it('security: lines that are no regroup, or on another note, change nothing', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, B]);
    await withLedger(repo, async (ledger) => {
      const join = (txns: string[]): RegroupRecord => ({
        schema: 'agent-log/regroup/v1',
        id: newUlid(NOW),
        change: { action: 'join', txns },
        by: null,
        recordedAt: new Date(NOW).toISOString(),
      });
      const bad = [
        '{"schema":"agent-log/regroup/v1"}',
        JSON.stringify({ ...join([A, B]), change: { action: 'join', txns: [A, '__proto__'] } }),
        JSON.stringify({ ...join([A, B]), change: { action: 'erase', txns: [A, B] } }),
        'junk',
      ];
      await appendToNotes(ledger, [{ object: regroupKey(ledger), lines: () => bad }], APPEND);
      const elsewhere = [JSON.stringify(join([A, B]))];
      await appendToNotes(ledger, [{ object: commits[0] ?? '', lines: () => elsewhere }], APPEND);
      expect((await findTxn(ledger, B))?.txn).toBe(B);
    });
  });

  it('security: a join of more transactions than a command line holds costs no more than reading the ledger', async () => {
    const repo = await repoForTest();
    const commits = await withTxns(repo, [A, B]);
    await withLedger(repo, async (ledger) => {
      const many = Array.from({ length: 100_000 }, () => newUlid(NOW));
      await appendRegroup(
        ledger,
        {
          schema: 'agent-log/regroup/v1',
          id: newUlid(NOW),
          change: { action: 'join', txns: [A, B, ...many] },
          by: null,
          recordedAt: new Date(NOW).toISOString(),
        },
        APPEND,
      );
      expect((await findTxn(ledger, B))?.commits).toEqual(commits);
    });
  });
});
