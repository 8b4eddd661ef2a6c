import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openScratch } from '../../lib/git/objects/scratch.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { openLedger } from '../../lib/ledger/ledger.ts';
import { type PlanOptions, planRevert, type RevertPlan } from '../../lib/revert/plan.ts';
import type { TestRepo } from '../support/repo.ts';
import { type Scene, scene, ten } from '../support/revert.ts';
import { everyByte } from '../support/revert-outcome.ts';

const RUNS = 24;
/** Each part has the time of a test: on a machine that is busy all of it takes longer than one may. */
const PARTS = [0, 1, 2, 3];

type Step = readonly [
  who: 'agent' | 'person',
  what: 'edit' | 'insert' | 'drop' | 'rename' | 'remove' | 'add',
  at: number,
];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('agent', 'person'),
  fc.constantFrom('edit', 'edit', 'edit', 'insert', 'drop', 'rename', 'remove', 'add'),
  fc.nat({ max: 9 }),
);

const flags: fc.Arbitrary<PlanOptions> = fc.record({
  withDependants: fc.boolean(),
  relaxed: fc.boolean(),
  hunks: fc.boolean(),
});

/** Makes one commit, of whatever the step asks for that is possible. */
async function take(made: Scene, [who, what, at]: Step, n: number): Promise<void> {
  const { repo } = made;
  const names = (await repo.git('ls-files')).split('\n').filter((name) => name !== 'README.md');
  const name = names[at % Math.max(1, names.length)];
  if (what === 'rename' && name !== undefined) await repo.git('mv', name, `renamed ${n}`);
  else if (what === 'remove' && names.length > 1 && name !== undefined) await repo.git('rm', '-q', name);
  else if (what === 'add' || name === undefined) await repo.write(`added/${n}`, ten({ [at]: who }));
  else {
    const all = (await repo.read(name)).split('\n');
    const line = what === 'drop' ? [] : [`${who} ${n}`];
    all.splice(at, what === 'insert' ? 0 : 1, ...line);
    await repo.write(name, all.join('\n'));
  }
  await (who === 'agent' ? made.agent({}) : made.person({}));
}

describe('applying', () => {
  const told = { applied: 0, kept: 0 };

  async function appliesAsPlanned(steps: readonly Step[], options: PlanOptions): Promise<void> {
    const made = await scene();
    await made.person({ f: ten(), g: ten({ 1: 'another' }) });
    for (const [n, one] of steps.entries()) await take(made, one, n);
    const { plan, apply } = await made.plan(options);
    expect(await planInClone(made, options)).toEqual(plan);
    if (plan.resultTree === null) {
      const before = await everyByte(made.repo);
      await expect(apply()).rejects.toMatchObject({ code: 'NOT_CLEAN' });
      expect(await everyByte(made.repo)).toEqual(before);
      told.kept++;
    } else {
      const { commit } = await apply();
      await expectDone(made.repo, plan, commit);
      told.applied++;
    }
  }

  it.each(PARTS)(
    `does exactly what the plan said, and a fresh clone says the same (part %d of ${RUNS} histories)`,
    async (part) => {
      let n = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), flags, async (steps, options) => {
          // After the last of them come smaller ones that may fail like it: those are no part's.
          const isOurs = n >= RUNS || n % PARTS.length === part;
          n++;
          if (!isOurs || !steps.some(([who]) => who === 'agent')) return;
          await appliesAsPlanned(steps, options).catch((error: unknown) => {
            n = RUNS;
            throw error;
          });
        }),
        { numRuns: RUNS, seed: 20261122, endOnFailure: false },
      );
    },
  );

  // Plans that never come to anything would prove nothing.
  it('was tried on plans that come to something, and on others', () => {
    expect(told.applied).toBeGreaterThan(RUNS / 4);
    expect(told.kept).toBeGreaterThan(0);
  });
});

async function expectDone(repo: TestRepo, plan: RevertPlan, commit: string | null): Promise<void> {
  expect(await repo.git('rev-parse', 'HEAD', 'HEAD^', 'HEAD^{tree}')).toBe(
    `${commit}\n${plan.head}\n${plan.resultTree}`,
  );
  const letters = { A: 'added', M: 'modified', D: 'deleted', T: 'type' } as const;
  const changed = await repo.git('diff-tree', '-r', '-z', '--no-renames', '--name-status', 'HEAD^', 'HEAD');
  const fields = changed.split('\0');
  const files = fields.flatMap((field, i) =>
    i % 2 === 0 && field !== ''
      ? [{ path: fields[i + 1], change: letters[field as keyof typeof letters] }]
      : [],
  );
  expect(plan.files.map(({ path, change }) => ({ path, change }))).toEqual(files);
  expect(await repo.git('status', '--porcelain')).toBe('');
  expect(await repo.git('write-tree')).toBe(plan.resultTree);
}

async function planInClone({ repo, txn }: Scene, options: PlanOptions): Promise<RevertPlan> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-clone-'));
  const dir = join(root, 'clone');
  await repo.git('clone', '-q', '--no-local', repo.dir, dir);
  await repo.git('-C', dir, 'fetch', '-q', repo.dir, '+refs/notes/agent-log:refs/notes/agent-log');
  const ledger = openLedger(await findRepository({ cwd: dir }));
  const scratch = await openScratch(ledger.repo);
  try {
    return await planRevert(ledger, scratch, [txn()], options);
  } finally {
    ledger.close();
    await scratch.close();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}
