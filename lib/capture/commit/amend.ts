import { commandLine } from './command-line.ts';

/** git commit's options that take the next word as their value, alone or at the end of a cluster (`-am`). */
const TAKES_VALUE =
  /^(?:-[a-zA-Z]*[mFCct]|--(?:message|file|reuse-message|reedit-message|template|author|date|fixup|squash|trailer|cleanup|pathspec-from-file))$/;

/**
 * True when the commit being made replaces HEAD. git tells its hook of `--amend` only without `-m` and `-F`, and then
 * says the same for `-C HEAD`; the command line of the git that runs the hook tells them apart where the platform
 * shows it. Elsewhere an amend is taken to be meant, being what people do.
 */
export async function isAmend(hookArgs: readonly string[], gitPid: string | null): Promise<boolean> {
  const [, source, from] = hookArgs;
  const reused = source === 'commit' && from === 'HEAD';
  if (!reused && source !== 'message') return false;
  const words = gitPid === null ? null : await commandLine(gitPid);
  return words === null ? reused : asksToAmend(words);
}

/** Whether a git command line has `--amend` (or what git takes for it) as an option, not as the value of one. */
export function asksToAmend(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words
    .slice(0, end < 0 ? words.length : end)
    .some((word, i, options) => /^--am(?:e|en|end)?$/.test(word) && !TAKES_VALUE.test(options[i - 1] ?? ''));
}
