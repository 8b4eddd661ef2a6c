import { existsSync } from 'node:fs';
import { chmod, link, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Place } from '../place.ts';
import type { Installed } from './installed.ts';
import { gitHookScript } from './scripts/git-hook.ts';

/**
 * Puts a hook in place for the commit that is being made, unless one is there: one of the user's keeps running alone,
 * and the record is then bound by whatever comes next.
 */
export async function armHook(place: Place, name: 'post-commit' | 'commit-msg'): Promise<void> {
  const installed = await readFile(place.installed, 'utf8').catch(() => null);
  if (installed === null) return;
  const { hooksDir, mode, paths } = JSON.parse(installed) as Installed;
  // In a repository that was moved or copied since, the hooks are beside our folder, as git finds them.
  const forwarding = existsSync(hooksDir) ? hooksDir : place.hooks;
  const path = join(mode === 'forward' ? forwarding : join(dirname(place.dir), 'hooks'), name);
  // Mostly it is still there from the commit before.
  if (!existsSync(path)) await putHook(path, gitHookScript(name, paths));
}

async function putHook(path: string, script: string): Promise<void> {
  // git would run a hook that is there in part, when a kill or a full disk cut it short.
  const whole = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(whole, script, { mode: 0o755, flag: 'wx' });
    await chmod(whole, 0o755);
    await link(whole, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(whole).catch(() => undefined);
  }
}
