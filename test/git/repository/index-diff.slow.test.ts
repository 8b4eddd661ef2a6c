import { symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyTree, parseRawDiff, stagedChanges, writeTree } from '../../../lib/git/repository/index-diff.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

describe('parseRawDiff', () => {
  it('never throws or hangs on anything', () => {
    const part = fc.oneof(
      fc.constantFrom(':100644 100644 a b M\0', 'path\0', '\0', ':'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => void parseRawDiff(Buffer.from(parts.join(''), 'latin1'))),
      { numRuns: 500 },
    );
  });
});

describe('stagedChanges', () => {
  let repo: TestRepo;
  beforeEach(async () => {
    repo = await makeRepo();
  });
  afterEach(() => repo.remove());
  const place = (): { cwd: string } => ({ cwd: repo.dir });

  it('tells additions, changes, deletions and changes of type, with the blob that goes in', async () => {
    await repo.commit('base', {
      'changed.txt': '1',
      'gone.txt': '1',
      link: 'x',
      'mode.sh': 'x',
      'kept.txt': 'x',
    });
    await repo.write('changed.txt', '2');
    await repo.write('added.txt', '3');
    unlinkSync(repo.path('gone.txt'));
    unlinkSync(repo.path('link'));
    symlinkSync('kept.txt', repo.path('link'));
    await repo.git('add', '-A');
    await repo.git('update-index', '--chmod=+x', 'mode.sh');
    const blob = (path: string): Promise<string> => repo.git('rev-parse', `:${path}`);
    expect(await stagedChanges(place(), 'HEAD')).toEqual([
      { path: 'added.txt', change: 'added', blob: await blob('added.txt') },
      { path: 'changed.txt', change: 'modified', blob: await blob('changed.txt') },
      { path: 'gone.txt', change: 'deleted', blob: null },
      { path: 'link', change: 'type', blob: await blob('link') },
      { path: 'mode.sh', change: 'modified', blob: await blob('mode.sh') },
    ]);
  });

  it('names every path exactly, also those that are no UTF-8', async () => {
    const names = [
      'a\tb',
      'new\nline',
      '"quoted"',
      'back\\slash',
      'ä',
      ' lead',
      '-dash',
      ':colon',
      'x\u001b[31m',
    ];
    for (const name of names) await repo.write(`weird/${name}`, name);
    writeFileSync(Buffer.concat([Buffer.from(repo.path('latin-')), Buffer.from([0xe4, 0xff])]), 'x');
    await repo.git('add', '-A');
    const changes = (await stagedChanges(place(), 'HEAD')) ?? [];
    expect(changes.map(({ path }) => path).sort()).toEqual(
      [...names.map((name) => `weird/${name}`), 'latin-\ufffd\ufffd'].sort(),
    );
    const raw = changes.find(({ path }) => path.startsWith('latin-'));
    expect(Buffer.from(raw?.pathBytes ?? '', 'base64')).toEqual(
      Buffer.concat([Buffer.from('latin-'), Buffer.from([0xe4, 0xff])]),
    );
    expect(changes.filter(({ pathBytes }) => pathBytes !== undefined)).toHaveLength(1);
  });

  it('sees the whole index from a folder below, whatever the user set', async () => {
    await repo.commit('base', { 'sub/one.txt': '1', 'top.txt': '1' });
    await repo.write('sub/one.txt', '2');
    await repo.git('mv', 'top.txt', 'moved.txt');
    await repo.git('add', '-A');
    for (const [key, value] of [
      ['diff.relative', 'true'],
      ['diff.renames', 'copies'],
      ['diff.noprefix', 'true'],
      ['color.ui', 'always'],
      ['core.quotePath', 'true'],
    ] as const)
      await repo.git('config', key, value);
    const changes = (await stagedChanges({ cwd: repo.path('sub') }, 'HEAD')) ?? [];
    expect(changes.map(({ path, change }) => `${change} ${path}`)).toEqual([
      'added moved.txt',
      'modified sub/one.txt',
      'deleted top.txt',
    ]);
  });

  it('compares a first commit with the empty tree', async () => {
    const empty = await makeRepo({ firstCommit: false, objectFormat: 'sha256' });
    try {
      await empty.write('a', 'a');
      await empty.git('add', 'a');
      expect(await stagedChanges({ cwd: empty.dir }, emptyTree('sha256'))).toMatchObject([
        { path: 'a', change: 'added' },
      ]);
    } finally {
      await empty.remove();
    }
  });
});

describe('writeTree', () => {
  it('is the tree a commit would get, and null in the middle of a conflict', async () => {
    const repo = await makeRepo();
    try {
      expect(await writeTree({ cwd: repo.dir })).toBe(await repo.git('rev-parse', 'HEAD^{tree}'));
      await repo.git('switch', '-qc', 'other');
      await repo.commit('other', { 'README.md': 'other\n' });
      await repo.git('switch', '-q', 'main');
      await repo.commit('main', { 'README.md': 'main\n' });
      await repo.tryGit(['merge', 'other']);
      expect(await writeTree({ cwd: repo.dir })).toBeNull();
    } finally {
      await repo.remove();
    }
  });
});
