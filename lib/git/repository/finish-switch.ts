import { lstat, readFile, readlink, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diffEntries, type Entry, type EntryDiff } from '../diffs/entry-diff.ts';
import { runGit } from '../process/runner.ts';
import type { Repository } from './repository.ts';
import type { TreeSwitch } from './switch-tree.ts';

const SUBMODULE = '160000';
const LINK = '120000';

/**
 * Brings the paths two trees differ in to one of them, in index and worktree, where a switch between the two was cut off
 * anywhere. What is in the worktree there and is neither of the two, nor the beginning of one, is somebody's own: it stays as it
 * is, and is named. Run twice it changes nothing.
 */
export async function finishSwitch(
  repo: Repository,
  { from, to }: TreeSwitch,
  target: 'from' | 'to',
): Promise<string[]> {
  const { top } = repo;
  if (top === null || from === to) return [];
  const wanted: Wanted[] = [];
  const theirs: string[] = [];
  for await (const diff of diffEntries(repo, from, to)) {
    if (await isOurs(repo, top, diff)) wanted.push({ path: diff.path, entry: diff[target] });
    else theirs.push(Buffer.from(diff.path, 'latin1').toString('utf8'));
  }
  await runGit(repo, {
    args: ['update-index', '-z', '--add', '--remove', '--index-info'],
    stdin: Buffer.from(wanted.map((one) => indexLine(one, from.length)).join(''), 'latin1'),
    env: LOCKING,
  });
  for (const { path, entry } of wanted) if (entry === null) await removeFrom(top, path);
  await checkOut(
    repo,
    wanted.filter(({ entry }) => entry !== null && entry.mode !== SUBMODULE),
  );
  return theirs;
}

const LOCKING = { GIT_OPTIONAL_LOCKS: '1' };

/** A path as bytes in latin1, and what it should be; null for nothing. */
interface Wanted {
  readonly path: string;
  readonly entry: Entry | null;
}

function indexLine({ path, entry }: Wanted, oidLength: number): string {
  return entry === null ? `0 ${'0'.repeat(oidLength)}\t${path}\0` : `${entry.mode} ${entry.oid}\t${path}\0`;
}

async function checkOut(repo: Repository, wanted: readonly Wanted[]): Promise<void> {
  if (wanted.length === 0) return;
  const stdin = Buffer.from(wanted.map(({ path }) => `${path}\0`).join(''), 'latin1');
  await runGit(repo, { args: ['checkout-index', '-f', '-u', '-q', '-z', '--stdin'], stdin, env: LOCKING });
}

/** Whether nothing is lost when the path is written: nothing is there, or one of the two, or what was written of it. */
async function isOurs(repo: Repository, top: string, { path, from, to }: EntryDiff): Promise<boolean> {
  if (await isBehindLink(top, path)) return false;
  const file = pathIn(top, path);
  const info = await lstat(file).catch(() => null);
  // In the place of a folder a checkout puts a file only when nothing is in it.
  if (info === null || info.isDirectory()) return true;
  const entries = [from, to].filter((entry) => entry !== null);
  if (info.isSymbolicLink()) {
    const target = await readlink(file, 'buffer');
    const links = entries.filter(({ mode }) => mode === LINK);
    return anyOf(links, async (entry) => (await blob(repo, entry, null)).equals(target));
  }
  const content = await readFile(file);
  const files = entries.filter(({ mode }) => mode !== LINK && mode !== SUBMODULE);
  return anyOf(
    files,
    async (entry) =>
      isBeginning(content, await blob(repo, entry, null)) ||
      isBeginning(content, await blob(repo, entry, path)),
  );
}

function isBeginning(part: Buffer, whole: Buffer): boolean {
  return part.length <= whole.length && whole.subarray(0, part.length).equals(part);
}

/** With a path as it would be checked out there: line ends and filters are the user's. */
async function blob(repo: Repository, { oid }: Entry, path: string | null): Promise<Buffer> {
  const how =
    path === null ? ['blob'] : ['--filters', `--path=${Buffer.from(path, 'latin1').toString('utf8')}`];
  return (await runGit(repo, { args: ['cat-file', ...how, oid] })).stdout;
}

async function anyOf<T>(all: readonly T[], is: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (await is(one)) return true;
  return false;
}

/** A folder somebody replaced by a link since leads to places that are none of ours. */
async function isBehindLink(top: string, path: string): Promise<boolean> {
  const parts = path.split('/').slice(0, -1);
  for (let count = 1; count <= parts.length; count++) {
    const info = await lstat(pathIn(top, parts.slice(0, count).join('/'))).catch(() => null);
    if (info !== null && !info.isDirectory()) return info.isSymbolicLink();
  }
  return false;
}

/** Takes a file away, and the folders above it that are empty then. */
async function removeFrom(top: string, path: string): Promise<void> {
  const file = pathIn(top, path);
  const info = await lstat(file).catch(() => null);
  if (info === null || info.isDirectory()) return;
  await rm(file, { force: true });
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    const gone = await rmdir(join(top, Buffer.from(folder, 'latin1').toString('utf8'))).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

function pathIn(top: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${top}/`), Buffer.from(path, 'latin1')]);
}
