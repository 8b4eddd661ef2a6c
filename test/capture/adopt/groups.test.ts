import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  type Group,
  type Grouping,
  groupByName,
  groupCommits,
} from '../../../lib/capture/adopt/groups.ts';
import { sessionMark } from '../../../lib/identity/agents/sessions.ts';

let clock = 0;

function candidate(commit: string, parents: string[], fields: Partial<Candidate> = {}): Candidate {
  clock += 1;
  return {
    commit,
    parents,
    committedAt: clock,
    wanted: true,
    agent: 'claude-code',
    session: null,
    isSquash: false,
    ...fields,
  };
}

const human = { wanted: false, agent: 'unknown' };
const session = (id: string) => sessionMark('claude-session', [id], { agent: null, model: null });

function sketch(groups: readonly Group[]): Record<string, string> {
  return Object.fromEntries(
    groups.map(({ source, commits }) => [`${source.format} ${source.unit}`, commits.join(' ')]),
  );
}

/** r - a - b - h - c - M - q(#1) - d    and    b - t1 - t2(codex) - t3 - M, where t3 names a session. */
const HISTORY = [
  candidate('r', [], human),
  candidate('a', ['r']),
  candidate('b', ['a']),
  candidate('h', ['b'], human),
  candidate('t1', ['b']),
  candidate('c', ['h']),
  candidate('t2', ['t1'], { agent: 'codex' }),
  candidate('t3', ['t2'], { session: session('s') }),
  candidate('M', ['c', 't3'], human),
  candidate('q', ['M'], { isSquash: true }),
  candidate('d', ['q'], { session: session('s') }),
  candidate('e', ['d']),
  candidate('f', ['e']),
];

describe('groupCommits', () => {
  it('by session: sessions first, then what a merge brought in per agent, the rest one by one', () => {
    expect(sketch(groupCommits(HISTORY, 'session'))).toEqual({
      'commit a': 'a',
      'commit b': 'b',
      'merge M claude-code': 't1',
      'commit c': 'c',
      'merge M codex': 't2',
      'claude-session s': 't3 d',
      'commit q': 'q',
      'commit e': 'e',
      'commit f': 'f',
    });
  });

  it('by branch: merges, then runs of one agent; a squash, a person or a merge ends a run', () => {
    expect(sketch(groupCommits(HISTORY, 'branch'))).toEqual({
      'run a': 'a b',
      'merge M claude-code': 't1 t3',
      'run c': 'c',
      'merge M codex': 't2',
      'commit q': 'q',
      'run d': 'd e f',
    });
  });

  it('by commit: each alone, whatever it names', () => {
    const groups = groupCommits(HISTORY, 'commit');
    expect(groups.every(({ source, commits }) => commits.length === 1 && source.unit === commits[0])).toBe(
      true,
    );
    expect(groups).toHaveLength(10);
  });

  it('gives a commit to the merge that first brought it in, and a nested merge to the outer one', () => {
    const nested = [
      candidate('r', [], human),
      candidate('x', ['r']),
      candidate('y', ['r']),
      candidate('inner', ['x', 'y'], human),
      candidate('one', ['r', 'inner'], human),
      candidate('z', ['inner']),
      candidate('two', ['one', 'z'], human),
    ];
    expect(sketch(groupCommits(nested, 'session'))).toEqual({
      'merge one claude-code': 'x y',
      'merge two claude-code': 'z',
    });
  });

  it('puts no commit of the target, merged into a topic to keep it fresh, into the topic', () => {
    const fresh = [
      candidate('r', [], human),
      candidate('t', ['r']),
      candidate('m', ['r']),
      candidate('sync', ['t', 'm'], human),
      candidate('pr', ['m', 'sync'], human),
    ];
    expect(sketch(groupCommits(fresh, 'session'))).toEqual({ 'merge pr claude-code': 't', 'commit m': 'm' });
  });
});

/** Any acyclic history: each commit has parents among those before it. */
const history = fc
  .array(
    fc.record({
      parents: fc.array(fc.nat(), { maxLength: 3 }),
      wanted: fc.boolean(),
      isSquash: fc.boolean(),
      agent: fc.constantFrom('claude-code', 'codex'),
      committedAt: fc.nat(5),
      session: fc.constantFrom(null, null, 'one', 'two'),
    }),
    { maxLength: 30 },
  )
  .map((items) =>
    items.map((item, i): Candidate => {
      const parents = i === 0 ? [] : [...new Set(item.parents.map((n) => `c${n % i}`))];
      return {
        ...item,
        commit: `c${i}`,
        parents,
        session: item.session === null ? null : session(item.session),
      };
    }),
  );
const grouping = fc.constantFrom<Grouping>('session', 'branch', 'commit');

describe('groupCommits, whatever the history is,', () => {
  it('puts each wanted commit into exactly one group and no other into any', () => {
    fc.assert(
      fc.property(history, grouping, (commits, by) => {
        const grouped = groupCommits(commits, by).flatMap((group) => group.commits);
        const wanted = commits.filter((one) => one.wanted).map(({ commit }) => commit);
        expect([...grouped].sort()).toEqual([...wanted].sort());
      }),
    );
  });

  it('does not depend on the order the commits come in', () => {
    const shuffled = history.chain((commits) =>
      fc.tuple(fc.constant(commits), fc.shuffledSubarray(commits, { minLength: commits.length })),
    );
    fc.assert(
      fc.property(shuffled, grouping, ([one, other], by) => {
        expect(groupCommits(other, by)).toEqual(groupCommits(one, by));
      }),
    );
  });

  it('gives every group a name of its own, and its first moment', () => {
    fc.assert(
      fc.property(history, grouping, (commits, by) => {
        const groups = groupCommits(commits, by);
        expect(new Set(groups.map(({ source }) => `${source.format} ${source.unit}`)).size).toBe(
          groups.length,
        );
        for (const group of groups) {
          const times = commits
            .filter(({ commit }) => group.commits.includes(commit))
            .map(({ committedAt }) => committedAt * 1000);
          expect(group.startedAt).toBe(Math.min(...times));
        }
      }),
    );
  });

  it('lists no commit before one it descends from', () => {
    fc.assert(
      fc.property(history, grouping, (commits, by) => {
        for (const group of groupCommits(commits, by))
          for (const [i, commit] of group.commits.entries()) {
            const { parents = [] } = commits.find((one) => one.commit === commit) ?? {};
            expect(group.commits.slice(i).filter((later) => parents.includes(later))).toEqual([]);
          }
      }),
    );
  });

  it('is done with a long history before anybody waits', () => {
    const long = Array.from({ length: 20_000 }, (_, i) =>
      candidate(
        `l${i}`,
        i === 0 ? [] : i % 10 === 0 ? [`l${i - 1}`, `l${Math.max(0, i - 5)}`] : [`l${i - 1}`],
      ),
    );
    expect(groupCommits(long, 'branch').flatMap(({ commits }) => commits)).toHaveLength(20_000);
  });
});

describe('groupByName', () => {
  it('makes one group per name', () => {
    const names = new Map([
      ['a', 'login'],
      ['b', 'login'],
      ['c', 'logout'],
    ]);
    const some = HISTORY.filter(({ commit }) => names.has(commit));
    expect(sketch(groupByName(some, (commit) => names.get(commit)))).toEqual({
      'txn-map login': 'a b',
      'txn-map logout': 'c',
    });
  });
});
