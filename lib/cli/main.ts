import type { Ended } from './start.ts';

/**
 * Where both programs start. Hooks take a way of their own: they run inside a commit, and load only what that takes.
 */
export async function main(argv: readonly string[]): Promise<Ended> {
  if (argv[0] === 'hook') {
    const { runHook } = await import('./hook.ts');
    return runHook(argv.slice(1));
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(argv);
}
