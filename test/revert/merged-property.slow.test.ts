import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RevertPlan } from '../../lib/revert/plan.ts';
import { type Scene, scene } from '../support/revert.ts';

const RUNS = 24;

/**
 * Everybody's commit adds a file of its own and changes a line far from all others in one they share, so that whatever goes or
 * stays shows, and nothing is in anybody's way.
 */
type Step =
  | { readonly do: 'commit'; readonly who: Who; readonly on: Branch }
  | {
      readonly do: 'merge' | 'take' | 'sync' | 'squash' | 'pick' | 'rebase' | 'revert' | 'reland';
      readonly branches: readonly Topic[];
      /** Who makes a merge. */
      readonly who: Who;
    };
type Who = 'one' | 'two' | 'person';
type Topic = 'x' | 'y';
type Branch = 'main' | Topic;

const topics = fc.subarray(['x' as const, 'y' as const], { minLength: 1 });
const who = fc.constantFrom('one' as const, 'two' as const, 'person' as const);
const commit: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('commit' as const),
  who,
  on: fc.constantFrom('main' as const, 'x' as const, 'y' as const),
});

function steps(...others: Exclude<Step['do'], 'commit'>[]): fc.Arbitrary<Step[]> {
  const other = fc.record({ do: fc.constantFrom(...others), branches: topics, who });
  return fc.array(fc.oneof({ weight: 3, arbitrary: commit }, { weight: 2, arbitrary: other }), {
    minLength: 3,
    maxLength: 12,
  });
}

/**
 * `merge` makes a merge on main, of two branches an octopus; `take` moves main forward where that is possible, which may turn the line
 * of its first parents round; `sync` takes main into the branches, `rebase` puts them on top of it; `squash` makes one commit on main
 * of each branch with the messages of its commits, `pick` takes over the newest of them. `revert` and `reland` do on main what is
 * planned there for transaction `one`, if that is clean.
 */
async function act(made: Scene, one: Step, n: number): Promise<void> {
  const { repo } = made;
  if (one.do === 'commit') {
    await repo.git('checkout', '-q', one.on);
    const files = { [`${one.who}-${n}`]: `${n}\n`, shared: withLine(await repo.read('shared'), n, one.who) };
    await (one.who === 'person' ? made.person(files) : made.agent(files, one.who));
  } else if (one.do === 'merge') {
    await repo.git('checkout', '-q', 'main');
    await merge(made, one.who, one.branches);
  } else if (one.do === 'revert' || one.do === 'reland') await turn(made, one.do);
  else for (const branch of one.branches) await withBranch(made, { ...one, do: one.do }, branch);
}

async function withBranch(
  made: Scene,
  {
    do: what,
    who: by,
  }: { readonly do: Exclude<Step['do'], 'commit' | 'merge' | 'revert' | 'reland'>; readonly who: Who },
  branch: Topic,
): Promise<void> {
  const { repo } = made;
  const isOnto = what === 'sync' || what === 'rebase';
  await repo.git('checkout', '-q', isOnto ? branch : 'main');
  if (what === 'sync') await merge(made, by, ['main']);
  else if (what === 'rebase') await repo.git('rebase', '-q', 'main');
  else if (what === 'take') await repo.tryGit(['merge', '-q', '--ff-only', branch]);
  else if (what === 'pick') {
    const { code } = await repo.tryGit(['cherry-pick', branch]);
    // It is there already, or a merge.
    if (code !== 0) await repo.tryGit(['cherry-pick', '--abort']);
  } else {
    const messages = await repo.git('log', '--reverse', '--no-merges', '--format=* %B', `main..${branch}`);
    await repo.git('merge', '-q', '--squash', branch);
    const { code } = await repo.tryGit(['diff', '--cached', '--quiet']);
    if (code !== 0) await repo.git('commit', '-q', '-m', `The topic (#1)\n\n${messages}`);
  }
}

async function turn(made: Scene, action: 'revert' | 'reland'): Promise<void> {
  const { repo } = made;
  await repo.git('checkout', '-q', 'main');
  if (made.txn('one') === '') return;
  const { plan, apply, files, file } = await made.plan({ reland: action === 'reland' });
  if (plan.verdict !== 'clean') return;
  if (action === 'revert' && plan.claimed.length === 0) {
    expect((await files()).filter((path) => path.startsWith('one-'))).toEqual([]);
    expect(await file('shared')).toBe(without(await repo.read('shared')));
  }
  await apply();
}

async function merge(made: Scene, by: Who, branches: readonly Branch[]): Promise<void> {
  const { repo } = made;
  const args = [
    'merge',
    '-q',
    '--no-ff',
    ...(by === 'person' ? ['-m', 'Merge'] : ['--no-commit']),
    ...branches,
  ];
  await repo.git(...args);
  if (by === 'person' || (await repo.tryGit(['rev-parse', '-q', '--verify', 'MERGE_HEAD'])).code !== 0)
    return;
  const paths = (await repo.git('diff', '--cached', '--name-only', 'HEAD')).split('\n').filter(Boolean);
  const files = paths.map((path) => ({
    path,
    by: 'shell' as const,
    change: 'modified' as const,
    blob: null,
  }));
  await made.agent({}, by, { files });
}

function withLine(text: string, n: number, who: string): string {
  return text.replace(new RegExp(`^line ${APART * n}$`, 'm'), `${who} ${n}`);
}

const APART = 7;

/** Without what transaction `one` wrote. */
function without(text: string): string {
  return text.replaceAll(/^one (\d+)$/gm, (_, n: string) => `line ${APART * Number(n)}`);
}

/** Makes the history, and plans to undo all of transaction `one`. Null where it made no commit. */
async function planned(all: readonly Step[]): Promise<Planned | null> {
  const made = await scene();
  const { repo } = made;
  await made.person({ shared: Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('') });
  await repo.git('branch', 'x');
  await repo.git('branch', 'y');
  for (const [n, one] of all.entries()) await act(made, one, n);
  await repo.git('checkout', '-q', 'main');
  if (made.txn('one') === '') return null;
  const before = (await repo.git('ls-files')).split('\n');
  const staying = before.filter((path) => !path.startsWith('one-'));
  const { plan, files, file } = await made.plan();
  const hasLanded = staying.length < before.length;
  if (plan.resultTree === null) return { plan, hasLanded, staying, left: null };
  // Of what stays unshown the lines do, too.
  if (plan.claimed.length === 0) expect(await file('shared')).toBe(without(await repo.read('shared')));
  return { plan, hasLanded, staying, left: await files() };
}

interface Planned {
  readonly plan: RevertPlan;
  /** Whether anything of the transaction is on main. */
  readonly hasLanded: boolean;
  /** What everybody else made. */
  readonly staying: readonly string[];
  /** What the plan leaves. */
  readonly left: readonly string[] | null;
}

it(`whatever way branches were merged, all of a transaction goes and nothing else (${RUNS} histories)`, async () => {
  const told = { landed: 0, parts: 0 };
  await fc.assert(
    fc.asyncProperty(steps('merge', 'take', 'sync'), async (all) => {
      const came = await planned(all);
      if (came === null) return;
      const { plan, hasLanded, staying, left } = came;
      if (!hasLanded) {
        // Of its merges alone nothing goes.
        expect(['not-landed', 'noop']).toContain(plan.verdict);
        expect(left).toBe(null);
        return;
      }
      expect(plan.verdict).toBe('clean');
      expect(left).toEqual(staying);
      told.landed++;
      if (plan.units.some(({ kind }) => kind === 'part')) told.parts++;
    }),
    { numRuns: RUNS, seed: 20261123, endOnFailure: false },
  );
  // Histories in which nobody's work came along would prove nothing.
  expect(told.landed).toBeGreaterThan(RUNS / 3);
  expect(told.parts).toBeGreaterThan(1);
}, 240_000);

it(`of what was squashed, picked and rebased too, a clean plan takes all of it and nothing else (${RUNS} histories)`, async () => {
  const told = { clean: 0, landed: 0 };
  await fc.assert(
    fc.asyncProperty(steps('merge', 'take', 'sync', 'squash', 'pick', 'rebase'), async (all) => {
      const came = await planned(all);
      if (came === null) return;
      const { plan, hasLanded, staying, left } = came;
      if (!hasLanded) {
        // No hook saw what was rebased: of commits that are gone nobody knows where their work is.
        expect(['not-landed', 'noop', 'refused']).toContain(plan.verdict);
        expect(left).toBe(null);
        return;
      }
      told.landed++;
      if (plan.verdict !== 'clean') return;
      told.clean++;
      // What nothing shows stays, and is said to.
      const isToldToStay = plan.claimed.length > 0 && plan.missing.length > 0;
      if (isToldToStay)
        expect(plan.notUndone.join()).toContain(`what ${plan.claimed[0]?.slice(0, 10)} says it holds`);
      const kept = left?.filter((path) => !(isToldToStay && path.startsWith('one-')));
      expect(kept).toEqual(staying);
    }),
    { numRuns: RUNS, seed: 20261123, endOnFailure: false },
  );
  expect(told.clean).toBeGreaterThan(told.landed / 2);
}, 240_000);

it(`what was taken back and brought again between merges is told from what holds (${RUNS} histories)`, async () => {
  const told = { landed: 0, turned: 0 };
  await fc.assert(
    fc.asyncProperty(steps('merge', 'take', 'sync', 'revert', 'reland'), async (all) => {
      const came = await planned(all);
      if (came === null) return;
      const { plan, hasLanded, staying, left } = came;
      if (all.some((one) => one.do === 'revert')) told.turned++;
      if (!hasLanded) {
        expect(['not-landed', 'noop', 'already-reverted']).toContain(plan.verdict);
        expect(left).toBe(null);
        return;
      }
      told.landed++;
      expect(plan.verdict).toBe('clean');
      expect(left).toEqual(staying);
    }),
    { numRuns: RUNS, seed: 20261123, endOnFailure: false },
  );
  expect(told.landed).toBeGreaterThan(RUNS / 4);
  expect(told.turned).toBeGreaterThan(RUNS / 4);
}, 240_000);
