import { describe, expect, it } from 'vitest';
import { lines, scene, ten } from '../../support/revert.ts';

describe('place by place, where git refuses', () => {
  it('an edit beside lines that only go: offered, done when chosen, clean once verified', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: lines(['1', '2', '3', 'agent', '4', '5', '6', '7', '8', '9', '10']) });
    await person({ f: lines(['1', '2', '3', 'agent', 'four', '5', '6', '7', '8', '9', '10']) });
    expect((await plan()).plan).toMatchObject({
      verdict: 'needs-decision',
      options: expect.arrayContaining([{ flag: '--relaxed', verdict: 'needs-decision', adds: [] }]),
    });
    const relaxed = await plan({ relaxed: true });
    expect(relaxed.plan).toMatchObject({ verdict: 'needs-decision', verified: null, superseded: [] });
    expect(await relaxed.file('f')).toBe(ten({ 4: 'four' }));
    const verified = await plan({ relaxed: true, verify: () => Promise.resolve(true) });
    expect(verified.plan).toMatchObject({ verdict: 'clean', verified: true });
    const failed = await plan({ relaxed: true, verify: () => Promise.resolve(false) });
    expect(failed.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
  });

  it('what others have overwritten stays, and is told with who did', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 3: 'agent', 8: 'agent' }) });
    const by = await person({ f: ten({ 3: 'person', 8: 'agent' }) });
    const relaxed = await plan({ relaxed: true });
    expect(await relaxed.file('f')).toBe(ten({ 3: 'person' }));
    expect(relaxed.plan.superseded).toEqual([{ path: 'f', lines: 1, by: [by] }]);
  });

  it('a line alive beside a later edit blocks; with --hunks the rest goes and it is told', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten(), g: ten() });
    await agent({ f: ten({ 5: 'agent', 6: 'agent' }), g: ten({ 5: 'agent' }) });
    await person({ f: ten({ 5: 'agent', 6: 'person' }), g: ten({ 5: 'agent' }) });
    expect((await plan({ relaxed: true })).plan).toMatchObject({
      verdict: 'needs-decision',
      resultTree: null,
    });
    const hunks = await plan({ hunks: true });
    expect(hunks.plan.residue).toEqual([{ path: 'f', lines: 1 }]);
    expect(await hunks.file('g')).toBe(ten());
    expect(await hunks.file('f')).toBe(ten({ 5: 'agent', 6: 'person' }));
  });

  it('takes less with it than the exact way where it can', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: lines(['1', '2', 'agent', '3', '4', '5', '6', '7', '8', '9', '10']) });
    // One edits beside what only goes, the other inside: only that has to go, too.
    await person({ f: lines(['1', '2', 'agent', 'three', '4', '5', '6', '7', '8', '9', '10']) });
    const inside = await person({
      f: lines(['1', '2', 'agent more', 'three', '4', '5', '6', '7', '8', '9', '10']),
    });
    const { plan: planned } = await plan();
    expect(planned.options).toContainEqual({
      flag: '--relaxed --with-dependants',
      verdict: 'needs-decision',
      adds: [inside],
    });
    const relaxed = await plan({ relaxed: true, withDependants: true });
    expect(await relaxed.file('f')).toBe(ten({ 3: 'three' }));
  });

  it('follows a file through two renames, however much of it was rewritten since', async () => {
    const { agent, person, plan, repo } = await scene();
    const mine = Array.from({ length: 12 }, (_, i) => `line ${i + 1} of the first`);
    const work = lines([...mine.slice(0, 6), 'agent', ...mine.slice(6)]);
    await person({ 'src/a': lines(mine) });
    await agent({ 'src/a': work });
    await repo.git('mv', 'src/a', 'src/b');
    await person({});
    const half = lines([...mine.slice(0, 6), 'agent', 'other 7', ...mine.slice(7, 9), 'other 10']);
    await person({ 'src/b': half });
    await repo.git('mv', 'src/b', 'src/c');
    await person({});
    const now = [
      'other 1',
      'other 2',
      'other 3',
      'other 4',
      ...mine.slice(4, 6),
      'agent',
      'other 7',
      'other 8',
    ];
    await person({ 'src/c': lines(now) });
    const relaxed = await plan({ relaxed: true, verify: () => Promise.resolve(true) });
    expect(relaxed.plan).toMatchObject({ verdict: 'clean', why: [] });
    expect(await relaxed.file('src/c')).toBe(lines(now.filter((line) => line !== 'agent')));
    expect(await relaxed.files()).not.toContain('src/a');
  });

  it('names who stands in the way of an early commit of the work, though a later one landed since', async () => {
    const { agent, person, plan } = await scene();
    const early = ['1', '2', 'agent', 'agent too', '3', '4', '5', '6', '7', '8', '9', '10'];
    await person({ f: ten(), g: ten() });
    await agent({ f: lines(early) });
    const inside = await person({ f: lines(early.with(3, 'agent too, and a person')) });
    await agent({ g: ten({ 5: '5\nagent' }) });
    await person({ g: ten({ 5: '5\nagent', 6: 'six' }) });
    const { plan: planned } = await plan();
    expect(planned.options).toContainEqual({
      flag: '--relaxed --with-dependants',
      verdict: 'needs-decision',
      adds: [inside],
    });
  });

  it('takes who uses what goes with it, as the verify command names them', async () => {
    const { agent, person, plan, repo, scratch } = await scene();
    const work = ['1', '2', '3', 'agent', '4', '5', '6', '7', '8', '9', '10'];
    await person({ f: ten(), 'h.txt': 'first\n' });
    await agent({ f: lines(work) });
    await person({ f: lines(work.with(4, 'four')) });
    const user = await person({ 'h.txt': 'first\nuses agent\n' });
    const read = async (tree: string, path: string): Promise<string> =>
      (await repo.exec('git', [`--git-dir=${scratch.dir}`, 'cat-file', 'blob', `${tree}:${path}`])).stdout;
    const { plan: planned } = await plan({
      verify: async (tree) =>
        !(await read(tree, 'h.txt')).includes('agent') || (await read(tree, 'f')).includes('agent'),
      complaints: () => 'h.txt:2: there is no agent',
    });
    expect(planned.options).toContainEqual({
      flag: '--relaxed --with-dependants',
      verdict: 'clean',
      adds: [user],
    });
  });

  it('says that an option is of no use, and which would be; two together take what one of them does', async () => {
    const { agent, person, plan } = await scene();
    await person({ f: ten() });
    await agent({ f: ten({ 5: 'agent', 6: 'agent' }) });
    const by = await person({ f: ten({ 5: 'agent', 6: 'person' }) });
    const relaxed = await plan({ relaxed: true });
    expect(relaxed.plan).toMatchObject({ verdict: 'needs-decision', resultTree: null });
    expect(relaxed.plan.why[0]).toBe('--relaxed does not settle it');
    expect((await plan({ cleanPaths: true })).plan.why[0]).toBe('--clean-paths does not settle it');
    expect((await plan()).plan.why).toEqual(['later commits changed the same places']);
    const both = await plan({ relaxed: true, withDependants: true });
    expect(both.plan).toMatchObject({ verdict: 'clean', dependants: [{ commit: by }] });
    expect(await both.file('f')).toBe(ten());
  });

  it('says what an option needs besides', async () => {
    const { agent, person, plan } = await scene();
    const work = ['1', '2', 'agent', '3', '4', '5', '6', '7', '8', '9', '10'];
    await person({ f: ten() });
    await agent({ f: lines(work) });
    await person({ f: lines(work.with(3, 'three')) });
    await person({ f: lines(work.with(3, 'three').with(2, 'agent more')) });
    expect((await plan({ relaxed: true })).plan.why[0]).toBe(
      '--relaxed alone does not settle it: --relaxed --with-dependants does',
    );
  });
});
