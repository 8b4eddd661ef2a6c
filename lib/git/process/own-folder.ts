import { lstat, mkdtemp, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './is-alive.ts';

type FolderUse = 'replay' | 'rerun' | 'scratch';

const NAME = /^agent-log-(?:replay|rerun|scratch)-(\d+)-(\d+)-\w+$/;

/** A temporary folder of our own that nobody else may look into. Its name says which process made it. */
export async function makeOwnFolder(use: FolderUse): Promise<string> {
  const name = `agent-log-${use}-${await processSpace()}-${process.pid}-`;
  return mkdtemp(join(await realpath(tmpdir()), name));
}

/**
 * Takes away what processes left that were killed before they could. Of somebody else's folder called so, whose owner is none of
 * `owners`, nothing is touched: it could change under our hands.
 */
export async function removeLeftFolders(owners: readonly (number | null | undefined)[]): Promise<void> {
  const [temporary, space] = await Promise.all([realpath(tmpdir()), processSpace()]);
  for (const name of await readdir(temporary)) {
    const [, made, pid] = NAME.exec(name) ?? [];
    if (made !== space || isAlive(Number(pid))) continue;
    const path = join(temporary, name);
    const found = await lstat(path).catch(() => null);
    // What can't be taken away now keeps nobody from their replay, and goes with a later one.
    if (found?.isDirectory() === true && owners.includes(found.uid))
      await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** Ids of processes mean something in one container, which may share its temporary folder with others. */
async function processSpace(): Promise<string> {
  const link = await readlink('/proc/self/ns/pid').catch(() => '');
  return /\d+/.exec(link)?.[0] ?? '0';
}
