import { chmod, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from '../place.ts';
import type { Installed } from './installed.ts';
import { gitHookScript } from './scripts.ts';

/**
 * Puts a hook in place for the commit that is being made, unless one is there: one of the user's keeps running alone,
 * and the record is then bound by whatever comes next.
 */
export async function armHook(place: Place, name: 'post-commit' | 'commit-msg'): Promise<void> {
  const installed = await readFile(place.installed, 'utf8').catch(() => null);
  if (installed === null) return;
  const { hooksDir, paths } = JSON.parse(installed) as Installed;
  const path = join(hooksDir, name);
  try {
    const file = await open(path, 'wx', 0o755);
    await file.writeFile(gitHookScript(name, paths));
    await file.close();
    await chmod(path, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
