import { describe, expect, it } from 'vitest';
import { merged, type Scene, scene, ten } from '../support/revert.ts';

interface Landed extends Scene {
  readonly one: string;
}

async function landed(): Promise<Landed> {
  const made = await scene();
  await made.person({ f: ten() });
  return { ...made, one: await made.agent({ f: ten({ 5: 'agent' }), h: 'agent\n' }) };
}

describe('a revert counts by what it does', () => {
  it('squashed with its title alone, as a host does', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '-b', 'undo');
    await made.repo.git('revert', '--no-edit', made.one);
    await made.repo.git('checkout', '-q', 'main');
    await made.repo.git('merge', '-q', '--squash', 'undo');
    await made.repo.git('commit', '-q', '-m', 'Undo that (#2)');
    const back = await made.repo.git('rev-parse', 'HEAD');
    await made.person({ f: ten({ 5: 'person' }) });
    expect((await made.plan()).plan).toMatchObject({
      verdict: 'noop',
      why: [`${made.one} was reverted before, by ${back}, which does not say so`],
    });
    expect((await made.plan({ reland: true })).plan.units).toMatchObject([{ commit: back }]);
  });

  it('rebased, and merged with --no-ff beside other work', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '-b', 'undo');
    await made.repo.git('revert', '--no-edit', made.one);
    await made.person({ p: 'person\n' });
    await made.repo.git('checkout', '-q', 'main');
    await made.person({ q: 'person\n' });
    await made.repo.git('rebase', '-q', 'main', 'undo');
    await merged(made, 'undo');
    expect((await made.plan()).plan).toMatchObject({ verdict: 'already-reverted' });
    const back = await made.plan({ reland: true });
    expect(back.plan).toMatchObject({ verdict: 'clean' });
    expect(await back.files()).toEqual(['README.md', 'f', 'h', 'p', 'q']);
    await back.apply();
    expect((await made.plan()).plan.verdict).toBe('clean');
  });

  it('several reverts squashed into one commit', async () => {
    const made = await landed();
    await made.person({ g: 'person\n' });
    const two = await made.agent({ i: 'agent\n' });
    await made.repo.git('revert', '--no-edit', two, made.one);
    await made.repo.git('reset', '-q', '--soft', 'HEAD~2');
    await made.repo.git(
      'commit',
      '-q',
      '-m',
      `Undo it (#3)\n\n* This reverts commit ${two}.\n* This reverts commit ${made.one}.`,
    );
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
  });

  it('an agent that undid its own work in the transaction: all of that is one', async () => {
    const made = await landed();
    await made.repo.git('revert', '--no-commit', made.one);
    await made.agent({ i: 'agent\n' });
    const planned = await made.plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.files()).toEqual(['README.md', 'f']);
    expect(await planned.file('f')).toBe(ten());
  });
});

describe('several branches', () => {
  it('R17 landed on two: a plan for each, and each says where else it is', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '-b', 'release');
    await made.person({ r: 'release\n' });
    await made.repo.git('checkout', '-q', 'main');
    await made.person({ g: 'person\n' });
    const here = await made.plan();
    expect(here.plan).toMatchObject({
      verdict: 'clean',
      notUndone: [`branch release has it too: git agent-revert --plan --onto release ${made.txn()}`],
    });
    const there = await made.plan({ onto: 'release' });
    expect(there.plan).toMatchObject({ verdict: 'clean', branch: null, kept: 1 });
    await here.apply();
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
    // Taken back on main: it is not said to be in force there.
    expect((await made.plan({ onto: 'release' })).plan).toMatchObject({ verdict: 'clean', notUndone: [] });
  });

  it('R70 picked to a release branch: its own commit goes there, and a revert that was picked counts', async () => {
    const made = await landed();
    await made.repo.git('branch', 'release', `${made.one}~1`);
    await made.repo.git('checkout', '-q', 'release');
    await made.person({ r: 'release\n' });
    await made.repo.git('cherry-pick', '-x', made.one);
    const picked = await made.repo.git('rev-parse', 'HEAD');
    await made.repo.git('checkout', '-q', 'main');
    const [main, release] = [await made.plan(), await made.plan({ onto: 'release' })];
    expect(main.plan).toMatchObject({ verdict: 'clean', units: [{ commit: made.one }] });
    expect(release.plan).toMatchObject({ verdict: 'clean', units: [{ commit: picked }] });
    expect(await release.file('f')).toBe(ten());
    expect(await release.files()).toEqual(['README.md', 'f', 'r']);
    const { commit } = await main.apply();
    await made.repo.git('checkout', '-q', 'release');
    await made.repo.git('cherry-pick', commit ?? '');
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
  });

  it('R71 the release branch went another way: a decision there, and only there', async () => {
    const made = await landed();
    await made.repo.git('checkout', '-q', '-b', 'release');
    await made.person({ f: ten({ 5: 'release' }) });
    await made.repo.git('checkout', '-q', 'main');
    expect((await made.plan()).plan.verdict).toBe('clean');
    expect((await made.plan({ onto: 'release' })).plan.verdict).toBe('needs-decision');
  });

  it('R72 released already: the tags are named, and it can be reverted', async () => {
    const made = await landed();
    await made.repo.git('tag', 'v1.0');
    await made.person({ g: 'person\n' });
    await made.repo.git('tag', '-a', '-m', 'two', 'v2.0');
    await made.repo.git('tag', 'v0.9', `${made.one}~1`);
    expect((await made.plan()).plan).toMatchObject({
      verdict: 'clean',
      notUndone: ['released already: v1.0, v2.0'],
    });
  });
});

describe('two transactions', () => {
  it('R83 that overlap: the same whichever is named first, and one after the other', async () => {
    const made = await scene();
    await made.person({ f: ten(), g: ten() });
    await made.agent({ f: ten({ 5: 'one' }) }, 'one');
    await made.agent({ f: ten({ 5: 'two', 6: 'two' }), g: ten({ 3: 'two' }) }, 'two');
    await made.agent({ g: ten({ 3: 'one again' }) }, 'one');
    await made.person({ g: ten({ 3: 'one again', 9: 'person' }) });
    const [ab, ba] = [await made.plan({ txn: ['one', 'two'] }), await made.plan({ txn: ['two', 'one'] })];
    expect(ab.plan).toMatchObject({ verdict: 'clean' });
    expect(ba.plan.resultTree).toBe(ab.plan.resultTree);
    expect(await ab.file('f')).toBe(ten());
    expect(await ab.file('g')).toBe(ten({ 9: 'person' }));
    expect((await made.plan({ txn: 'one' })).plan.verdict).toBe('needs-decision');
    await ba.apply();
    for (const txn of ['one', 'two'])
      expect((await made.plan({ txn })).plan.verdict).toBe('already-reverted');
    const one = await made.plan({ txn: 'one', reland: true });
    expect(one.plan.resultTree === null || (await one.file('f')) === ten({ 5: 'one' })).toBe(true);
  });
});
