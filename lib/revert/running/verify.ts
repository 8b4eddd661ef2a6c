import type { Scratch } from '../../git/objects/scratch.ts';
import { gitEnvironment } from '../../git/process/runner.ts';
import { passes, shellCommand } from './run-command.ts';
import { inWorktree } from './worktree.ts';

export interface VerifyOptions {
  /** The user's own command, for a shell: from a flag or local configuration, never from the repository. */
  readonly command: string;
  /** Milliseconds after which it counts as failed. */
  readonly limit: number;
  /** What the command prints. */
  readonly hear: (text: string) => void;
}

/** Runs a command in a worktree of its own that holds a tree. True when it exits with 0 in time. */
export async function verifyTree(scratch: Scratch, tree: string, options: VerifyOptions): Promise<boolean> {
  return inWorktree(scratch, tree, ({ dir }) =>
    passes(
      shellCommand(options.command, {
        cwd: dir,
        env: gitEnvironment({ cwd: dir, foreign: true }),
        limit: options.limit,
        // Names from the top, as somebody who reads it would look for them.
        hear: (text) => options.hear(text.replaceAll(`${dir}/`, '')),
      }),
    ),
  );
}

/** A verify command that is run once for each tree, and what it said of it. */
export interface Verifier {
  readonly passes: (tree: string) => Promise<boolean>;
  readonly said: (tree: string) => string;
}

const LONGEST_SAYING = 1024 * 1024;

export function verifierFor(scratch: Scratch, options: VerifyOptions): Verifier {
  const known = new Map<string, Promise<boolean>>();
  const sayings = new Map<string, string>();
  const hear = (tree: string) => (text: string) => {
    const before = sayings.get(tree) ?? '';
    if (before.length < LONGEST_SAYING) sayings.set(tree, before + text);
    options.hear(text);
  };
  return {
    passes: (tree) => {
      const result = known.get(tree) ?? verifyTree(scratch, tree, { ...options, hear: hear(tree) });
      known.set(tree, result);
      return result;
    },
    said: (tree) => sayings.get(tree) ?? '',
  };
}
