import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { gitEnvironment } from '../process/environment.ts';
import { REPOSITORY_QUERY } from './repository-query.ts';

export type BatchProcess = ChildProcessByStdio<Writable, Readable, null>;

/** Git at work around a folder: what we started, or what was started before us and left to us. */
export type Asking = Started | Held;

/** It says which repository that is, and then what the objects are that it was asked for. */
export interface Started {
  readonly cwd: string;
  readonly child: BatchProcess;
  /** Names of objects it was asked for, in this order. */
  readonly names: readonly string[];
}

/** What it says and is asked through was left to us as open files. */
export interface Held {
  readonly cwd: string;
  readonly child: null;
}

/** What is asked stands in its arguments: the text is the same whatever they are. */
const ASK_THEN_READ = `git "$@" </dev/null; printf '\\0\\0%d\\n' $?; exec git -c core.warnAmbiguousRefs=false cat-file --batch-command`;

/**
 * Starts one process of ours that asks git: a shell starts git faster than Node does, and the second git while we still read
 * what the first one said. Of names that hold a line feed nothing is asked.
 */
export function startAsking(cwd: string, wanted: readonly string[]): Started {
  const child = spawn('/bin/sh', ['-c', ASK_THEN_READ, 'sh', ...REPOSITORY_QUERY], {
    cwd,
    env: gitEnvironment({ cwd }),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Whoever waits for an answer hears that it ended.
  child.stdin.on('error', () => undefined);
  const names = wanted.filter((name) => !/[\n\0]/.test(name));
  if (names.length > 0) child.stdin.write(names.map(contentsOf).join(''));
  return { cwd, child, names };
}

/** How `git cat-file --batch-command` is asked for an object. */
export function contentsOf(name: string): string {
  return `contents ${name}\n`;
}
