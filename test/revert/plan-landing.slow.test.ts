import { describe, expect, it } from 'vitest';
import { lines, scene, ten } from '../support/revert.ts';

describe('how it landed', () => {
  it('R01 one commit that nothing later touches', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    const one = await agent({ f: ten({ 3: 'agent' }) });
    const planned = await plan();
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      units: [{ commit: one, kind: 'commit' }],
      kept: 0,
    });
    expect(await planned.file('f')).toBe(ten());
  });

  it('R02 several in a row', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    const one = await agent({ f: ten({ 3: 'agent' }) });
    const two = await agent({ g: 'new\n', f: ten({ 3: 'agent', 4: 'and' }) });
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ commit: two }, { commit: one }] });
    expect(await planned.files()).toEqual(['README.md', 'f']);
    expect(await planned.file('f')).toBe(ten());
  });

  it("R03 between other people's commits", async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 2: 'agent' }) });
    await person({ f: ten({ 2: 'agent', 6: 'person' }) });
    await agent({ f: ten({ 2: 'agent', 6: 'person', 9: 'agent' }) });
    await person({ h: 'person\n' });
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', kept: 2 });
    expect(await planned.file('f')).toBe(ten({ 6: 'person' }));
    expect(await planned.file('h')).toBe('person\n');
  });

  it('R04 a branch merged with --no-ff: the merge goes', async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await agent({ f: ten({ 2: 'agent' }) });
    const two = await agent({ g: 'agent\n' });
    await repo.git('checkout', '-q', 'main');
    await person({ h: 'person\n' });
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    const merge = await repo.git('rev-parse', 'HEAD');
    const planned = await plan();
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      units: [{ commit: merge, kind: 'merge', members: [one, two] }],
    });
    expect(await planned.files()).toEqual(['README.md', 'f', 'h']);
    expect(await planned.file('f')).toBe(ten());
  });

  it("R05 a branch that took main in before it was merged: main's work stays", async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    await agent({ f: ten({ 2: 'agent' }) });
    await repo.git('checkout', '-q', 'main');
    await person({ h: 'person\n' });
    await repo.git('checkout', '-q', 'topic');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Sync', 'main');
    await agent({ g: 'agent\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ kind: 'merge' }] });
    expect(await planned.files()).toEqual(['README.md', 'f', 'h']);
    expect(await planned.file('f')).toBe(ten());
  });

  it("R07 a merge that brought other people's commits too: only the transaction's go", async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    await agent({ f: ten({ 2: 'agent' }) });
    await person({ f: ten({ 2: 'agent', 8: 'person' }) });
    await agent({ g: 'agent\n' });
    await repo.git('checkout', '-q', 'main');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Merge', 'topic');
    await person({ h: 'later\n' });
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ kind: 'part' }] });
    expect(await planned.files()).toEqual(['README.md', 'f', 'h']);
    expect(await planned.file('f')).toBe(ten({ 8: 'person' }));
  });

  it('R13 the first commit of all: only its files go', async () => {
    const { agent, person, plan } = await scene({ firstCommit: false });
    await agent({ f: 'agent\n' });
    await person({ g: 'person\n' });
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean' });
    expect(await planned.files()).toEqual(['g']);
  });

  it('R14 a commit without changes is told and stands in nobody’s way', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 2: 'agent' }) });
    await agent({});
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean' });
    expect(planned.plan.units).toHaveLength(2);
    expect(await planned.file('f')).toBe(ten());
  });

  it('R15 not on this branch', async () => {
    const { repo, agent, plan } = await scene();
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await agent({ f: 'agent\n' });
    await repo.git('checkout', '-q', 'main');
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({ verdict: 'not-landed', units: [], missing: [one] });
  });

  it('R16 a part of it is on this branch: that goes, the rest is told', async () => {
    const { repo, agent, plan } = await scene();
    await agent({ f: 'agent\n' });
    await repo.git('checkout', '-q', '-b', 'topic');
    const two = await agent({ g: 'agent\n' });
    await repo.git('checkout', '-q', 'main');
    const planned = await plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', missing: [two] });
    expect(planned.plan.units).toHaveLength(1);
    expect(await planned.files()).toEqual(['README.md']);
  });
});

describe('what came later', () => {
  it.each([
    ['R29 the same line', ten({ 5: 'person' })],
    ['R30 the line beside it', ten({ 5: 'agent', 6: 'person' })],
  ])('%s was changed: whoever did is named', async (_, later) => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    const blocker = await person({ f: later });
    const { plan: planned } = await plan();
    expect(planned).toMatchObject({
      verdict: 'needs-decision',
      blockers: [{ commit: blocker, txn: null, paths: ['f'] }],
      options: expect.arrayContaining([{ flag: '--with-dependants', verdict: 'clean', adds: [blocker] }]),
      resultTree: null,
    });
  });

  it('R31 one unchanged line between is enough', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await person({ f: ten({ 5: 'agent', 7: 'person' }) });
    const planned = await plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.file('f')).toBe(ten({ 7: 'person' }));
  });

  it('R33 a chain that builds on it: exactly that, and with it it is clean', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten(), g: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    const one = await person({ f: ten({ 5: 'person' }) });
    await person({ g: ten({ 5: 'unrelated' }) });
    const two = await person({ f: ten({ 5: 'person', 6: 'again' }) });
    expect((await plan()).plan.dependants.map(({ commit }) => commit)).toEqual([one, two]);
    const planned = await plan({ withDependants: true });
    expect(planned.plan).toMatchObject({ verdict: 'clean', kept: 1 });
    expect(await planned.file('f')).toBe(ten());
    expect(await planned.file('g')).toBe(ten({ 5: 'unrelated' }));
  });

  it('R34 a later transaction builds on it: it is named', async () => {
    const { agent, person, plan, txn } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await agent({ f: ten({ 5: 'another' }) }, 'two');
    expect((await plan()).plan.blockers).toMatchObject([{ txn: txn('two') }]);
    expect((await plan({ txn: 'two' })).plan.verdict).toBe('clean');
  });

  it('R19 undone by hand, so nothing is left', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await person({ f: ten() });
    expect((await plan()).plan).toMatchObject({ verdict: 'noop', resultTree: null });
  });

  it('R40 a file it added was changed later: it is not deleted', async () => {
    const { agent, person, plan } = await scene();
    await agent({ f: 'agent\n' });
    const blocker = await person({ f: lines(['agent', 'person']) });
    expect((await plan()).plan).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: blocker }] });
  });

  it('R36 a file it changed was renamed later: the change goes under the new name', async () => {
    const { repo, agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent' }) });
    await repo.git('mv', 'f', 'g');
    await person({ g: ten({ 5: 'agent', 9: 'person' }) });
    const planned = await plan();
    expect(planned.plan.verdict).toBe('clean');
    expect(await planned.files()).toEqual(['README.md', 'g']);
    expect(await planned.file('g')).toBe(ten({ 9: 'person' }));
  });
});
