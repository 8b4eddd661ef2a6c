import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OpenOptions } from '../../capture/transaction/manual.ts';
import { AgentLogError } from '../../core/errors.ts';
import { claimsProblem } from '../../identity/ci-identity.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';

/** The flags `begin` and `run` share. */
export async function readOpenFlags(io: Io, flags: Flags): Promise<OpenOptions> {
  const sponsor = textFlag(flags, 'sponsor');
  const problem = sponsor === undefined ? claimsProblem(io.env) : null;
  if (problem !== null) io.say(`warning: ${problem}, so they name no sponsor\n`);
  return {
    task: await readTask(io, textFlag(flags, 'task')),
    taskRef: textFlag(flags, 'taskRef'),
    sponsor,
    agent: textFlag(flags, 'agent'),
    model: textFlag(flags, 'model'),
  };
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The words of a flag that may be given more than once. */
export function listFlag(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** A task as given, or what the file after an `@` holds. Throws BAD_ARGUMENT when there is none. */
export async function readTask(io: Io, task: string | undefined): Promise<string> {
  if (task === undefined || task.trim() === '') {
    throw new AgentLogError('BAD_ARGUMENT', 'usage', 'a transaction needs a task', {
      hints: ['--task "what the agent is asked to do", or --task @FILE.'],
    });
  }
  if (!task.startsWith('@')) return task;
  const path = resolve(io.cwd, task.slice(1));
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AgentLogError('BAD_ARGUMENT', 'usage', `the task file can't be read: ${path}`, {
      cause,
      hints: ['After @ comes a file; without it, the text itself is the task.'],
    });
  });
}
