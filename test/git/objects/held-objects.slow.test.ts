import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeldObjects } from '../../../lib/git/objects/held-objects.ts';
import { makeEmpty, openScratch, writeObject } from '../../../lib/git/objects/scratch.ts';
import { runGit } from '../../../lib/git/process/runner.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
beforeAll(async () => {
  repo = await makeRepo();
});
afterAll(() => repo.remove());

/** Of sizes that take one byte to tell, two, three and four. */
const TEXTS = Array.from({ length: 300 }, (_, i) =>
  Buffer.from(`${i} `.repeat(i === 299 ? 100_000 : i * 17)),
);

async function check(dir: string, ...args: string[]): Promise<string> {
  const { stdout } = await runGit({ cwd: dir, foreign: true }, { args });
  return stdout.toString('utf8');
}

describe.each(['sha1', 'sha256'] as const)('objects held for git (%s)', (format) => {
  it('are, many at a time, a pack that git finds whole, with an index git would have made', async () => {
    const dir = await makeEmpty(format);
    const held = new HeldObjects(join(dir, 'objects'), format);
    const oids = TEXTS.map((text) => held.add('blob', text));
    held.write();
    const packs = (await readdir(join(dir, 'objects', 'pack'))).sort();
    expect(packs.map((name) => name.replace(/.*\./, ''))).toEqual(['idx', 'pack']);
    const [index = '', pack = ''] = packs.map((name) => join(dir, 'objects', 'pack', name));
    await check(dir, 'index-pack', `--object-format=${format}`, '-o', join(dir, 'made.idx'), pack);
    expect(await readFile(join(dir, 'made.idx'))).toEqual(await readFile(index));
    await check(dir, 'fsck', '--full', '--strict');
    for (const at of [0, 1, 7, 299])
      expect(await check(dir, 'cat-file', 'blob', oids[at] ?? '')).toBe(TEXTS[at]?.toString());
  });

  it('are, few at a time, files as git makes them', async () => {
    const dir = await makeEmpty(format);
    const held = new HeldObjects(join(dir, 'objects'), format);
    const [oid = ''] = TEXTS.slice(5, 8).map((text) => held.add('blob', text));
    held.write();
    expect(await readdir(join(dir, 'objects', 'pack'))).toEqual([]);
    await check(dir, 'fsck', '--full', '--strict');
    expect(await check(dir, 'cat-file', 'blob', oid)).toBe(TEXTS[5]?.toString());
  });
});

it('an object has the id git gives it, and is read before it is written', async () => {
  const scratch = await openScratch(await findRepository({ cwd: repo.dir }));
  try {
    const oid = await writeObject(scratch, 'blob', Buffer.from('text\n'));
    expect(oid).toBe('8e27be7d6154a1f68ea9160ef0e18691d20560dc');
    expect(await readdir(join(scratch.dir, 'objects'))).toEqual(['info', 'pack']);
    expect((await scratch.reader.read(oid))?.content.toString()).toBe('text\n');
  } finally {
    await scratch.close();
  }
});

it('git sees all there is whenever it is asked: run, asked for a name, or asked what differs', async () => {
  const scratch = await openScratch(await findRepository({ cwd: repo.dir }));
  const treeOf = async (text: string): Promise<string> => {
    const blob = await writeObject(scratch, 'blob', Buffer.from(text));
    const entry = Buffer.concat([Buffer.from('100644 file\0'), Buffer.from(blob, 'hex')]);
    return writeObject(scratch, 'tree', entry);
  };
  try {
    const one = await treeOf('one');
    expect((await scratch.reader.read(`${one}:file`))?.content.toString()).toBe('one');
    const other = await treeOf('other');
    const [diff = []] = await scratch.diffs.between([{ from: one, to: other }]);
    expect(diff.map(({ path }) => path)).toEqual(['file']);
    const third = await treeOf('third');
    const { stdout } = await runGit(scratch, { args: ['cat-file', '-p', `${third}:file`], env: scratch.env });
    expect(stdout.toString()).toBe('third');
  } finally {
    await scratch.close();
  }
});
