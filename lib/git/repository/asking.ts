import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { FLUSH } from '../objects/batch-pipe.ts';
import { gitEnvironment } from '../process/environment.ts';
import { WAIT_FOR_GIT } from '../process/waiting.ts';
import { configQuery, settingsUnder } from './config-query.ts';
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
  /** What it says between the two. */
  readonly question: readonly string[] | null;
  /** Shells that wait to become git, beside it. */
  readonly waiting: readonly Duplex[];
}

/** What it says and is asked through was left to us as open files. */
export interface Held {
  readonly cwd: string;
  readonly child: null;
}

/** What is asked stands in its arguments: the text is the same whatever they are. */
const ANSWER = `answer() {
git "$@" </dev/null
printf '\\0\\0%d\\n' $?
}`;
const READ = 'exec git -c core.warnAmbiguousRefs=false cat-file --batch-command --buffer';
const ASK_THEN_READ = `${ANSWER}
answer "$@"
${READ}`;

/** Shells that wait. */
const WAITING = 3;

/** Whose settings are asked for. */
const OURS = ['agentlog'];

/**
 * Three shells that wait, none of which has the others' ends of their pipes: it would keep them open. Settings are asked as well,
 * those that are like the first word.
 */
const ASK_AND_WAIT = `${ANSWER}
${WAIT_FOR_GIT}
(exec <&3 >&3 3>&- 4>&- 5>&-; wait_for_git) &
(exec <&4 >&4 3>&- 4>&- 5>&-; wait_for_git) &
(exec <&5 >&5 3>&- 4>&- 5>&-; wait_for_git) &
exec 3>&- 4>&- 5>&-
settings=$1
shift
answer "$@"
answer config -z --get-regexp "$settings"
${READ}`;

/**
 * Starts one process of ours that asks git: a shell starts git faster than Node does, and the second git while we still read
 * what the first one said. Of names that hold a line feed nothing is asked.
 */
export function startAsking(cwd: string, wanted: readonly string[]): Started {
  const child = started(cwd, [ASK_THEN_READ, 'sh', ...REPOSITORY_QUERY], 0);
  return asked(child, { cwd, names: wanted, question: null, waiting: [] });
}

/** The same for what starts git several times, and asks for our settings. */
export function startAskingMore(cwd: string, wanted: readonly string[]): Started {
  const child = started(cwd, [ASK_AND_WAIT, 'sh', settingsUnder(OURS), ...REPOSITORY_QUERY], WAITING);
  const waiting = child.stdio.slice(-WAITING) as unknown as Duplex[];
  return asked(child, { cwd, names: wanted, question: configQuery(OURS), waiting });
}

function started(cwd: string, words: readonly string[], waiting: number): BatchProcess {
  const stdio = [
    'pipe',
    'pipe',
    'ignore',
    ...Array.from({ length: waiting }, () => 'pipe' as const),
  ] as const;
  return spawn('/bin/sh', ['-c', ...words], {
    cwd,
    env: gitEnvironment({ cwd }),
    stdio: [...stdio],
  }) as BatchProcess;
}

function asked(child: BatchProcess, asking: Omit<Started, 'child'>): Started {
  // Whoever waits for an answer hears that it ended.
  child.stdin.on('error', () => undefined);
  const names = asking.names.filter((name) => !/[\n\0]/.test(name));
  if (names.length > 0) child.stdin.write(`${names.map(contentsOf).join('')}${FLUSH}`);
  return { ...asking, child, names };
}

/** How `git cat-file --batch-command` is asked for an object. */
export function contentsOf(name: string): string {
  return `contents ${name}\n`;
}
