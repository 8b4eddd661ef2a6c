import { describe, expect, it } from 'vitest';
import { readNote } from '../../../lib/ledger/ledger.ts';
import { revertsOf } from '../../../lib/ledger/told/reverts.ts';
import { merged, onBranch, type Scene, scene, ten } from '../../support/revert.ts';

interface Landed extends Scene {
  readonly one: string;
  readonly two: string;
}

/** Two commits of the agent in a row: in f and src/a, then in f again and in src/b. */
async function landed(): Promise<Landed> {
  const made = await scene();
  await made.person({ f: ten(), 'src/a': ten(), 'src/b': ten() });
  const one = await made.agent({ f: ten({ 2: 'agent' }), 'src/a': ten({ 5: 'agent' }) });
  const two = await made.agent({ f: ten({ 2: 'agent', 8: 'agent' }), 'src/b': ten({ 5: 'agent' }) });
  return { ...made, one, two };
}

describe('only some files', () => {
  it('R76 go, the rest stays and is told; a later revert of all takes the rest', async () => {
    const made = await landed();
    const planned = await made.plan({ paths: ['src'] });
    expect(planned.plan).toMatchObject({
      verdict: 'clean',
      paths: ['src'],
      leftOut: ['f'],
      units: [{ commit: made.two }, { commit: made.one }],
    });
    expect(planned.plan.files.map(({ path }) => path)).toEqual(['src/a', 'src/b']);
    const { commit } = await planned.apply();
    const message = await made.repo.git('log', '-1', '--format=%B');
    expect(message).toContain(`This reverts a part of commit ${made.one}.`);
    expect(message).not.toContain('This reverts commit');
    expect(message).toContain('\nRevert-Scope: partial\n');
    expect(revertsOf(await readNote(made.ledger, made.one))).toMatchObject([{ commit, scope: 'partial' }]);
    // What a person writes there since is nobody's concern: those files were settled.
    await made.person({ 'src/a': ten({ 5: 'person' }) });
    const rest = await made.plan();
    expect(rest.plan).toMatchObject({
      verdict: 'clean',
      why: [
        `${made.one} was partly reverted before, by ${commit}`,
        `${made.two} was partly reverted before, by ${commit}`,
      ],
    });
    expect(rest.plan.files.map(({ path }) => path)).toEqual(['f']);
    await rest.apply();
    expect(await made.repo.read('f')).toBe(ten());
    expect(await made.repo.read('src/a')).toBe(ten({ 5: 'person' }));
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
  });

  it('R76 of its commits only those go that touch them, and the message names no other', async () => {
    const made = await landed();
    const planned = await made.plan({ paths: ['src/b'] });
    expect(planned.plan.units.map(({ commit }) => commit)).toEqual([made.two]);
    await planned.apply();
    const message = await made.repo.git('log', '-1', '--format=%B');
    expect(message).toContain(`This reverts a part of commit ${made.two}.`);
    expect(message).not.toContain(made.one);
    expect((await made.plan()).plan.why).toEqual([
      expect.stringContaining(`${made.two} was partly reverted before`),
    ]);
  });

  it('R76 what is left goes path by path until nothing is', async () => {
    const made = await landed();
    for (const path of ['src/b', 'f', 'src/a']) await (await made.plan({ paths: [path] })).apply();
    expect((await made.plan()).plan.verdict).toBe('already-reverted');
    expect(await made.repo.git('diff', 'HEAD', 'HEAD~5')).toBe('');
  });

  it('come back alone, too, and both halves', async () => {
    const made = await landed();
    await (await made.plan({ paths: ['src'] })).apply();
    await (await made.plan({ reland: true, paths: ['src/a'] })).apply();
    expect(await made.repo.read('src/a')).toBe(ten({ 5: 'agent' }));
    expect(await made.repo.read('src/b')).toBe(ten());
    expect((await made.plan({ reland: true })).plan.files.map(({ path }) => path)).toEqual(['src/b']);
    await (await made.plan()).apply();
    expect(await made.repo.git('diff', 'HEAD', 'HEAD~5')).toBe('');
    await (await made.plan({ reland: true })).apply();
    expect(await made.repo.git('diff', 'HEAD', made.two)).toBe('');
  });

  it('are found by the name they have now, and by the one they had', async () => {
    const made = await landed();
    await made.repo.git('mv', 'src/a', 'src/c');
    await made.person({});
    for (const name of ['src/a', 'src/c']) {
      const planned = await made.plan({ paths: [name] });
      expect(planned.plan).toMatchObject({ verdict: 'clean', leftOut: ['f', 'src/b'] });
      expect(await planned.file('src/c')).toBe(ten());
    }
  });

  it('that it never touched are an error, not an empty revert', async () => {
    const made = await landed();
    await expect(made.plan({ paths: ['README.md'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hints: [expect.anything()],
    });
  });

  it('can be those git takes back: an option where others wrote in the rest', async () => {
    const made = await landed();
    await made.person({ 'src/a': ten({ 5: 'person' }) });
    expect((await made.plan()).plan.options).toContainEqual({
      flag: '--clean-paths',
      verdict: 'clean',
      adds: [],
      leaves: ['src/a'],
    });
    const planned = await made.plan({ cleanPaths: true });
    expect(planned.plan).toMatchObject({ verdict: 'clean', leftOut: ['src/a'] });
    expect(await planned.file('src/a')).toBe(ten({ 5: 'person' }));
    expect(await planned.file('src/b')).toBe(ten());
    expect(await planned.file('f')).toBe(ten());
    const { record } = await planned.apply();
    expect(record).toMatchObject({ scope: 'partial' });
    await made.person({ 'src/a': ten({ 5: 'agent' }) });
    const rest = await made.plan();
    expect(rest.plan.verdict).toBe('clean');
    expect(await rest.file('src/a')).toBe(ten());
  });

  it('a commit undone of a merge leaves the others in force', async () => {
    const made = await scene();
    await made.person({ f: ten() });
    const [one, two] = await onBranch(made, 'topic', async () => [
      await made.agent({ f: ten({ 2: 'agent' }) }),
      await made.agent({ g: 'agent\n' }),
    ]);
    await merged(made, 'topic');
    await made.repo.git('revert', '--no-edit', one);
    await made.person({ f: ten({ 2: 'person' }) });
    const planned = await made.plan();
    expect(planned.plan).toMatchObject({ verdict: 'clean', units: [{ kind: 'part', members: [two] }] });
    expect(await planned.files()).toEqual(['README.md', 'f']);
    expect(await planned.file('f')).toBe(ten({ 2: 'person' }));
  });

  it('places others overwrote count as taken back, places that were blocked do not', async () => {
    const made = await scene();
    await made.person({ f: ten(), g: ten() });
    await made.agent({ f: ten({ 5: 'agent', 6: 'agent' }), g: ten({ 5: 'agent' }) });
    await made.person({ f: ten({ 5: 'agent', 6: 'person' }), g: ten({ 5: 'agent' }) });
    const { record } = await (await made.plan({ hunks: true })).apply();
    expect(record).toMatchObject({ scope: 'partial' });
    expect((await made.plan()).plan).toMatchObject({ verdict: 'needs-decision' });
    const other = await scene();
    await other.person({ f: ten() });
    await other.agent({ f: ten({ 3: 'agent', 8: 'agent' }) });
    await other.person({ f: ten({ 3: 'person', 8: 'agent' }) });
    await (await other.plan({ relaxed: true, verify: () => Promise.resolve(true) })).apply();
    expect((await other.plan()).plan.verdict).toBe('already-reverted');
  });
});
