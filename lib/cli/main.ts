import { findRepository } from '../git/repository.ts';
import type { Ended } from './start.ts';
import { COMMANDS } from './table.ts';

/**
 * Where both programs start. Hooks take a way of their own: they run inside a commit, and load only what that takes.
 */
export async function main(argv: readonly string[]): Promise<Ended> {
  if (argv[0] === 'hook') {
    const { runHook } = await import('./hook.ts');
    return runHook(argv.slice(1));
  }
  // Commands work on a repository: git looks for it while what reads their flags is loaded. (A -C would come first.)
  const repository = COMMANDS.some(({ name }) => name === argv[0])
    ? findRepository({ cwd: process.cwd() })
    : null;
  // Whoever awaits it hears of a failure.
  repository?.catch(() => undefined);
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, repository);
}
