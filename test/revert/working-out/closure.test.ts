import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergerAlong } from '../../../lib/git/merges/merge-along.ts';
import type { ThreeTrees } from '../../../lib/git/merges/merge-trees.ts';
import { openScratch, type Scratch } from '../../../lib/git/objects/scratch.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { answer, closureOf, type History } from '../../../lib/revert/working-out/closure.ts';
import { changesOf, mergeIn, touching } from '../../../lib/revert/working-out/history.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let here: Repository;
let scratch: Scratch;
beforeEach(async () => {
  repo = await makeRepo();
  here = await findRepository({ cwd: repo.dir });
  scratch = await openScratch(here);
});
afterEach(async () => {
  await scratch.close();
  await repo.remove();
});

type Files = Readonly<Record<string, string | readonly string[]>>;

function text(content: string | readonly string[]): string {
  return typeof content === 'string' ? content : content.map((line) => `${line}\n`).join('');
}

/** Commits of these contents, one after another. Gives their ids. */
async function commits(...all: readonly Files[]): Promise<string[]> {
  const oids: string[] = [];
  for (const files of all)
    oids.push(
      await repo.commit('Work', Object.fromEntries(Object.entries(files).map(([p, c]) => [p, text(c)]))),
    );
  return oids;
}

async function historySince(base: string): Promise<History> {
  const changes = await changesOf(here, base, 'HEAD');
  return {
    base: await repo.git('rev-parse', `${base}^{tree}`),
    head: await repo.git('rev-parse', 'HEAD^{tree}'),
    changes,
    touching: (run, paths) => touching(scratch, run, paths),
  };
}

async function show(tree: string, path: string): Promise<string> {
  return (await scratch.reader.read(`${tree}:${path}`))?.content.toString() ?? '';
}

const TEN = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'];

/** The ten lines with some of them replaced. */
function tenWith(replaced: Readonly<Record<string, string>>): string[] {
  return TEN.map((line) => replaced[line] ?? line);
}

describe('two ways to take a commit back', () => {
  it('agree where others worked elsewhere in the file', async () => {
    const [base = '', one = '', , three = ''] = await commits(
      { f: TEN },
      { f: tenWith({ '2': 'agent' }) },
      { f: tenWith({ '2': 'agent', '6': 'person' }) },
      { f: tenWith({ '2': 'agent', '6': 'person', '9': 'agent' }) },
    );
    const answers = await answer(mergeIn(scratch), await historySince(base), new Set([one, three]));
    expect(answers.undone.tree).toBe(answers.without);
    expect(await show(answers.without ?? '', 'f')).toBe(text(tenWith({ '6': 'person' })));
  });

  it('write nothing into the repository', async () => {
    const [base = '', one = ''] = await commits({ f: TEN }, { f: tenWith({ '2': 'agent' }) }, { g: 'x\n' });
    const before = await repo.git('count-objects', '-v');
    const refs = await repo.git('for-each-ref');
    await answer(mergeIn(scratch), await historySince(base), new Set([one]));
    expect(await repo.git('count-objects', '-v')).toBe(before);
    expect(await repo.git('for-each-ref')).toBe(refs);
  });

  it('undo what a run did and undid itself without looking at what came later', async () => {
    const [base = '', one = '', two = ''] = await commits(
      { f: TEN },
      { f: tenWith({ '5': 'agent' }) },
      { f: TEN, g: 'agent\n' },
      { f: tenWith({ '5': 'person' }), g: 'agent\n' },
    );
    const { undone } = await answer(mergeIn(scratch), await historySince(base), new Set([one, two]));
    expect(await show(undone.tree ?? '', 'f')).toBe(text(tenWith({ '5': 'person' })));
  });
});

describe('what depends on a commit', () => {
  it('is exactly the later commits that build on it, and undoing those too is what history without them is', async () => {
    const [base = '', one = '', two = '', , four = ''] = await commits(
      { f: TEN, g: TEN },
      { f: tenWith({ '5': 'agent' }) },
      { f: tenWith({ '5': 'agent and more' }) },
      { f: tenWith({ '5': 'agent and more' }), g: tenWith({ '5': 'person' }) },
      { f: tenWith({ '5': 'agent and more', '6': 'and on' }) },
    );
    const history = await historySince(base);
    const { undone, without } = await answer(mergeIn(scratch), history, new Set([one]));
    expect([undone.tree, without]).toEqual([null, null]);
    const closure = await closureOf(mergeIn(scratch), history, new Set([one]), 5);
    expect(closure?.extras.map(({ change }) => change.commit)).toEqual([two, four]);
    expect(await show(closure?.tree ?? '', 'f')).toBe(text(TEN));
    expect(await show(closure?.tree ?? '', 'g')).toBe(text(tenWith({ '5': 'person' })));
    expect(await closureOf(mergeIn(scratch), history, new Set([one]), 1)).toBeNull();
  });

  it('is undone at the tip only where history can be made without it: else nobody asks git', async () => {
    const [base = '', one = '', two = '', three = ''] = await commits(
      { f: TEN },
      { f: tenWith({ '5': 'agent' }) },
      { f: tenWith({ '5': 'agent and more' }) },
      { f: tenWith({ '5': 'agent and more', '6': 'and on' }) },
      { f: tenWith({ '5': 'agent and more', '6': 'and on', '1': 'person' }) },
    );
    const history = await historySince(base);
    const merge = mergeIn(scratch);
    const starts: (string | undefined)[] = [];
    const along: typeof merge.along = (steps) => {
      starts.push(steps[0]?.from);
      return mergerAlong(scratch, merge)(steps);
    };
    const counting = Object.assign((trees: ThreeTrees) => merge(trees), { along });
    const closure = await closureOf(counting, history, new Set([one]), 5);
    expect(closure?.extras.map(({ change }) => change.commit)).toEqual([two, three]);
    expect(starts.filter((start) => start === history.head)).toHaveLength(1);
    expect(starts.filter((start) => start === history.base).length).toBeGreaterThan(3);
  });
});
