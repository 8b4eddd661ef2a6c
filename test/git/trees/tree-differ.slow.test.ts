import { afterAll, beforeAll, expect, it } from 'vitest';
import { diffEntries, type EntryDiff } from '../../../lib/git/diffs/entry-diff.ts';
import { openScratch, type Scratch, writeObject } from '../../../lib/git/objects/scratch.ts';
import { emptyTree, stagedChangeOf } from '../../../lib/git/repository/index-diff.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { treeChanges } from '../../../lib/git/trees/tree-diff.ts';
import { openTreeDiffer } from '../../../lib/git/trees/tree-differ.ts';
import { editTreeBytes } from '../../../lib/git/trees/tree-edit.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let repo: TestRepo;
let scratch: Scratch;
beforeAll(async () => {
  repo = await makeRepo();
  scratch = await openScratch(await findRepository({ cwd: repo.dir }));
});
afterAll(async () => {
  await scratch.close();
  await repo.remove();
});

const NOTHING = emptyTree('sha1');

/** A tree with some files: `120000` and the like before a content are its mode. */
async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const edits: (readonly [string, { mode: string; oid: string }])[] = [];
  for (const [path, text] of Object.entries(files)) {
    const [, mode = '100644', content = text] = /^(\d{6}) (.*)$/s.exec(text) ?? [];
    edits.push([path, { mode, oid: await writeObject(scratch, 'blob', Buffer.from(content)) }]);
  }
  return editTreeBytes(scratch, NOTHING, edits);
}

async function one(from: string, to: string): Promise<readonly EntryDiff[]> {
  return (await scratch.diffs.between([{ from, to }]))[0] ?? [];
}

async function alone(from: string, to: string): Promise<EntryDiff[]> {
  const all: EntryDiff[] = [];
  for await (const entry of diffEntries(scratch, from, to)) all.push(entry);
  return all;
}

it('tells of each pair what git tells of it alone, in the order asked', async () => {
  const a = await tree({ 'p/a': 'one', 'p/b': 'two', c: 'three' });
  const b = await tree({ 'p/a': 'one', 'p/b': '100755 two', d: 'four' });
  const c = await tree({ p: 'a file now', c: '120000 link' });
  const pairs = [a, b, c, NOTHING].flatMap((from) => [a, b, c, NOTHING].map((to) => ({ from, to })));
  const found = await scratch.diffs.between(pairs);
  for (const [at, { from, to }] of pairs.entries())
    expect(found[at], `${from} ${to}`).toEqual(await alone(from, to));
});

it('tells types of changes as git does', async () => {
  const a = await tree({ run: 'x', kind: 'x', gone: 'x', same: 'x', 'caf\xe9': 'x' });
  const b = await tree({ run: '100755 x', kind: '120000 x', new: 'x', same: 'x', 'caf\xe9': 'y' });
  const told = (await one(a, b)).map(stagedChangeOf);
  for await (const { changes } of treeChanges(scratch, [{ from: a, to: b }], 100))
    expect(told).toEqual(changes);
});

it('is not misled by paths that look like the end of an answer, in whatever pieces they come', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 3000 }, (_, i) => [`${'x'.repeat(i % 40)}${i}end\nend\n`, `${i}`]),
  );
  const hostile = await tree({ ...files, 'end\n': 'end\n' });
  const [first, second] = await Promise.all([
    one(NOTHING, hostile),
    one(hostile, await tree({ 'end\n': 'other' })),
  ]);
  expect(first).toHaveLength(3001);
  expect(second).toHaveLength(3001);
});

it('fails for a tree that is not here, and goes on', async () => {
  const here = await tree({ a: 'x' });
  await expect(one(here, '0'.repeat(39) + '1')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  expect(await one(NOTHING, here)).toHaveLength(1);
  await expect(one(here, '0'.repeat(39) + '1')).rejects.toMatchObject({ code: 'GIT_FAILED' });
});

it('attack: an answer that is too long, or takes too long, ends git', async () => {
  const large = await tree(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`file-${i}`, 'x'])));
  for (const [limits, says] of [
    [{ bytes: 10_000, ms: 60_000 }, 'it says too much'],
    [{ bytes: 10_000_000, ms: 0 }, 'it takes too long'],
  ] as const) {
    const differ = openTreeDiffer(scratch, limits);
    const failure = await differ.between([{ from: NOTHING, to: large }]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'GIT_FAILED', cause: { message: says } });
    differ.close();
  }
  const differ = openTreeDiffer(scratch, { bytes: 10_000_000, ms: 60_000 });
  expect((await differ.between([{ from: NOTHING, to: large }]))[0]).toHaveLength(2000);
  differ.close();
});
