import type { Scratch } from '../../git/objects/scratch.ts';
import { gitEnvironment } from '../../git/process/runner.ts';
import { passes, shellCommand } from '../running/run-command.ts';
import { inWorktree, treeOf } from '../running/worktree.ts';

/** The user's own formatter, from local configuration: it is given the files to format as arguments. */
export interface Formatter {
  readonly command: string;
  readonly limit: number;
  readonly hear: (text: string) => void;
}

/** A tree with some of its files as the formatter leaves them; null where it fails. The files it is given are all that counts. */
export function formatFiles(
  scratch: Scratch,
  tree: string,
  paths: readonly string[],
  { command, limit, hear }: Formatter,
): Promise<string | null> {
  return inWorktree(scratch, tree, async (worktree) => {
    const cwd = worktree.dir;
    // Behind a dot and a slash no name is a flag.
    const args = paths.map((path) => `./${path}`);
    const env = gitEnvironment({ cwd, foreign: true });
    if (!(await passes(shellCommand(command, { cwd, env, limit, hear, args })))) return null;
    return treeOf(
      scratch,
      worktree,
      paths.map((path) => `:(top,literal)${path}`),
    );
  });
}
