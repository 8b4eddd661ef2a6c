import { existsSync } from 'node:fs';
import { chmod, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  const { hooksDir, mode, paths } = JSON.parse(installed) as Installed;
  // In a repository that was moved since, the hooks are beside our folder, as git finds them.
  const beside = mode === 'forward' ? place.hooks : join(dirname(place.dir), 'hooks');
  await putHook(join(existsSync(hooksDir) ? hooksDir : beside, name), gitHookScript(name, paths));
}

async function putHook(path: string, script: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o755);
    await file.writeFile(script);
    await file.close();
    await chmod(path, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
