import { findRepository } from '../git/repository.ts';
import type { Ended } from './start.ts';
import { COMMANDS } from './table.ts';
import { REVERT } from './table-revert.ts';

/** Where commands start. */
export async function main(argv: readonly string[]): Promise<Ended> {
  const [command, hook] = argv;
  if (command === 'hook' && (hook === 'pre-receive' || hook === 'update'))
    return (await import('./server-hook.ts')).serverHook(hook, argv.slice(2));
  // Commands work on a repository: git looks for it while what reads their flags is loaded.
  const repository = worksHere(argv) ? findRepository({ cwd: process.cwd() }) : null;
  // Whoever awaits it hears of a failure.
  repository?.catch(() => undefined);
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, repository);
}

/** Whether the folder this process is in is that of the command: a -C comes first, but for agent-revert, which has its own. */
function worksHere([name, ...words]: readonly string[]): boolean {
  if (name === REVERT.name) return !words.some((word) => word.startsWith('-C'));
  return COMMANDS.some((command) => command.name === name);
}
