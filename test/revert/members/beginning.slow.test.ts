import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionRecord } from '../../../lib/core/records/record.ts';
import { beginningOf } from '../../../lib/revert/members/beginning.ts';
import { commitsSaying } from '../../../lib/revert/members/messages.ts';
import { planRevert, type RevertPlan } from '../../../lib/revert/plan.ts';
import { type AgentCommit, agentCommit, bindTo, putNote } from '../../support/agent-commits.ts';
import { storedExecution } from '../../support/records.ts';
import { type Scene, scene } from '../../support/revert.ts';

const RUNS = 25;

/** Whether plans search only what the records leave, or all of history. */
let isBounded = true;
const beginnings: (string | null)[] = [];

vi.mock('../../../lib/revert/members/beginning.ts', async (original) => {
  const actual = await original<typeof import('../../../lib/revert/members/beginning.ts')>();
  return {
    beginningOf: async (...asked: Parameters<typeof beginningOf>) => {
      if (!isBounded) return null;
      const beginning = await actual.beginningOf(...asked);
      beginnings.push(beginning);
      return beginning;
    },
  };
});

beforeEach(() => {
  isBounded = true;
  beginnings.length = 0;
});

/** The plan as it is made, which has to be the one that a search of all history leads to. */
async function planned({ ledger, scratch }: Scene, txn: string, onto = 'main'): Promise<RevertPlan> {
  isBounded = true;
  const bounded = await planRevert(ledger, scratch, [txn], { onto });
  isBounded = false;
  const full = await planRevert(ledger, scratch, [txn], { onto });
  isBounded = true;
  expect(bounded).toEqual(full);
  return bounded;
}

function asBase(commit: string | null): Pick<ExecutionRecord, 'base'> {
  return { base: { commit, tree: null, branch: 'main', dirty: false } };
}

/** A squash by a host: one commit with all messages, which no record is bound to. */
async function squashed({ repo }: Scene, branch: string): Promise<string> {
  const messages = await repo.git('log', '--format=%B', `HEAD..${branch}`);
  await repo.git('merge', '-q', '--squash', branch);
  await repo.git('commit', '-q', '--allow-empty', '-m', `Squash ${branch}\n\n${messages}`);
  return repo.git('rev-parse', 'HEAD');
}

describe('where the search for members begins', () => {
  it('finds what landed in a squash, was cherry-picked onto an older release and rebased onto an older base', async () => {
    const made = await scene();
    const { repo } = made;
    await made.person({ a: '1\n' });
    await repo.git('branch', 'release');
    await made.person({ b: '1\n' });
    const base = await made.person({ c: '1\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: 'one\n' });
    await made.agent({ g: 'two\n' });
    await repo.git('checkout', '-q', 'main');
    const squash = await squashed(made, 'topic');
    expect((await planned(made, made.txn())).units).toMatchObject([{ commit: squash }]);
    await repo.git('checkout', '-q', 'release');
    await repo.git('cherry-pick', 'topic~1', 'topic');
    const picked = await repo.git('rev-list', '--max-count=2', 'HEAD');
    expect((await planned(made, made.txn(), 'release')).units.map(({ commit }) => commit).join('\n')).toBe(
      picked,
    );
    await repo.git('checkout', '-q', 'topic');
    await repo.git('rebase', '-q', '--onto', 'release~2', base);
    const rebased = await repo.git('rev-list', '--max-count=2', 'HEAD');
    expect((await planned(made, made.txn(), 'topic')).units.map(({ commit }) => commit).join('\n')).toBe(
      rebased,
    );
    expect(new Set(beginnings)).toEqual(new Set([base]));
  });

  it('does not look where the transaction began, nor before', async () => {
    const made = await scene();
    const { repo, ledger } = made;
    await made.person({ a: '1\n' });
    const base = await made.person({ b: '1\n' });
    const oid = await made.agent({ f: 'one\n' });
    await repo.git('commit', '-q', '--allow-empty', '-m', 'This reverts commit 1234567.');
    const tip = await repo.git('rev-parse', 'HEAD');
    expect(await commitsSaying(ledger.repo, [made.txn()], tip, base)).toMatchObject({
      named: [oid],
      saysReverts: true,
    });
    expect(await commitsSaying(ledger.repo, [made.txn()], tip, oid)).toMatchObject({
      named: [],
      saysReverts: true,
    });
    expect(await commitsSaying(ledger.repo, [made.txn()], tip, tip)).toMatchObject({
      named: [],
      saysReverts: false,
    });
  });

  it('sees a revert of work that lies before the base its own record names', async () => {
    const made = await scene();
    const { repo, ledger } = made;
    await made.person({ a: '1\n' });
    await repo.write('f', 'one\n');
    await repo.git('add', '-A');
    const head = await repo.git('rev-parse', 'HEAD');
    const [tree, headTree] = [await repo.git('write-tree'), await repo.git('rev-parse', 'HEAD^{tree}')];
    await repo.git('commit', '-q', '-m', 'Work nobody recorded yet');
    const work = await repo.git('rev-parse', 'HEAD');
    await repo.git('revert', '--no-edit', work);
    const tip = await made.person({ b: '1\n' });
    const record = storedExecution({
      tree,
      head: { commit: head, tree: headTree, parents: [] },
      ...asBase(tip),
    });
    await bindTo(ledger, record, work);
    const plan = await planned(made, record.record.txn);
    expect(plan).toMatchObject({ verdict: 'already-reverted', units: [{ commit: work }] });
    expect(beginnings).toEqual([tip]);
  });

  it('searches all where a record is not here, says no base, or names one that is not here or is none', async () => {
    const made = await scene();
    const { repo, ledger } = made;
    const base = await made.person({ a: '1\n' });
    await repo.git('tag', '-a', '-m', 'v1', 'v1');
    const first = await agentCommit(repo, ledger, { f: 'one\n' });
    const second = await agentCommit(repo, ledger, { f: 'two\n' }, { after: first });
    const txn = first.record.record.txn;
    const began = (
      records: readonly AgentCommit['record'][],
      ids: readonly string[] = [txn],
    ): Promise<string | null> => beginningOf(ledger, ids, records);
    const other = (fields: Partial<ExecutionRecord>): AgentCommit['record'] =>
      storedExecution({ txn, ...fields });
    expect(await began([first.record, second.record])).toBe(base);
    expect(await began([second.record])).toBeNull();
    expect(await began([])).toBeNull();
    const unknown = other({ seq: 3, prev: `sha256:${'0'.repeat(64)}`, ...asBase(base) });
    expect(await began([first.record, unknown])).toBeNull();
    expect(await began([first.record, second.record], [txn, second.record.record.id])).toBeNull();
    expect(await began([first.record, other(asBase(null))])).toBeNull();
    expect(await began([first.record, other(asBase('1'.repeat(40)))])).toBeNull();
    expect(await began([other(asBase(await repo.git('rev-parse', 'v1')))])).toBeNull();
    expect(await began([other(asBase(await repo.git('rev-parse', 'v1^{tree}')))])).toBeNull();
    await repo.git('checkout', '-q', '--orphan', 'elsewhere');
    const elsewhere = await made.person({ z: '1\n' });
    expect(await began([first.record, other(asBase(elsewhere))])).toBeNull();
  });

  it('attack: a record that says it began at the tip hides no commit of the others', async () => {
    const made = await scene();
    const { repo, ledger } = made;
    const base = await made.person({ a: '1\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    await made.agent({ f: 'one\n' });
    await repo.git('checkout', '-q', 'main');
    await made.person({ b: '1\n' });
    const squash = await squashed(made, 'topic');
    const tip = await made.person({ c: '1\n' });
    const txn = made.txn();
    const forged = [
      storedExecution({ txn, seq: 8, ...asBase(tip) }),
      storedExecution({ txn, seq: 9, prev: await lastDigest(made), ...asBase(tip) }),
    ];
    await putNote(ledger, tip, ...forged.map(({ line }) => line));
    const plan = await planned(made, made.txn());
    expect(plan.units.map(({ commit }) => commit)).toContain(squash);
    expect(new Set(beginnings)).toEqual(new Set([base]));
  });

  it('attack: a ref that is called like a base does not move it', async () => {
    const made = await scene();
    const { repo } = made;
    const base = await made.person({ a: '1\n' });
    const oid = await made.agent({ f: 'one\n' });
    await repo.git('update-ref', `refs/heads/${base}`, oid);
    await repo.git('update-ref', `refs/tags/${base}`, oid);
    expect((await planned(made, made.txn())).units).toMatchObject([{ commit: oid }]);
    expect(beginnings).toEqual([base]);
  });
});

/** The newest digest a message of the topic names. */
async function lastDigest({ repo }: Scene): Promise<string> {
  const message = await repo.git('log', '-1', '--format=%B', 'topic');
  return /sha256:[0-9a-f]{64}/.exec(message)?.[0] ?? '';
}

/** One thing somebody does on one of two branches; `txn` is whose work. */
type Step =
  | {
      readonly do: 'agent';
      readonly txn: number;
      readonly on: number;
      readonly base: 'began' | 'head' | null;
    }
  | { readonly do: (typeof OTHERS)[number]; readonly txn: number; readonly on: number };

const OTHERS = [
  'person',
  'claim',
  'branch',
  'merge',
  'squash',
  'squash',
  'pick',
  'rebase',
  'git-revert',
] as const;
const TXNS = ['one', 'two'] as const;
const BRANCHES = ['main', 'topic'] as const;

const [txn, on] = [fc.nat(1), fc.nat(1)];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('agent' as const),
    txn,
    on,
    base: fc.constantFrom('began' as const, 'head' as const, 'head' as const, null),
  }),
  fc.record({ do: fc.constantFrom(...OTHERS), txn, on }),
);

/** Git does it, or it is left undone: a conflict is no matter here. */
async function tryGit({ repo }: Scene, ...args: string[]): Promise<void> {
  const { code } = await repo.exec('git', args);
  if (code === 0) return;
  for (const undo of ['merge', 'cherry-pick', 'rebase', 'revert']) await repo.exec('git', [undo, '--abort']);
  await repo.git('reset', '-q', '--hard');
}

async function act(made: Scene, one: Step, at: number): Promise<void> {
  const { repo } = made;
  await repo.git('checkout', '-q', BRANCHES[one.on] ?? 'main');
  const [name, other] = [TXNS[one.txn] ?? 'one', BRANCHES[1 - one.on] ?? 'main'];
  if (one.do === 'agent') {
    const head = await repo.git('rev-parse', 'HEAD');
    const began = one.base === 'began' ? {} : asBase(one.base === null ? null : head);
    await made.agent({ [`f${at % 3}`]: `${at}\n` }, name, began);
  } else if (one.do === 'person') await made.person({ [`p${at}`]: `${at}\n` });
  else if (one.do === 'claim') {
    if (made.txn(name) === '') return;
    await repo.git('commit', '-q', '--allow-empty', '-m', `Say so\n\nAgent-Txn: ${made.txn(name)}`);
  } else if (one.do === 'branch') await repo.git('branch', '-q', '-f', other);
  else if (one.do === 'merge') await tryGit(made, 'merge', '-q', '--no-ff', '-m', 'Merge', other);
  else if (one.do === 'pick') await tryGit(made, 'cherry-pick', other);
  else if (one.do === 'rebase') await tryGit(made, 'rebase', '-q', '--onto', `${other}~1`, 'HEAD~2');
  else if (one.do === 'git-revert') await tryGit(made, 'revert', '--no-edit', 'HEAD');
  else {
    const messages = await repo.git('log', '--format=%B', `HEAD..${other}`);
    await tryGit(made, 'merge', '-q', '--squash', other);
    await repo.git('commit', '-q', '--allow-empty', '-m', `Squash\n\n${messages}`);
  }
}

it(`whatever was done to a history, a plan is what it would be if all of it were searched (${RUNS} histories)`, async () => {
  let bounded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 14 }), async (steps) => {
      const made = await scene();
      await made.person({ a: '1\n' });
      await made.repo.git('branch', 'topic');
      await made.person({ a: '2\n' });
      for (const [at, one] of steps.entries()) await act(made, one, at);
      beginnings.length = 0;
      for (const name of TXNS)
        if (made.txn(name) !== '') for (const branch of BRANCHES) await planned(made, made.txn(name), branch);
      bounded += beginnings.filter((one) => one !== null).length;
    }),
    { numRuns: RUNS, seed: 9 },
  );
  expect(bounded).toBeGreaterThan(RUNS);
});
