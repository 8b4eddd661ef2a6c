import { describe, expect, it } from 'vitest';
import { readNote } from '../../lib/ledger/ledger.ts';
import { relandsOf } from '../../lib/ledger/told/reverts.ts';
import { merged, onBranch, type Scene, scene, ten } from '../support/revert.ts';

interface Landed extends Scene {
  readonly one: string;
}

/** The agent's change of line 5, in the middle of a file nobody else touched. */
async function landed(): Promise<Landed> {
  const made = await scene();
  await made.person({ f: ten(), g: ten() });
  return { ...made, one: await made.agent({ f: ten({ 5: 'agent' }), h: 'agent\n' }) };
}

async function revert({ plan }: Scene, reason: string | null = null): Promise<string> {
  const { commit } = await (await plan()).apply({ reason });
  return commit ?? '';
}

describe('bringing a reverted transaction back', () => {
  it('makes one commit that names it, and then it is in force again and can be reverted again', async () => {
    const made = await landed();
    const back = await revert(made, 'It broke the build.');
    await made.person({ g: ten({ 9: 'person' }) });
    const planned = await made.plan({ reland: true });
    expect(planned.plan).toMatchObject({
      action: 'reland',
      verdict: 'clean',
      units: [{ commit: back, members: [made.one] }],
      kept: 1,
    });
    const { commit } = await planned.apply({ reason: 'The build is mended.' });
    expect(await made.repo.read('f')).toBe(ten({ 5: 'agent' }));
    expect(await made.repo.read('g')).toBe(ten({ 9: 'person' }));
    expect(await made.repo.git('log', '-1', '--format=%B')).toBe(
      [
        `Reland agent txn ${made.txn()}: "Change f, h"`,
        '',
        'Reason: The build is mended.',
        '',
        `This reverts commit ${back}.`,
        '',
        'Was reverted because: It broke the build.',
        '',
        `Brings back ${made.one.slice(0, 10)} "Change f, h"`,
        '',
        `Relands-Txn: ${made.txn()}`,
        `Relands-Commit: ${back}`,
        `Revert-Plan: ${planned.plan.digest}`,
        '',
      ].join('\n'),
    );
    for (const oid of [commit ?? '', back, made.one])
      expect(relandsOf(await readNote(made.ledger, oid))).toMatchObject([
        { commit, reverts: [back], units: [made.one] },
      ]);
    expect((await made.plan({ reland: true })).plan).toMatchObject({
      verdict: 'in-force',
      resultTree: null,
    });
    const again = await made.plan();
    expect(again.plan).toMatchObject({ verdict: 'clean', units: [{ commit, members: [made.one] }] });
    expect(await again.file('f')).toBe(ten());
  });

  it('R22 whatever the number of times: it is what the last of them made it, and no subject is nested', async () => {
    const made = await landed();
    for (let time = 0; time < 3; time++) {
      await revert(made);
      expect((await made.plan()).plan.verdict).toBe('already-reverted');
      expect(await made.repo.read('f')).toBe(ten());
      await (await made.plan({ reland: true })).apply();
      expect((await made.plan({ reland: true })).plan.verdict).toBe('in-force');
      expect(await made.repo.read('f')).toBe(ten({ 5: 'agent' }));
    }
    const subjects = await made.repo.git('log', '--format=%s', '-6');
    expect(subjects).not.toMatch(/Revert.*Re(vert|land)|Reland.*Re(vert|land)/);
  });

  it('needs a decision where somebody wrote there meanwhile, and takes nobody’s work away for it', async () => {
    const made = await landed();
    await revert(made);
    const blocker = await made.person({ f: ten({ 5: 'person' }) });
    const planned = await made.plan({ reland: true, withDependants: true });
    expect(planned.plan).toMatchObject({
      verdict: 'needs-decision',
      resultTree: null,
      blockers: [{ commit: blocker }],
      dependants: [],
      options: expect.arrayContaining([{ flag: '--clean-paths', verdict: 'clean', adds: [], leaves: ['f'] }]),
    });
    const part = await made.plan({ reland: true, cleanPaths: true });
    expect(part.plan).toMatchObject({ verdict: 'clean', leftOut: ['f'] });
    expect(await part.file('h')).toBe('agent\n');
    expect(await part.file('f')).toBe(ten({ 5: 'person' }));
  });

  it('is nothing to do where somebody wrote all of it again by hand', async () => {
    const made = await landed();
    await revert(made);
    await made.person({ f: ten({ 5: 'agent' }), h: 'agent\n' });
    expect((await made.plan({ reland: true })).plan).toMatchObject({ verdict: 'in-force', resultTree: null });
    const again = await made.plan();
    expect(again.plan.verdict).toBe('clean');
    expect(await again.files()).toEqual(['README.md', 'f', 'g']);
  });

  it('never landed: nothing to bring back', async () => {
    const made = await scene();
    await onBranch(made, 'topic', () => made.agent({ f: 'agent\n' }));
    expect((await made.plan({ reland: true })).plan.verdict).toBe('not-landed');
  });

  it('leaves out what was taken back with it, unless that is asked for', async () => {
    const made = await landed();
    await made.person({ f: ten({ 5: 'agent', 6: 'person' }) });
    await (await made.plan({ withDependants: true })).apply();
    const alone = await made.plan({ reland: true });
    expect(alone.plan.verdict).toBe('clean');
    expect(await alone.file('f')).toBe(ten({ 5: 'agent' }));
    expect(await alone.file('h')).toBe('agent\n');
    const all = await made.plan({ reland: true, withDependants: true });
    expect(await all.file('f')).toBe(ten({ 5: 'agent', 6: 'person' }));
    await alone.apply();
    expect((await made.plan({ reland: true })).plan.verdict).toBe('in-force');
    const again = await made.plan();
    expect(again.plan.verdict).toBe('clean');
    expect(await again.file('f')).toBe(ten());
  });

  it('R23 a merge that was reverted comes back, which merging again does not do', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const [one, two] = await onBranch(made, 'topic', async () => [
      await made.agent({ f: ten({ 2: 'agent' }) }),
      await made.agent({ g: 'agent\n' }),
    ]);
    await merged(made, 'topic');
    await made.repo.git('revert', '-m', '1', '--no-edit', 'HEAD');
    const back = await made.repo.git('rev-parse', 'HEAD');
    await made.repo.git('merge', '-q', '--no-ff', '-m', 'Again', 'topic');
    expect(await made.repo.git('rev-parse', 'HEAD')).toBe(back);
    const planned = await made.plan({ reland: true });
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      units: [{ commit: back, members: [one, two] }],
    });
    expect(await planned.files()).toEqual(['README.md', 'f', 'g']);
    expect(await planned.file('f')).toBe(ten({ 2: 'agent' }));
  });

  it('R24 the revert of a merge warns that merging its branch again brings only what is new', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await onBranch(made, 'topic', () => made.agent({ f: ten({ 2: 'agent' }) }));
    await merged(made, 'topic');
    const planned = await made.plan();
    expect(planned.plan.notUndone).toEqual([
      expect.stringMatching(/merged again, it brings only what is new; .*--reland/),
    ]);
    await planned.apply();
    await made.repo.git('checkout', '-q', 'topic');
    const fix = await made.agent({ g: 'fix\n' });
    await made.repo.git('checkout', '-q', 'main');
    await made.repo.git('merge', '-q', '--no-ff', '-m', 'Merge the fix', 'topic');
    const merge = await made.repo.git('rev-parse', 'HEAD');
    expect(await made.repo.read('f')).toBe(ten());
    const now = await made.plan();
    expect(now.plan).toMatchObject({ verdict: 'clean', units: [{ commit: merge, members: [fix] }] });
    expect(await now.files()).toEqual(['README.md', 'f']);
    const all = await made.plan({ reland: true });
    expect(await all.file('f')).toBe(ten({ 2: 'agent' }));
    expect(await all.file('g')).toBe('fix\n');
  });
});
