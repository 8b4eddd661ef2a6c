import { describe, expect, it } from 'vitest';
import { lines, type Scene, scene, ten } from '../../support/revert.ts';

const WORK = Array.from({ length: 8 }, (_, i) => `the agent wrote sentence number ${i + 1} of it`);
const OTHER = Array.from({ length: 40 }, (_, i) => `something a person wrote, line ${i + 1}`);

/** The agent works in a file that was there; then it is gone, and other files are as given. */
async function gone(files: Readonly<Record<string, string>>): Promise<Scene> {
  const made = await scene();
  await made.person({ 'src/a': lines(OTHER.slice(0, 10)), 'src/b': lines(OTHER) });
  await made.agent({ 'src/a': lines([...OTHER.slice(0, 10), ...WORK]) });
  await made.repo.git('rm', '-q', 'src/a');
  await made.person(files);
  return made;
}

describe('a file of the work that is gone', () => {
  it('R35 stays deleted where nothing of it is anywhere else', async () => {
    const made = await gone({ 'src/b': lines([...OTHER, 'a line of its own']) });
    const { plan } = await made.plan();
    expect(plan).toMatchObject({ superseded: [{ path: 'src/a' }], blockers: [] });
    expect(plan.verdict).not.toBe('needs-decision');
  });

  it('R43 was carried off where lines of it came into another: it is in the way, and never called nothing', async () => {
    const made = await gone({ 'src/b': lines([...OTHER, ...WORK.slice(0, 3)]) });
    const { plan } = await made.plan();
    expect(plan.verdict).toBe('needs-decision');
    expect(plan.blockers).toMatchObject([{ commit: await made.repo.git('rev-parse', 'HEAD') }]);
    expect(plan.options.filter(({ verdict }) => verdict === 'clean' || verdict === 'noop')).toEqual([
      expect.objectContaining({ flag: '--with-dependants' }),
    ]);
  });

  it('R43 was carried off also where its lines were indented anew', async () => {
    const indented = WORK.slice(0, 3).map((line) => `    ${line}`);
    const made = await gone({ 'src/b': lines([...OTHER, ...indented]) });
    expect((await made.plan()).plan.verdict).toBe('needs-decision');
  });
});

describe('a file the work added', () => {
  /** The agent adds it, somebody renames it, and writes it anew but for some lines. */
  async function renamed(kept: readonly string[]): Promise<Scene> {
    const made = await scene();
    await made.person({ 'src/b': lines(OTHER) });
    await made.agent({ 'src/a': lines(WORK), 'src/c': lines(WORK.slice(0, 1)) });
    await made.repo.git('mv', 'src/a', 'src/d');
    await made.person({});
    await made.person({ 'src/d': lines([...kept, ...OTHER.map((line) => `${line} once more`)]) });
    return made;
  }

  it('is not taken for gone where it was renamed and rewritten: the plan says where it is', async () => {
    const made = await renamed(WORK.slice(0, 3));
    const { plan } = await made.plan();
    expect(plan.verdict).toBe('needs-decision');
    expect(plan.why).toContain('src/a, which it added, is src/d now, and would stay');
    const both = await made.plan({
      relaxed: true,
      withDependants: true,
      verify: () => Promise.resolve(true),
    });
    expect(both.plan.verdict).toBe('clean');
    expect(await both.files()).toEqual(['README.md', 'src/b']);
  });

  it('is gone where nothing of it is left under the new name', async () => {
    const made = await renamed([]);
    const { plan, files } = await made.plan();
    expect(plan.verdict).toBe('clean');
    expect(await files()).toEqual(['README.md', 'src/b', 'src/d']);
  });

  it('lives on where its lines were put into another file', async () => {
    const made = await scene();
    await made.person({ 'src/b': lines(OTHER) });
    await made.agent({ 'src/a': lines(WORK) });
    await made.repo.git('rm', '-q', 'src/a');
    await made.person({ 'src/b': lines([...OTHER, ...WORK]) });
    const { plan } = await made.plan();
    expect(plan.verdict).toBe('needs-decision');
    expect(plan.why).toContain('lines of src/a, which it added, live on elsewhere');
  });
});

describe('who is in the way of some paths only', () => {
  it('is found among the commits that follow one another, though these trees exist only where plans are made', async () => {
    const made = await scene();
    await made.person({ f: ten(), g: ten() });
    await made.agent({ f: ten({ 5: 'agent' }) });
    const blocker = await made.person({ f: ten({ 5: 'person' }) });
    // What stays of this commit follows the person's, and leads to a tree no commit has.
    await made.agent({ f: ten({ 1: 'agent', 5: 'person' }), g: ten({ 5: 'agent' }) });
    await made.person({ h: ten() });
    const { plan } = await made.plan({ paths: ['f'] });
    expect(plan).toMatchObject({ verdict: 'needs-decision', blockers: [{ commit: blocker, paths: ['f'] }] });
  });
});
