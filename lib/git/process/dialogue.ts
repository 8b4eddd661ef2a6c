import { spawn } from 'node:child_process';
import { type GitPlace, gitEnvironment } from './environment.ts';

/** A git that is asked on its stdin again and again. What it says on stderr is not heard. */
export interface Dialogue {
  /** `take` is given what it says, `fail` is told once it has ended, whyever. */
  listen(take: (chunk: Buffer) => void, fail: (cause: unknown) => void): void;
  say(text: string): void;
  /** It is asked nothing more, and ends. */
  close(): void;
  /** Ends it, whatever it is at. */
  kill(): void;
}

/** Starts git where nothing but its end tells how it went: by a shell that waits for that, if there is one. */
export function startDialogue(
  place: GitPlace,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Dialogue {
  const socket = place.waiting?.start(place, { args, env, stdin: null }) ?? null;
  if (socket !== null)
    return {
      listen(take, fail) {
        socket.on('data', take);
        socket.once('close', () => fail(new Error('it ended')));
      },
      say: (text) => void socket.write(text),
      close: () => void socket.end(),
      kill: () => void socket.destroy(),
    };
  const child = spawn('git', args, {
    cwd: place.cwd,
    env: gitEnvironment(place, env),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return {
    listen(take, fail) {
      child.stdout.on('data', take);
      child.stdin.on('error', () => undefined);
      child.once('error', fail);
      child.once('close', () => fail(new Error('it ended')));
    },
    say: (text) => void child.stdin.write(text),
    close: () => void child.stdin.end(),
    kill: () => void child.kill('SIGKILL'),
  };
}
