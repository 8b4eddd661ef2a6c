import { findRepository } from '../git/repository.ts';
import type { Ended } from './start.ts';
import { COMMANDS } from './table.ts';
import { REVERT } from './table-revert.ts';

/** Where commands start. */
export async function main(argv: readonly string[]): Promise<Ended> {
  // Commands work on a repository: git looks for it while what reads their flags is loaded. (A -C would come first.)
  const repository = [...COMMANDS, REVERT].some(({ name }) => name === argv[0])
    ? findRepository({ cwd: process.cwd() })
    : null;
  // Whoever awaits it hears of a failure.
  repository?.catch(() => undefined);
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, repository);
}
