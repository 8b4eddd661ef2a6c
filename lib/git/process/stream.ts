import { spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { IN_BLOCKS } from './environment.ts';
import { type GitCall, type GitPlace, gitEnvironment, gitFailed } from './runner.ts';
import { heardThrough } from './waiting.ts';

type StreamCall = Pick<GitCall, 'args' | 'env' | 'okCodes' | 'limit'> & { readonly stdin?: string };

/**
 * What git prints, as it comes. A reader that has seen enough ends the process by leaving the loop. Throws GIT_FAILED
 * after the last of it when git does.
 */
export async function* streamGit(place: GitPlace, call: StreamCall): AsyncGenerator<Buffer> {
  if (place.far?.run) {
    yield (await place.far.run(call)).stdout;
    return;
  }
  const waiting = call.limit === undefined ? startWaiting(place, call, call.stdin ?? '') : null;
  if (waiting !== null) {
    yield* heardFrom(waiting, place, call);
    return;
  }
  const { stdout, ended, end } = startGit(place, call);
  try {
    yield* stdout as AsyncIterable<Buffer>;
    await ended;
  } finally {
    end();
  }
}

/** Takes what git prints, piece by piece. */
export type TakePiece = (piece: Buffer) => void;

/** More at a time, and what is written no longer stays in the processor's cache until it is read. */
const IN_LARGE_PIECES = ['stdbuf', `-o${64 * 1024}`, 'git'] as const;

/**
 * The same of a git that says very much: told to somebody piece by piece, to the end, since a loop that waits for each piece
 * takes longer than most of what is done in it. git writes 4 KiB at a time, which keeps it and its reader busy for longer than
 * what they read takes; with `stdbuf` (GNU and FreeBSD have it) it is 64. Where that is missing or can't, git is started as
 * ever: whatever ends before a word was said is asked again. What `take` throws ends the process, and is thrown.
 */
export async function tellGit(place: GitPlace, call: StreamCall, take: TakePiece): Promise<void> {
  if (place.far?.run) {
    take((await place.far.run(call)).stdout);
    return;
  }
  let hasSaid = false;
  const taken: TakePiece = (piece) => {
    hasSaid = true;
    take(piece);
  };
  await tellFrom(startGit(place, call, IN_LARGE_PIECES), taken).catch((error: unknown) => {
    if (hasSaid) throw error;
  });
  if (!hasSaid) await tellFrom(startGit(place, call), take);
}

async function tellFrom({ stdout, ended, end }: Started, take: TakePiece): Promise<void> {
  const isTaken = new Promise<void>((resolve, reject) => {
    stdout.once('error', reject);
    stdout.once('end', resolve);
    stdout.on('data', (piece: Buffer) => {
      try {
        take(piece);
      } catch (error) {
        stdout.destroy();
        reject(error);
      }
    });
  });
  try {
    await isTaken;
    await ended;
  } finally {
    end();
  }
}

/**
 * The same, started now where a shell waits for it, and asked later: what is fed then is all that it is asked. Whoever asks again
 * starts another one.
 */
export function startAhead(place: GitPlace, call: Omit<StreamCall, 'stdin' | 'limit'>): StartedAhead {
  let ahead = startWaiting(place, call, null);
  const ask: StartedAhead['ask'] = (stdin) => {
    const socket = ahead;
    ahead = null;
    if (socket === null) return streamGit(place, { ...call, stdin });
    place.beforeGit?.();
    socket.end(stdin);
    return heardFrom(socket, place, { ...call, stdin });
  };
  return { ask, close: () => void ahead?.destroy() };
}

/** A git that may have been started already. */
export interface StartedAhead {
  readonly ask: (stdin: string) => AsyncGenerator<Buffer>;
  /** Nobody asks it any more. */
  readonly close: () => void;
}

async function* heardFrom(socket: Duplex, place: GitPlace, call: StreamCall): AsyncGenerator<Buffer> {
  const code = yield* heardThrough(socket);
  if (code === null || (code !== 0 && call.okCodes?.includes(code) !== true))
    await sayAgain(place, call, code);
}

function startWaiting(place: GitPlace, { args, env }: StreamCall, stdin: string | null): Duplex | null {
  if (place.waiting === undefined) return null;
  place.beforeGit?.();
  return place.waiting.start(place, { args, env: { ...IN_BLOCKS, ...env }, stdin });
}

/** What a shell that waited heard of a failure is its code alone: git says it again, and why. Throws GIT_FAILED. */
async function sayAgain(place: GitPlace, call: StreamCall, code: number | null): Promise<never> {
  const { waiting: _, ...alone } = place;
  await tellFrom(startGit(alone, call), () => undefined);
  throw gitFailed(call.args, code, '');
}

interface Started {
  readonly stdout: Readable;
  /** Throws GIT_FAILED. */
  readonly ended: Promise<void>;
  readonly end: () => void;
}

function startGit(
  place: GitPlace,
  call: StreamCall,
  [program, ...words]: readonly [string, ...string[]] = ['git'],
): Started {
  place.beforeGit?.();
  const child = spawn(program, [...words, ...call.args], {
    cwd: place.cwd,
    env: gitEnvironment(place, { ...IN_BLOCKS, ...call.env }),
    stdio: 'pipe',
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < 4096) stderr += chunk.toString('utf8');
  });
  // A git that dies early closes its end: its exit code tells, the broken pipe adds nothing.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 || (code !== null && call.okCodes?.includes(code) === true)) resolve();
      else reject(gitFailed(call.args, code, stderr));
    });
  });
  // Heard of by whoever awaits it, or not at all when the reader leaves before.
  ended.catch(() => undefined);
  child.stdin.end(call.stdin ?? '');
  const timer = call.limit === undefined ? undefined : setTimeout(() => child.kill(), call.limit);
  const end = (): void => {
    clearTimeout(timer);
    child.kill();
  };
  return { stdout: child.stdout, ended, end };
}

/** Lines of a stream without their line feed. One longer than `longest` bytes is cut there. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  longest: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer): void => {
    if (size < longest) parts.push(part.subarray(0, longest - size));
    size += part.length;
  };
  const taken = (): string => {
    const line = (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)).toString('utf8');
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      keep(chunk.subarray(start, end));
      yield taken();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (size > 0) yield taken();
}
