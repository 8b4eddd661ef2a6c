import { appendFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { patchId, patchIdsBetween } from '../../../lib/git/diffs/patch-id.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, repoAt, type TestRepo } from '../../support/repo.ts';

const LINES = Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? '' : `line ${i}`)).join('\n');

/** A commit that shows every difference a setting could make: blank context, a move, odd names, binary, two hunks. */
async function richCommit(at: TestRepo): Promise<{ from: string; to: string }> {
  await at.commit('base', { 'text.txt': LINES, 'moved.txt': LINES, 'ä b.txt': 'x\n', 'tail.txt': 'no end' });
  await at.git('mv', 'moved.txt', 'moved-on.txt');
  await at.write(
    'text.txt',
    LINES.replace('line 8', 'line eight').replace('line 16', '  line 16').replace('line 50', ''),
  );
  await at.write('ä b.txt', 'y\n');
  writeFileSync(at.path('binary'), Buffer.from([0, 1, 2, 255, 10, 0]));
  const to = await at.commit('rich');
  return { from: await at.git('rev-parse', 'HEAD^'), to };
}

/** As anybody would compute it by hand. */
async function byHand(at: TestRepo, from: string, to: string): Promise<string> {
  const flags = ['-p', '--full-index', '--binary', '--no-renames'];
  const { stdout } = await at.exec('sh', [
    '-c',
    'git diff-tree "$@" | git patch-id --verbatim',
    'sh',
    ...flags,
    from,
    to,
  ]);
  return stdout.split(' ')[0] ?? '';
}

async function ours(at: TestRepo, from: string | null, to: string): Promise<string | null> {
  return patchId(await findRepository({ cwd: at.dir, foreign: true }), from, to);
}

describe('patchId', () => {
  let repo: TestRepo;
  beforeEach(async () => {
    repo = await makeRepo();
  });
  afterEach(() => repo.remove());

  it.each(['sha1', 'sha256'] as const)(
    'is what git diff-tree | git patch-id --verbatim says (%s)',
    async (objectFormat) => {
      const plain = await makeRepo({ objectFormat });
      try {
        const { from, to } = await richCommit(plain);
        const expected = await byHand(plain, from, to);
        expect(expected).toMatch(/^[0-9a-f]{40,64}$/);
        expect(await ours(plain, from, to)).toBe(expected);
        expect(await ours(plain, `${from}^{tree}`, `${to}^{tree}`)).toBe(expected);
      } finally {
        await plain.remove();
      }
    },
  );

  it('attack: is given up where git takes longer than it may, and git is ended', async () => {
    const lines = (seed: number): string =>
      Array.from({ length: 400_000 }, (_, i) => `${(i * 7919 * seed) % 100_003}\n`).join('');
    const from = await repo.commit('one', { 'large.txt': lines(1) });
    const to = await repo.commit('two', { 'large.txt': lines(3) });
    const found = await findRepository({ cwd: repo.dir, foreign: true });
    for (const ms of [-1, 50]) {
      const asked = patchId({ ...found, patchesUntil: Date.now() + ms }, from, to);
      await expect(asked).rejects.toThrow('git takes too long');
    }
    expect(await patchId(found, from, to)).toMatch(/^[0-9a-f]{40}$/);
  });

  it('tells an empty change, and a commit without a parent', async () => {
    expect(await ours(repo, 'HEAD', 'HEAD')).toBeNull();
    expect(await ours(repo, null, 'HEAD')).toMatch(/^[0-9a-f]{40}$/);
  });

  it('differs when only white space does: a patch that was reindented is another', async () => {
    await repo.commit('base', { 'a.py': 'if x:\n    y\n' });
    const one = await repo.commit('one', { 'a.py': 'if x:\n    z\n' });
    await repo.git('reset', '-q', '--hard', 'HEAD^');
    const other = await repo.commit('other', { 'a.py': 'if x:\n  z\n' });
    expect(await ours(repo, `${one}^`, one)).not.toBe(await ours(repo, `${other}^`, other));
  });

  it('stays the same for a change moved down by lines above it', async () => {
    await repo.commit('base', { 'text.txt': LINES });
    const one = await repo.commit('one', { 'text.txt': LINES.replace('line 30', 'thirty') });
    await repo.git('reset', '-q', '--hard', 'HEAD^');
    await repo.commit('above', { 'text.txt': `new\nnew\n${LINES}` });
    const moved = await repo.commit('moved', {
      'text.txt': `new\nnew\n${LINES.replace('line 30', 'thirty')}`,
    });
    expect(await ours(repo, `${moved}^`, moved)).toBe(await ours(repo, `${one}^`, one));
  });

  it('does not depend on .gitattributes, in the worktree or the index', async () => {
    const { from, to } = await richCommit(repo);
    const before = await ours(repo, from, to);
    await repo.git('config', 'diff.custom.xfuncname', '^never$');
    await repo.git('config', 'diff.custom.textconv', 'rev');
    await repo.git('config', 'diff.custom.binary', 'true');
    await repo.write('.gitattributes', '*.txt -diff\nbinary diff\ntext.txt diff=custom\n');
    expect(await ours(repo, from, to)).toBe(before);
    await repo.git('add', '.gitattributes');
    expect(await ours(repo, from, to)).toBe(before);
    await repo.commit('attributes');
    expect(await ours(repo, from, to)).toBe(before);
  });

  it('is the same from a linked worktree, which has attributes of its own', async () => {
    const { from, to } = await richCommit(repo);
    await repo.git('worktree', 'add', '-q', '../linked', '-b', 'linked');
    const linked = repoAt(repo.path('..', 'linked'), repo.home);
    await linked.write('.gitattributes', '* -diff\n');
    await linked.git('add', '-A');
    expect(await ours(linked, from, to)).toBe(await ours(repo, from, to));
  });

  it('is the same in a submodule, whose folder is elsewhere', async () => {
    const { from, to } = await richCommit(repo);
    const expected = await ours(repo, from, to);
    const outer = await makeRepo();
    try {
      await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repo.dir, 'sub');
      const sub = repoAt(outer.path('sub'), outer.home);
      appendFileSync(outer.path('sub', '.gitattributes'), '*.txt -diff\n');
      expect(await ours(sub, from, to)).toBe(expected);
      const bump = await outer.commit('bump');
      expect(await ours(outer, `${bump}^`, bump)).toBe(await byHand(outer, `${bump}^`, bump));
    } finally {
      await outer.remove();
    }
  });
});

describe('patchId, whatever the user has set,', () => {
  let repo: TestRepo;
  let found: Repository;
  let from: string;
  let to: string;
  let before: string | null;
  beforeAll(async () => {
    repo = await makeRepo();
    ({ from, to } = await richCommit(repo));
    await repo.write('order', 'text.txt\n');
    await repo.write('attributes', '*.txt -diff\n');
    found = await findRepository({ cwd: repo.dir, foreign: true });
    before = await patchId(found, from, to);
    expect(before).toBe(await byHand(repo, from, to));
  });
  afterAll(() => repo.remove());

  it.each([
    ['diff.context', '0'],
    ['diff.interHunkContext', '20'],
    ['diff.noprefix', 'true'],
    ['diff.mnemonicPrefix', 'true'],
    ['diff.srcPrefix', 'x/'],
    ['diff.renames', 'copies'],
    ['diff.algorithm', 'patience'],
    ['diff.indentHeuristic', 'false'],
    ['diff.suppressBlankEmpty', 'true'],
    ['diff.external', 'echo'],
    ['diff.orderFile', 'order'],
    ['diff.relative', 'true'],
    ['diff.wsErrorHighlight', 'all'],
    ['diff.colorMoved', 'zebra'],
    ['color.ui', 'always'],
    ['core.quotePath', 'false'],
    ['core.abbrev', '40'],
    ['core.bigFileThreshold', '10'],
    ['core.attributesFile', 'attributes'],
    ['patchid.stable', 'false'],
    ['patchid.verbatim', 'false'],
  ])('does not depend on %s=%s', async (key, value) => {
    await repo.git('config', key, value === 'order' || value === 'attributes' ? repo.path(value) : value);
    try {
      expect(await patchId(found, from, to)).toBe(before);
    } finally {
      await repo.git('config', '--unset', key);
    }
  });

  it.each([
    ['GIT_DIFF_OPTS', '--unified=0'],
    ['GIT_EXTERNAL_DIFF', 'echo'],
    ['GIT_CONFIG_PARAMETERS', "'diff.suppressblankempty'='true'"],
    ['GIT_DIR', '/nonexistent'],
    ['GIT_INDEX_FILE', '/nonexistent/index'],
  ])('does not depend on %s in the environment', async (name, value) => {
    process.env[name] = value;
    try {
      expect(await patchId(found, from, to)).toBe(before);
    } finally {
      delete process.env[name];
    }
  });
});

describe('patchIdsBetween', () => {
  let repo: TestRepo;
  beforeEach(async () => {
    repo = await makeRepo();
  });
  afterEach(() => repo.remove());

  it('answers each pair for itself, also where many begin at one tree', async () => {
    const trees = [await repo.git('rev-parse', 'HEAD^{tree}')];
    for (const text of ['1', '2', '3']) {
      await repo.commit(text, { a: `${text}\n`, [text]: 'x\n' });
      trees.push(await repo.git('rev-parse', 'HEAD^{tree}'));
    }
    // Nothing of a change may hang on which way round it was asked.
    const { from: plain, to: rich } = await richCommit(repo);
    for (const commit of [plain, rich]) trees.push(await repo.git('rev-parse', `${commit}^{tree}`));
    writeFileSync(repo.path('binary'), Buffer.from([0, 1, 2, 254, 10, 0, 7, 7, 7]));
    await repo.git('update-index', '--chmod=+x', 'text.txt');
    await repo.commit('Binary, mode', { 'tail.txt': 'no end either' });
    trees.push(await repo.git('rev-parse', 'HEAD^{tree}'));
    const pairs = trees.flatMap((from) => trees.map((to) => ({ from, to })));
    const missing = { from: trees[0] ?? '', to: '1'.repeat(40) };
    const place = await findRepository({ cwd: repo.dir, foreign: true });
    const all = await patchIdsBetween(place, [...pairs, missing, { from: missing.to, to: missing.from }]);
    for (const [i, { from, to }] of pairs.entries())
      expect(all[i], `${from} ${to}`).toBe(await patchId(place, from, to));
    expect(all.slice(pairs.length)).toEqual([null, null]);
    expect(await patchIdsBetween(place, [])).toEqual([]);
  });
});
