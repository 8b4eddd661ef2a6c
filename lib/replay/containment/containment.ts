import { lchown, lstat, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder } from '../../git/process/own-folder.ts';
import { bubblewrapArgs } from './bubblewrap.ts';
import { CELL_HOME, type Cell, placeFor } from './cell.ts';
import { DEFAULT_LIMITS, type Limits, limitedCommand } from './limits.ts';
import { type Ended, runLimited } from './run-limited.ts';
import { unshareArgs } from './unshare.ts';

/** What keeps recorded commands from the network, from other processes and from the rest of the disk. */
export type ContainmentName = 'bubblewrap' | 'unshare';

/** Runs commands shut in. */
export interface Containment {
  readonly name: ContainmentName;
  readonly run: (cell: Cell, limits: Limits, argv: readonly string[]) => Promise<Ended>;
}

export const CONTAINMENTS: readonly ContainmentName[] = ['bubblewrap', 'unshare'];
const PROBE_MS = 5000;
/** A user that owns nothing: root would not be held to a number of processes. */
const NOBODY = 65_534;

/** The best containment that works on this machine, tried out; null where none does, and then no recorded command is run. */
export async function findContainment(
  names: readonly ContainmentName[] = CONTAINMENTS,
): Promise<Containment | null> {
  for (const name of names) {
    const containment: Containment = { name, run: (cell, limits, argv) => runIn(name, cell, limits, argv) };
    if (await works(containment)) return containment;
  }
  return null;
}

/** A folder that cells may write. */
export async function makeCellFolder(): Promise<string> {
  const folder = await makeOwnFolder('replay');
  await giveAway(folder);
  return folder;
}

/** Whose files a cell's are; null where they are ours. */
export function userOfCells(): number | null {
  return process.getuid?.() === 0 ? NOBODY : null;
}

/** Gives a file, or a folder and all in it, to whom cells run as. What a link leads to is not given away. */
export async function giveAway(path: string): Promise<void> {
  const user = userOfCells();
  if (user === null) return;
  await lchown(path, user, user);
  const folders = (await isFolder(path)) ? [path] : [];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for await (const entry of await opendir(folder)) {
      const below = join(folder, entry.name);
      await lchown(below, user, user);
      if (entry.isDirectory()) folders.push(below);
    }
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path)).isDirectory();
}

/** That it starts is not enough: what this process has must be out of sight, and the system not to be written. */
async function works(containment: Containment): Promise<boolean> {
  const work = await makeCellFolder();
  try {
    const at = placeFor(null);
    const cell: Cell = { work, at, cwd: at, reads: [], env: { HOME: CELL_HOME, PATH: '/usr/bin:/bin' } };
    const probe = '[ ! -e "$1" ] && [ ! -w /usr ] && : > here';
    const argv = ['/bin/sh', '-c', probe, 'sh', work];
    const { how, code } = await containment.run(cell, { ...DEFAULT_LIMITS, milliseconds: PROBE_MS }, argv);
    return how === 'exit' && code === 0;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runIn(
  name: ContainmentName,
  cell: Cell,
  limits: Limits,
  argv: readonly string[],
): Promise<Ended> {
  const limited = limitedCommand(limits, argv);
  const run = (program: string, args: readonly string[]): Promise<Ended> =>
    runLimited({ program, args, user: userOfCells(), fills: cell.work }, limits);
  if (name === 'bubblewrap') return run('/usr/bin/bwrap', bubblewrapArgs(cell, limits.diskBytes, limited));
  const mount = await makeCellFolder();
  try {
    return await run('/usr/bin/setpriv', unshareArgs(cell, limits.diskBytes, mount, limited));
  } finally {
    await rm(mount, { recursive: true, force: true });
  }
}
