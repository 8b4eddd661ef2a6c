import { describe, expect, it } from 'vitest';
import { lines, merged, onBranch, type Scene, scene, ten } from '../support/revert.ts';
import { outcome, PLAIN, REVERT } from '../support/revert-outcome.ts';

const README = { 'README.md': 'hello\n' };
const SAME_LINES = 'changed the same lines, or lines right beside them';

/** Offered wherever a person can resolve it. */
const BY_HAND = ['--worktree', 'needs-decision', []];

/** The agent's change of line 5, in the middle of a file of ten. */
async function landed(): Promise<Scene & { readonly one: string }> {
  const made = await scene();
  await made.person({ f: ten(), g: ten() });
  return { ...made, one: await made.agent({ f: ten({ 5: 'agent' }) }) };
}

/** A plan that waits for somebody: exit 1, nothing to apply. */
function waiting(one: string, later: number): object {
  return {
    ...PLAIN,
    exit: 1,
    verdict: 'needs-decision',
    kept: later,
    units: [['commit', one, [one]]],
    files: [],
    tree: null,
  };
}

/** A plan in which one commit goes. */
function clean(one: string, later: number): object {
  return { ...PLAIN, exit: 0, verdict: 'clean', kept: later, units: [['commit', one, [one]]] };
}

describe('what came later', () => {
  it('R29 the same line was edited: whoever did is named, with each way through', async () => {
    const { one, ...made } = await landed();
    const later = await made.person({ f: ten({ 5: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], SAME_LINES]],
      options: [['--with-dependants', 'clean', [later]], ['--relaxed', 'noop', []], BY_HAND],
    });
    expect(await outcome(made, ['--with-dependants'])).toMatchObject({
      exit: 0,
      verdict: 'clean',
      kept: 0,
      files: ['M f'],
      tree: { ...README, f: ten(), g: ten() },
    });
    expect(await outcome(made, ['--relaxed'])).toMatchObject({
      exit: 0,
      verdict: 'noop',
      superseded: [{ path: 'f', lines: 1, by: [later] }],
      tree: null,
    });
  });

  it('R30 the line beside it was edited: whoever did is named', async () => {
    const { one, ...made } = await landed();
    const later = await made.person({ f: ten({ 5: 'agent', 6: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], SAME_LINES]],
      options: [['--with-dependants', 'clean', [later]], BY_HAND],
    });
  });

  it('R31 one unchanged line between is enough', async () => {
    const { one, ...made } = await landed();
    await made.person({ f: ten({ 5: 'agent', 7: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['M f'],
      tree: { ...README, f: ten({ 7: 'person' }), g: ten() },
    });
  });

  it('R32 two hundred lines were put in above', async () => {
    const { one, ...made } = await landed();
    const above = lines(Array.from({ length: 200 }, (_, i) => `new ${i}`));
    await made.person({ f: above + ten({ 5: 'agent' }) });
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['M f'],
      tree: { ...README, f: above + ten(), g: ten() },
    });
  });

  it('R33 a chain builds on it: exactly that is named, and with it the plan is clean', async () => {
    const { one, ...made } = await landed();
    const two = await made.person({ f: ten({ 5: 'person' }) });
    await made.person({ g: ten({ 5: 'unrelated' }) });
    const four = await made.person({ f: ten({ 5: 'person', 6: 'again' }) });
    await made.person({ f: ten({ 5: 'person', 6: 'again', 9: 'apart' }) });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 4),
      blockers: [[two, null, ['f'], SAME_LINES]],
      options: [['--with-dependants', 'clean', [two, four]], ['--relaxed', 'noop', []], BY_HAND],
    });
    const author = 'Jane Doe <jane@example.com>';
    const why = `f: ${SAME_LINES}`;
    expect((await made.plan()).plan.dependants).toEqual([
      { commit: two, txn: null, subject: 'By hand', author, why },
      { commit: four, txn: null, subject: 'By hand', author, why },
    ]);
    expect(await outcome(made, ['--with-dependants'])).toEqual({
      ...clean(one, 2),
      files: ['M f'],
      tree: { ...README, f: ten({ 9: 'apart' }), g: ten({ 5: 'unrelated' }) },
    });
  });

  it('R34 a later transaction builds on it: it is named, and both go as a set', async () => {
    const { one, ...made } = await landed();
    const two = await made.agent({ f: ten({ 5: 'another' }), h: 'another\n' }, 'two');
    await made.person({ g: ten({ 1: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 2),
      blockers: [[two, made.txn('two'), ['f'], SAME_LINES]],
      options: [['--with-dependants', 'clean', [two]], ['--relaxed', 'noop', []], BY_HAND],
    });
    const both = { ...README, f: ten(), g: ten({ 1: 'person' }) };
    expect(await outcome(made, ['--with-dependants'])).toMatchObject({ verdict: 'clean', tree: both });
    expect(await outcome(made, [], 'two')).toMatchObject({
      exit: 0,
      verdict: 'clean',
      units: [['commit', two, [two]]],
      tree: { ...both, f: ten({ 5: 'agent' }) },
    });
    const set = await made.repo.exec(REVERT, [made.txn('one'), made.txn('two'), '--json']);
    expect(set.code, set.stderr).toBe(0);
    expect(await made.repo.read('f')).toBe(ten());
    expect(await made.repo.git('ls-tree', '--name-only', 'HEAD')).toBe('README.md\nf\ng');
  });

  it('R35 a file was deleted later: it stays deleted, and what of it is superseded by that is told', async () => {
    const made = await scene();
    await made.person({ f: ten(), g: ten() });
    const one = await made.agent({ f: ten({ 5: 'agent', 6: 'agent' }), g: ten({ 5: 'agent' }) });
    await made.repo.git('rm', '-q', 'f');
    const later = await made.person({});
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      superseded: [{ path: 'f', lines: 2, by: [later] }],
      files: ['M g'],
      tree: { ...README, g: ten() },
    });
    expect(await shown(made)).toMatch(/Overwritten since, stays\n {2}f: 2 lines, by [0-9a-f]{7,}\n/);
  });

  it('R35 all it changed was deleted later: nothing is left, and that is told', async () => {
    const { one, ...made } = await landed();
    await made.repo.git('rm', '-q', 'f');
    const later = await made.person({});
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      verdict: 'noop',
      superseded: [{ path: 'f', lines: 1, by: [later] }],
      files: [],
      tree: null,
    });
  });

  it('R35 a deletion does not stand in the way of a decision about something else', async () => {
    const made = await scene();
    await made.person({ f: ten(), g: ten() });
    const one = await made.agent({ f: ten({ 5: 'agent' }), g: ten({ 5: 'agent' }) });
    await made.repo.git('rm', '-q', 'f');
    const deleted = await made.person({});
    const later = await made.person({ g: ten({ 5: 'person' }) });
    expect(await outcome(made)).toMatchObject({
      ...waiting(one, 2),
      blockers: [[later, null, ['g'], SAME_LINES]],
      options: expect.arrayContaining([['--with-dependants', 'clean', [later]]]),
    });
    expect(await outcome(made, ['--with-dependants'])).toMatchObject({
      exit: 0,
      superseded: [{ path: 'f', lines: 1, by: [deleted] }],
      tree: { ...README, g: ten() },
    });
  });

  it('R36 a file was renamed later: the inverse follows it', async () => {
    const { one, ...made } = await landed();
    await made.repo.git('mv', 'f', 'new name');
    await made.person({ 'new name': ten({ 5: 'agent', 9: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['M new name'],
      tree: { ...README, g: ten(), 'new name': ten({ 9: 'person' }) },
    });
  });

  it('R37 it renamed a file, edited later under the new name: the old name again, with the edits', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('mv', 'f', 'g');
    const one = await made.agent({ g: ten({ 2: 'agent' }) });
    await made.person({ g: ten({ 2: 'agent', 9: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['A f', 'D g'],
      tree: { ...README, f: ten({ 9: 'person' }) },
    });
  });

  it('R37 it renamed a folder, edited later under the new names: the old ones again, with the edits', async () => {
    const made = await scene();
    await made.person({ 'd/a': ten(), 'd/sub/b': `b\n${ten()}` });
    await made.repo.git('mv', 'd', 'e');
    const one = await made.agent({});
    await made.person({ 'e/a': ten({ 9: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['A d/a', 'A d/sub/b', 'D e/a', 'D e/sub/b'],
      tree: { ...README, 'd/a': ten({ 9: 'person' }), 'd/sub/b': `b\n${ten()}` },
    });
  });

  it('R38 it renamed a folder and a file was added there later: where that goes is for a person to say', async () => {
    const made = await scene();
    await made.person({ 'd/a': ten(), 'd/b': `b\n${ten()}` });
    await made.repo.git('mv', 'd', 'e');
    const one = await made.agent({});
    const later = await made.person({ 'e/new': 'new\n' });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['d/new', 'e/new'], 'files were put into a folder that was renamed']],
      options: [['--with-dependants', 'clean', [later]], ['--relaxed', 'needs-decision', []], BY_HAND],
    });
    expect(await outcome(made, ['--relaxed'])).toMatchObject({
      tree: { ...README, 'd/a': ten(), 'd/b': `b\n${ten()}`, 'e/new': 'new\n' },
    });
  });

  it('R39 it renamed a file and the old name was taken later: both are named, neither is overwritten', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('mv', 'f', 'g');
    const one = await made.agent({});
    const later = await made.person({ f: 'quite another\nfile\n' });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], 'put another file where f would be again, which is g now']],
      options: [['--with-dependants', 'clean', [later]], BY_HAND],
    });
    expect(await outcome(made, ['--with-dependants'])).toMatchObject({ tree: { ...README, f: ten() } });
  });

  it('R40 it added a file that was edited later: that is in the way, and no way through deletes it unsaid', async () => {
    const made = await scene();
    const one = await made.agent({ f: ten() });
    const later = await made.person({ f: ten({ 5: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], 'changed a file that would be deleted']],
      options: [['--with-dependants', 'clean', [later]], BY_HAND],
    });
    for (const flag of ['--relaxed', '--hunks'])
      expect(await outcome(made, [flag])).toMatchObject({ exit: 1, verdict: 'needs-decision', tree: null });
    const applied = await made.repo.exec(REVERT, ['--relaxed', '--hunks', made.txn()]);
    expect(applied.code).toBe(1);
    expect(await made.repo.git('rev-parse', 'HEAD')).toBe(later);
  });

  it('R41 it deleted a file nobody touched: it is there again, with its mode', async () => {
    const made = await scene();
    await made.repo.write('run', '#!/bin/sh\n');
    await made.repo.exec('chmod', ['+x', made.repo.path('run')]);
    await made.person({ f: ten() });
    await made.repo.git('rm', '-q', 'run');
    const one = await made.agent({});
    await made.person({ f: ten({ 5: 'person' }) });
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['A run'],
      tree: { ...README, f: ten({ 5: 'person' }), run: '#!/bin/sh\n' },
    });
    await (await made.plan()).apply();
    expect(await made.repo.git('ls-tree', 'HEAD', 'run')).toMatch(/^100755 /);
  });

  it('R42 it deleted a file and a person made another of that name: both are named, neither is overwritten', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    await made.repo.git('rm', '-q', 'f');
    const one = await made.agent({});
    const later = await made.person({ f: 'quite another\nfile\n' });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], 'put another file where f would come back']],
      options: [['--with-dependants', 'clean', [later]], BY_HAND],
    });
    for (const flag of ['--relaxed', '--hunks'])
      expect(await outcome(made, [flag])).toMatchObject({ exit: 1, tree: null });
  });

  it('R43 a block of it was moved to another file: the move is named, and nobody says that it is gone', async () => {
    const made = await scene();
    const block = 'export function total() {\n  return price * amount;\n}';
    await made.person({ f: ten(), h: 'h\n' });
    const one = await made.agent({ f: ten({ 5: block }), i: 'agent\n' });
    const later = await made.person({ f: ten({ 5: '' }), h: `h\n${block}\n` });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], `${SAME_LINES}; moved 3 lines of it from f to h`]],
      options: [
        ['--with-dependants', 'clean', [later]],
        ['--relaxed', 'needs-decision', []],
        ['--clean-paths', 'clean', []],
        BY_HAND,
      ],
    });
    expect(await outcome(made, ['--relaxed'])).toMatchObject({
      residue: [{ path: 'h', lines: 3 }],
      tree: { ...README, f: ten({ 5: '' }), h: `h\n${block}\n` },
    });
  });

  it('R43 all of it was moved to another file: it is alive there, so it is not called nothing', async () => {
    const made = await scene();
    const block = 'export function total() {\n  return price * amount;\n}';
    await made.person({ f: ten(), h: 'h\n' });
    const one = await made.agent({ f: ten({ 5: block }) });
    const later = await made.person({ f: ten({ 5: '' }), h: `h\n${block}\n` });
    expect(await outcome(made)).toEqual({
      ...waiting(one, 1),
      blockers: [[later, null, ['f'], `${SAME_LINES}; moved 3 lines of it from f to h`]],
      options: [['--with-dependants', 'clean', [later]], BY_HAND],
    });
  });

  it('R49 a side branch forked before it was merged later: the work of both sides is told apart', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await onBranch(made, 'side', () => person({ f: ten({ 9: 'side' }), s: 'side\n' }));
    const one = await agent({ f: ten({ 2: 'agent' }) });
    await merged(made, 'side');
    expect(await outcome(made)).toEqual({
      ...clean(one, 1),
      files: ['M f'],
      tree: { ...README, f: ten({ 9: 'side' }), s: 'side\n' },
    });
  });
});

async function shown({ repo, txn }: Scene): Promise<string> {
  return (await repo.exec(REVERT, ['--plan', txn()])).stdout;
}
