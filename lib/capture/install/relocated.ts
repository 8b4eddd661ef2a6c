import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { type Place, placeAt } from '../place.ts';
import type { FileChange, Installed } from './installed.ts';

/**
 * What `init` did, in the places it has now: a repository may have been moved or copied since. Of a copy nothing outside of it is told, for
 * that is the original's, which still needs it.
 */
export async function relocated(installed: Installed, place: Place): Promise<Installed> {
  const { dir } = installed.paths;
  if (dir === place.dir || (await isSame(dir, place.dir))) return installed;
  const here = movedPath(dir, place.dir);
  const isCopy = existsSync(placeAt(dir).installed);
  const { userHooks } = installed.paths;
  return {
    ...installed,
    movedFrom: dir,
    hooksDir: here(installed.hooksDir) ?? installed.hooksDir,
    paths: {
      ...installed.paths,
      dir: place.dir,
      userHooks: userHooks === null ? null : (here(userHooks) ?? userHooks),
    },
    changes: installed.changes.flatMap((change) => movedChange(change, here, isCopy)),
  };
}

/** Where something of the repository is now; null for what never was in it. */
type MovedPath = (path: string) => string | null;

function movedChange(change: FileChange, here: MovedPath, isCopy: boolean): FileChange[] {
  const path = here(change.path);
  if (path === null) return isCopy ? [] : [change];
  const folder = change.folder === undefined ? null : here(change.folder);
  return [{ ...change, path, ...(folder === null ? {} : { folder }) }];
}

/** The git directory goes along whole, and so does the worktree it lies in. */
function movedPath(from: string, to: string): MovedPath {
  const [was, is] = [dirname(from), dirname(to)];
  const roots: [string, string][] = [[was, is]];
  if (basename(was) === '.git' && basename(is) === '.git') roots.push([dirname(was), dirname(is)]);
  return (path) => {
    for (const [old, now] of roots)
      if (path === old || path.startsWith(old + sep)) return now + path.slice(old.length);
    return null;
  };
}

/** Two names of one folder: a link leads there, or the environment names it otherwise. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => null)));
  return a !== null && a === b;
}
