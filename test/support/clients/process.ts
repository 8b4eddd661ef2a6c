import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const KILL_GRACE_MS = 2000;

/** What a started program left behind. */
export interface Finished {
  /** Null when a signal ended it. */
  exitCode: number | null;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

export interface ProcessPlace {
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
}

/** Runs a program to its end or to the time limit. A program that cannot be started counts as one that failed. */
export async function runProgram(
  program: string,
  programArguments: readonly string[],
  { cwd, env, timeoutMs }: ProcessPlace,
): Promise<Finished> {
  const options: SpawnOptions = { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] };
  const child = spawn(program, [...programArguments], options);
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child);
  }, timeoutMs);
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null];
    return { exitCode, timedOut, stdout: stdout.join(''), stderr: stderr.join('') };
  } catch (error) {
    return { exitCode: null, timedOut, stdout: stdout.join(''), stderr: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** The pieces as they come, so that what was said before a kill is not lost. */
function gather(stream: Readable | null): string[] {
  const pieces: string[] = [];
  stream?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  return pieces;
}

/**
 * Ends the group we made with `detached`: the relay, the client, and nothing we did not start. A grandchild that left
 * the group may still hold the pipes, so they are let go as well.
 */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => {
    signalGroup(pid, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, KILL_GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which is what was wanted.
  }
}
