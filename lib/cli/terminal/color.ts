import { runGit } from '../../git/process/runner.ts';
import { isTerminal } from './write-out.ts';

/** Colour only on a terminal, and not when NO_COLOR, --no-color or git's color.ui say otherwise. */
export async function wantsColor(cwd: string, allowed: boolean): Promise<boolean> {
  const onTerminal = isTerminal() || process.env['GIT_PAGER_IN_USE'] === 'true';
  if (!allowed || !onTerminal || process.env['NO_COLOR']) return false;
  const { stdout } = await runGit({ cwd }, { args: ['config', '--get', 'color.ui'], okCodes: [1, 128] });
  return !/^(false|never|no|off|0)$/i.test(stdout.toString('utf8').trim());
}
