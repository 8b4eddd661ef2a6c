import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeOwnFolder, removeLeftFolders } from '../../../lib/git/process/own-folder.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'own-folder-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(temporary, { recursive: true, force: true });
});

/** What a folder of ours would be called if another process had made it. */
function calledBy(own: string, pid: number): string {
  return join(temporary, basename(own).replace(`-${process.pid}-`, `-${pid}-`));
}

it('what a killed process left goes, and what a running one has stays', async () => {
  const own = await makeOwnFolder('rerun');
  const { pid: gone } = spawnSync('true');
  const [left, running] = [calledBy(own, gone), calledBy(own, process.ppid)];
  for (const folder of [left, running]) await mkdir(join(folder, 'below'), { recursive: true });
  await writeFile(join(left, 'below', 'prompts.json'), 'said');
  await removeLeftFolders([process.getuid?.()]);
  expect([left, running, own].map((folder) => existsSync(folder))).toEqual([false, true, true]);
});

it("attack: a link called so, somebody else's folder, and one of another container: nothing is touched", async () => {
  const own = await makeOwnFolder('scratch');
  const { pid: gone } = spawnSync('true');
  const victim = join(temporary, 'victim');
  await mkdir(victim);
  await writeFile(join(victim, 'file'), 'mine');
  const left = calledBy(own, gone);
  await symlink(victim, left);
  await removeLeftFolders([process.getuid?.()]);
  expect([existsSync(join(victim, 'file')), existsSync(left)]).toEqual([true, true]);
  await rm(left);
  const elsewhere = left.replace(/scratch-\d+-/, 'scratch-1-');
  await Promise.all([mkdir(left), mkdir(elsewhere)]);
  await removeLeftFolders([4_000_000_000]);
  await removeLeftFolders([null, undefined]);
  expect(existsSync(left)).toBe(true);
  await removeLeftFolders([process.getuid?.()]);
  expect([existsSync(left), existsSync(elsewhere)]).toEqual([false, true]);
});
