import fc from 'fast-check';
import { expect, it } from 'vitest';
import { act, drawing, histories, type Move, madeOf, type Step } from '../support/histories.ts';
import type { Scene } from '../support/revert.ts';

const NOTHING_TO_DO = ['not-landed', 'already-reverted', 'noop'];
const told = { reverted: 0, relanded: 0 };

async function filesAt({ repo }: Scene, revision = 'HEAD'): Promise<string[]> {
  return (await repo.git('ls-tree', '-r', '--name-only', revision)).split('\n');
}

function without(files: readonly string[], ...names: string[]): string[] {
  return files.filter((file) => !names.some((name) => file.startsWith(`${name}-`)));
}

/** All that is left of the transactions goes, and nothing else; where nothing of them is there, nothing is to be done. */
async function takesAll(made: Scene, names: readonly string[], onto?: string): Promise<boolean> {
  const known = names.filter((name) => made.txn(name) !== '');
  if (known.length < names.length) return false;
  const before = await filesAt(made, onto ?? 'HEAD');
  const staying = without(before, ...names);
  const { plan, files, apply } = await made.plan({ txn: names, ...(onto === undefined ? {} : { onto }) });
  const left = plan.resultTree === null ? before : await files();
  const what = { names, onto: onto ?? null, verdict: plan.verdict };
  if (staying.length === before.length) {
    expect({ ...what, left }).toEqual({ ...what, left: before });
    // What was rewritten, and is on no branch any more, may be anywhere.
    if (plan.missing.length === 0) expect(NOTHING_TO_DO).toContain(plan.verdict);
    return false;
  }
  if (isStrict || plan.verdict === 'clean')
    expect({ ...what, left }).toEqual({ ...what, verdict: 'clean', left: staying });
  if (plan.verdict !== 'clean') return false;
  if (names.length === 1 && onto === undefined) await apply();
  return true;
}

/** Of histories without squashes and the like every plan has to be clean. */
let isStrict = true;

async function relandsAll(made: Scene, taken: readonly string[]): Promise<void> {
  const before = await filesAt(made);
  const { plan, files } = await made.plan({ txn: 'one', reland: true });
  const left = plan.resultTree === null ? before : await files();
  const back = [...new Set([...before, ...taken])].sort();
  if (isStrict || plan.verdict === 'clean')
    expect({ reland: plan.verdict, left }).toEqual({
      reland: back.length === before.length ? plan.verdict : 'clean',
      left: back,
    });
  told.relanded++;
}

function property(moves: readonly Move[], strict: boolean): () => Promise<void> {
  return async () => {
    isStrict = strict;
    await fc.assert(
      fc.asyncProperty(histories(moves, 10), histories(moves, 8), async (first: Step[], then: Step[]) => {
        const made = await madeOf(first);
        await takesAll(made, ['one', 'two']);
        for (const branch of ['x', 'y']) await takesAll(made, ['one'], branch);
        const before = await filesAt(made);
        if (!(await takesAll(made, ['one']))) return;
        told.reverted++;
        expect(await filesAt(made)).toEqual(without(before, 'one'));
        const taken = before.filter((file) => file.startsWith('one-'));
        if (then.length % 2 === 0) await relandsAll(made, taken);
        for (const [n, step] of then.entries()) await act(made, step, first.length + n);
        await made.repo.git('checkout', '-q', 'main');
        if (then.length % 2 === 1) await relandsAll(made, taken);
        await takesAll(made, ['one']);
      }),
      drawing(6),
    );
    expect(told.reverted).toBeGreaterThan(0);
    expect(told.relanded).toBeGreaterThan(0);
  };
}

it.each(['squash', 'pick'] as const)(
  'what landed again after it was taken back is there, and goes: by %s',
  async (how) => {
    const lands: Step = { do: how, branches: ['y'], into: 'main' };
    const made = await madeOf([{ do: 'commit', who: 'one', on: 'y' }, lands]);
    const { repo } = made;
    const back = await repo.git('rev-parse', 'HEAD');
    await (await made.plan()).apply();
    const reverted = await repo.git('rev-parse', 'HEAD');
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
    await act(made, lands, 2);
    const again = await repo.git('rev-parse', 'HEAD');
    const { plan, files, apply } = await made.plan();
    expect([plan.verdict, plan.units.map(({ commit }) => commit), await files()]).toEqual([
      'clean',
      [again],
      ['README.md', 'begun'],
    ]);
    expect(plan.why).toEqual([`${back} was reverted before, by ${reverted}`]);
    await apply();
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
  },
);

it.each(['gitlab', 'merge'] as const)(
  "of a squash that came with a merge others' work stays, and it can be brought back: by %s",
  async (how) => {
    const topic: Step[] = [
      { do: 'commit', who: 'person', on: 'x' },
      { do: 'commit', who: 'one', on: 'x' },
      { do: 'commit', who: 'two', on: 'x' },
      { do: 'commit', who: 'one', on: 'x' },
      { do: 'commit', who: 'person', on: 'main' },
    ];
    const squash: Step = { do: 'squash', branches: ['x'], into: 'y' };
    const lands: Step = { do: how, branches: [how === 'merge' ? 'y' : 'x'], into: 'main' };
    const made = await madeOf([...topic, ...(how === 'merge' ? [squash] : []), lands]);
    const { repo } = made;
    const before = await filesAt(made);
    const merge = await repo.git('rev-parse', 'HEAD');
    const { plan, apply } = await made.plan();
    expect(plan).toMatchObject({ verdict: 'clean', units: [{ commit: merge, kind: 'part' }] });
    await apply();
    expect(await filesAt(made)).toEqual(without(before, 'one'));
    expect(await repo.git('log', '-1', '--format=%B')).toContain(`This reverts a part of commit ${merge}.`);
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
    await (await made.plan({ reland: true })).apply();
    expect(await filesAt(made)).toEqual(before);
    const both = await made.plan({ txn: ['one', 'two'] });
    expect([both.plan.verdict, await both.files()]).toEqual(['clean', without(before, 'one', 'two')]);
  },
);

it('what comes back with newer work in a squash goes, too', async () => {
  const made = await madeOf([
    { do: 'commit', who: 'one', on: 'y' },
    { do: 'commit', who: 'two', on: 'main' },
    { do: 'pick', branches: ['y'], into: 'main' },
    { do: 'merge', branches: ['y'], into: 'main' },
    { do: 'commit', who: 'person', on: 'z' },
    { do: 'gitlab', branches: ['y'], into: 'z' },
  ]);
  await (await made.plan()).apply();
  const then: Step[] = [
    { do: 'commit', who: 'one', on: 'z' },
    { do: 'commit', who: 'one', on: 'z' },
    { do: 'squash', branches: ['z'], into: 'main' },
  ];
  for (const [n, step] of then.entries()) await act(made, step, 6 + n);
  expect(await filesAt(made)).toContain('one-0');
  const { plan, files } = await made.plan();
  expect([plan.verdict, await files()]).toEqual(['clean', ['README.md', 'begun', 'person-4', 'two-1.tf']]);
});

it(
  'takes back all of it once more, brings it back, and does it on another branch',
  property(['merge', 'take'], true),
  600_000,
);
it(
  'the same with squashes, picks and rebases: what is clean is right',
  property(['merge', 'take', 'squash', 'pick', 'rebase', 'gitlab'], false),
  600_000,
);
