/**
 * Where both programs start. Hooks take a way of their own: they run inside a commit, and load only what that takes.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const { enableCompileCache } = (await import('node:module')) as { enableCompileCache?: () => unknown };
  // From Node 22 on; it halves what loading our own modules costs.
  enableCompileCache?.();
  if (argv[0] === 'hook') {
    const { runHook } = await import('./hook.ts');
    // Everything is written and synced by now: a git process that only has to end must not keep the commit waiting.
    process.exit(await runHook(argv.slice(1)));
  } else {
    const { runProgram } = await import('./program.ts');
    const code = await runProgram(argv);
    // Everything is said: a git process that only has to end must not keep the reader waiting.
    process.stdout.write('', () => process.exit(code));
  }
}
