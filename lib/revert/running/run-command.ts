import { spawn } from 'node:child_process';
import { endGroup } from '../../git/process/end-group.ts';

/** A program of the user's own, as a value. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds after which it counts as failed. */
  readonly limit: number;
  /** What it prints. */
  readonly hear: (text: string) => void;
}

/** A command for a shell; `args` are its `"$@"`, whatever characters they have. */
export function shellCommand(
  line: string,
  rest: Omit<Command, 'program' | 'args'> & { readonly args?: readonly string[] },
): Command {
  return { ...rest, program: 'sh', args: ['-c', line, 'sh', ...(rest.args ?? [])] };
}

const LAST_WORDS_MS = 200;

/** Runs a program to its end, with all it started. True when it exits with 0 in time; false also where there is none. */
export function passes({ program, args, cwd, env, limit, hear }: Command): Promise<boolean> {
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that whatever it has started ends with it.
    detached: true,
  });
  child.stdout.on('data', (chunk: Buffer) => hear(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => hear(chunk.toString('utf8')));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      hear(`ended after ${limit / 1000} seconds\n`);
      endGroup(child.pid);
    }, limit);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (error.code !== 'ENOENT') return reject(error);
      hear(`${program} is not installed\n`);
      resolve(false);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      const end = (): void => resolve(code === 0);
      // What it said last may still be in the pipe; what it left running may hold that open.
      const late = setTimeout(end, LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(late);
        end();
      });
    });
  });
}
