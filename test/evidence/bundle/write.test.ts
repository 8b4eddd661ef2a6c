import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeBundle } from '../../../lib/evidence/bundle/write.ts';

const file = (path: string): { path: string; bytes: Buffer } => ({ path, bytes: Buffer.from(path) });

async function folder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'agent-log-write-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

it('a bundle that can not be written whole is not there at all', async () => {
  const root = await folder();
  // No folder can be where a file is.
  const files = [file('a'), file('b'), file('a/c')];
  await expect(writeBundle(join(root, 'bundle'), files)).rejects.toMatchObject({ code: 'IO_FAILED' });
  expect(await readdir(root)).toEqual([]);
});

it('nothing that is there is written over: no file, no full folder, nothing a link leads to', async () => {
  const root = await folder();
  await writeFile(join(root, 'bundle.zip'), 'mine');
  await mkdir(join(root, 'full', 'of'), { recursive: true });
  await symlink('elsewhere', join(root, 'link'));
  for (const name of ['bundle.zip', 'full', 'link'])
    await expect(writeBundle(join(root, name), [file('a')])).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  expect(await readFile(join(root, 'bundle.zip'), 'utf8')).toBe('mine');
  expect((await readdir(root)).sort()).toEqual(['bundle.zip', 'full', 'link']);
});

it('an empty folder becomes the bundle', async () => {
  const root = await folder();
  await mkdir(join(root, 'bundle'));
  await writeBundle(join(root, 'bundle'), [file('README.md'), file('records/x.jsonl')]);
  expect((await readdir(join(root, 'bundle'), { recursive: true })).sort()).toEqual([
    'README.md',
    'records',
    'records/x.jsonl',
  ]);
});
