import { describe, expect, it } from 'vitest';
import { merged, onBranch, type Scene, scene, ten } from '../support/revert.ts';
import { outcome, PLAIN, REVERT } from '../support/revert-outcome.ts';

const README = { 'README.md': 'hello\n' };

describe('how it landed', () => {
  it('R01 one commit that nothing later touches: the file is as it was before', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 3: 'agent' }) });
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      units: [['commit', one, [one]]],
      files: ['M f'],
      tree: { ...README, f: ten() },
    });
  });

  it('R02 several in a row: one revert commit, and the tree is that of before', async () => {
    const made = await scene();
    const before = await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 3: 'agent' }) });
    const two = await made.agent({ g: 'new\n', f: ten({ 3: 'agent', 4: 'and' }) });
    const three = await made.agent({ f: ten({ 4: 'and' }) });
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      units: [
        ['commit', three, [three]],
        ['commit', two, [two]],
        ['commit', one, [one]],
      ],
      files: ['M f', 'D g'],
      tree: { ...README, f: ten() },
    });
    await (await made.plan()).apply();
    expect(await made.repo.git('rev-parse', 'HEAD~1', 'HEAD^{tree}')).toBe(
      `${three}\n${await made.repo.git('rev-parse', `${before}^{tree}`)}`,
    );
  });

  it("R03 between other people's commits, lines apart: theirs stay byte for byte", async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'agent' }) });
    await made.person({ f: ten({ 2: 'agent', 6: 'person  \r' }) });
    const two = await made.agent({ f: ten({ 2: 'agent', 6: 'person  \r', 9: 'agent' }) });
    await made.person({ h: '\u0000\u00ff person, no line feed' });
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 2,
      units: [
        ['commit', two, [two]],
        ['commit', one, [one]],
      ],
      files: ['M f'],
      tree: { ...README, f: ten({ 6: 'person  \r' }), h: '\u0000\u00ff person, no line feed' },
    });
  });

  it('R04 a branch merged with --no-ff: the merge goes, against its first parent', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    const [one, two] = await onBranch(made, 'topic', async () => [
      await agent({ f: ten({ 2: 'agent' }) }),
      await agent({ g: 'agent\n' }),
    ]);
    const parent = await person({ h: 'person\n' });
    const merge = await merged(made, 'topic');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      units: [['merge', merge, [one, two]]],
      files: ['M f', 'D g'],
      tree: { ...README, f: ten(), h: 'person\n' },
    });
    await (await made.plan()).apply();
    expect(await repo.git('log', '-1', '--format=%B')).toContain(
      `This reverts commit ${merge}, reversing\nchanges made to ${parent}.`,
    );
    expect(await repo.git('rev-parse', 'HEAD^{tree}')).toBe(await repo.git('rev-parse', `${parent}^{tree}`));
  });

  it("R05 a branch that took main in before it was merged: main's work stays", async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    const one = await agent({ f: ten({ 2: 'agent' }) });
    await repo.git('checkout', '-q', 'main');
    await person({ h: 'person\n', f: ten({ 9: 'person' }) });
    await repo.git('checkout', '-q', 'topic');
    await repo.git('merge', '-q', '--no-ff', '-m', 'Sync', 'main');
    const two = await agent({ g: 'agent\n' });
    const merge = await merged(made, 'topic');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      units: [['merge', merge, [one, two]]],
      files: ['M f', 'D g'],
      tree: { ...README, f: ten({ 9: 'person' }), h: 'person\n' },
    });
  });

  it('R06 a merge with a conflict solved by hand and an edit of its own: both are named, and it is as its first parent', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten(), x: 'x\n' });
    const one = await onBranch(made, 'topic', () => agent({ f: ten({ 5: 'agent' }) }));
    const parent = await person({ f: ten({ 5: 'person' }) });
    await repo.tryGit(['merge', '-q', '--no-ff', 'topic']);
    const merge = await person({ f: ten({ 5: 'agent and person' }), x: 'extra\n' });
    await person({ h: 'later\n' });
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['merge', merge, [one]]],
      files: ['M f', 'M x'],
      tree: { ...README, f: ten({ 5: 'person' }), x: 'x\n', h: 'later\n' },
    });
    const { plan } = await made.plan();
    expect(plan.units).toMatchObject([{ commit: merge, handEdited: ['f', 'x'] }]);
    expect(await repo.git('rev-parse', `${merge}^1`)).toBe(parent);
    expect(await shown(made)).toMatch(/\n {11}written by hand in the merge, goes too: f, x\n/);
    // What plain git does with the member alone.
    expect((await repo.tryGit(['revert', '--no-commit', one])).code).toBe(1);
  });

  it('a merge the agent made, with a file of its own in it: that goes, and what it brought stays', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await onBranch(made, 'topic', () => person({ t: 'person\n' }));
    await person({ m: 'main\n' });
    await repo.git('merge', '-q', '--no-ff', '--no-commit', 'topic');
    const merge = await agent({ own: 'agent\n' });
    expect(await outcome(made)).toMatchObject({
      exit: 0,
      verdict: 'clean',
      units: [['part', merge, [merge]]],
      files: ['D own'],
      tree: { ...README, f: ten(), t: 'person\n', m: 'main\n' },
    });
    expect(await shown(made)).toMatch(/\nGoes\n {2}[0-9a-f]{10} {2}.* {2}part of it\n/);
    await (await made.plan()).apply();
    expect((await outcome(made)).verdict).toBe('already-reverted');
  });

  it('a merge the agent made without work of its own: nothing goes, and the plan says what to name', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await onBranch(made, 'topic', () => person({ t: 'person\n' }));
    await person({ m: 'main\n' });
    await repo.git('merge', '-q', '--no-ff', '--no-commit', 'topic');
    const merge = await agent({});
    const { plan } = await made.plan();
    expect(plan).toMatchObject({ verdict: 'noop', units: [], missing: [] });
    expect(plan.why).toEqual([
      `${merge} is a merge without work of its own: to take out what it brought, name the commits it merged`,
    ]);
    expect((await outcome(made)).exit).toBe(0);
  });

  it('a merge whose conflict the agent solved: it asks for a decision, for nobody can tell the two apart', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await onBranch(made, 'topic', () => person({ f: ten({ 5: 'topic' }) }));
    await person({ f: ten({ 5: 'main' }) });
    await repo.tryGit(['merge', '-q', '--no-ff', 'topic']);
    const merge = await agent({ f: ten({ 5: 'both' }) });
    const { plan } = await made.plan();
    expect(plan).toMatchObject({ verdict: 'needs-decision', units: [], missing: [], resultTree: null });
    expect(plan.why).toEqual([
      `${merge} is a merge in which nobody can tell its own work from what it brought: name the commits it merged`,
    ]);
    expect((await outcome(made)).exit).toBe(1);
  });

  it('R05 a branch the agent took main in before it was merged with what a person did there: only its own work goes', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    await person({ o: 'begun by hand\n' });
    const one = await agent({ f: ten({ 2: 'agent' }) });
    await repo.git('checkout', '-q', 'main');
    await person({ h: 'person\n', f: ten({ 9: 'person' }) });
    await repo.git('checkout', '-q', 'topic');
    await repo.git('merge', '-q', '--no-ff', '--no-commit', 'main');
    const sync = await agent({ e: 'written in the merge\n' });
    const two = await agent({ g: 'agent\n' });
    const merge = await merged(made, 'topic');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['part', merge, [one, sync, two]]],
      files: ['D e', 'M f', 'D g'],
      tree: { ...README, f: ten({ 9: 'person' }), h: 'person\n', o: 'begun by hand\n' },
    });
  });

  it('R05 a branch in which the agent solved a conflict with main: nobody can tell its work from theirs, so it asks', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'topic');
    await person({ o: 'begun by hand\n' });
    await agent({ f: ten({ 5: 'agent' }) });
    await repo.git('checkout', '-q', 'main');
    await person({ h: 'person\n', f: ten({ 5: 'person' }) });
    await repo.git('checkout', '-q', 'topic');
    await repo.tryGit(['merge', '-q', '--no-ff', 'main']);
    await agent({ f: ten({ 5: 'agent and person' }) });
    const merge = await merged(made, 'topic');
    const { plan } = await made.plan();
    expect(plan).toMatchObject({
      verdict: 'needs-decision',
      resultTree: null,
      units: [{ kind: 'part', commit: merge }],
    });
    expect(plan.blockers.length + plan.why.length).toBeGreaterThan(0);
  });

  it("R07 a batch merge that brought other people's commits too: only the transaction's go", async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await repo.git('checkout', '-q', '-b', 'other');
    await person({ o: 'other branch\n' });
    await repo.git('checkout', '-q', '-b', 'topic', 'main');
    const one = await agent({ f: ten({ 2: 'agent' }) });
    await person({ f: ten({ 2: 'agent', 8: 'person' }) });
    const two = await agent({ g: 'agent\n' });
    const merge = await merged(made, 'topic', 'other');
    expect((await repo.git('rev-list', '--parents', '-1', merge)).split(' ')).toHaveLength(4);
    await person({ h: 'later\n' });
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 2,
      units: [['part', merge, [one, two]]],
      files: ['M f', 'D g'],
      tree: { ...README, f: ten({ 8: 'person' }), h: 'later\n', o: 'other branch\n' },
    });
  });

  it('R07 a branch that somebody else began: what they did before the transaction stays', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    const [one, two] = await onBranch(made, 'topic', async () => {
      await person({ o: 'begun by hand\n' });
      return [await agent({ f: ten({ 2: 'agent' }) }), await agent({ g: 'agent\n' })];
    });
    await person({ h: 'person\n' });
    const merge = await merged(made, 'topic');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['part', merge, [one, two]]],
      files: ['M f', 'D g'],
      tree: { ...README, f: ten(), h: 'person\n', o: 'begun by hand\n' },
    });
    expect(await repo.git('rev-parse', `${merge}^2~2^`)).toBe(
      await repo.git('merge-base', `${merge}^1`, `${merge}^2`),
    );
  });

  it('R07 a branch on top of another that was not merged before: its work stays', async () => {
    const made = await scene();
    const { repo, agent, person } = made;
    await person({ f: ten() });
    await onBranch(made, 'below', async () => {
      await agent({ o: 'another transaction\n' }, 'two');
      await person({ p: 'person\n' });
    });
    await repo.git('checkout', '-q', 'below');
    const one = await onBranch(made, 'topic', () => agent({ f: ten({ 2: 'agent' }) }));
    const merge = await merged(made, 'topic');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['part', merge, [one]]],
      files: ['M f'],
      tree: { ...README, f: ten(), o: 'another transaction\n', p: 'person\n' },
    });
  });

  it('R13 the first commit of all: only its files go', async () => {
    const made = await scene({ firstCommit: false });
    const one = await made.agent({ f: 'agent\n' });
    await made.person({ g: 'person\n' });
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [['commit', one, [one]]],
      files: ['D f'],
      tree: { g: 'person\n' },
    });
    const { commit } = await (await made.plan()).apply();
    expect(await made.repo.git('ls-tree', '-r', '--name-only', commit ?? '')).toBe('g');
  });

  it("R14 a commit without changes is listed, and stands in nobody's way; of one alone nothing is left", async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const one = await made.agent({ f: ten({ 2: 'agent' }) });
    const two = await made.agent({});
    const alone = await made.agent({}, 'alone');
    expect(await outcome(made)).toEqual({
      ...PLAIN,
      exit: 0,
      verdict: 'clean',
      kept: 1,
      units: [
        ['commit', two, [two]],
        ['commit', one, [one]],
      ],
      files: ['M f'],
      tree: { ...README, f: ten() },
    });
    expect(await outcome(made, [], 'alone')).toMatchObject({
      exit: 0,
      verdict: 'noop',
      units: [['commit', alone, [alone]]],
      tree: null,
    });
  });
});

async function shown({ repo, txn }: Scene): Promise<string> {
  const { stdout } = await repo.exec(REVERT, ['--plan', txn()]);
  return stdout;
}
