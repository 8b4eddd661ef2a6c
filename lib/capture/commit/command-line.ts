import { readFile } from 'node:fs/promises';

/** The words a process was started with, where the platform shows them; null elsewhere. */
export async function commandLine(pid: string): Promise<string[] | null> {
  if (!/^\d+$/.test(pid)) return null;
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return text === null ? null : text.split('\0');
}

/** Whether a `git push` command line only asks what would be done: git runs its hook all the same. */
export function asksForDryRun(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words
    .slice(0, end < 0 ? words.length : end)
    .some((word) => /^--dr(?:y(?:-(?:r(?:un?)?)?)?)?$/.test(word) || /^-[dfquv46]*n[dfnoquv46]*$/.test(word));
}
