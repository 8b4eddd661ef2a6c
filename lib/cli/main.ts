import { findRepository } from '../git/repository/repository.ts';
import type { Ended } from './start.ts';
import { REVERT } from './table/revert.ts';
import { COMMANDS } from './table/table.ts';

/** Where commands start. */
export async function main(argv: readonly string[]): Promise<Ended> {
  const [command, hook] = argv;
  if (command === 'hook' && (hook === 'pre-receive' || hook === 'update'))
    return (await import('./entry/server-hook.ts')).serverHook(hook, argv.slice(2));
  // Commands work on a repository: git looks for it while what reads their flags is loaded.
  const repository = worksHere(argv) ? findRepository({ cwd: process.cwd() }) : null;
  // Whoever awaits it hears of a failure.
  repository?.catch(() => undefined);
  const { runProgram } = await import('./table/program.ts');
  return runProgram(argv, repository);
}

/** Whether the folder this process is in is that of the command. */
function worksHere([name, ...words]: readonly string[]): boolean {
  if (words.some((word) => word.startsWith('-C'))) return false;
  return [REVERT, ...COMMANDS].some((command) => command.name === name);
}
