import { spawn } from 'node:child_process';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endGroup } from '../../git/process/end-group.ts';
import type { Limits } from './limits.ts';

/** How a command ended. */
export interface Ended {
  /** By itself, or by us: it took too long, or left too much. `none`: it never began. */
  readonly how: 'exit' | 'time' | 'disk' | 'none';
  /** The code it ended with; 128 and more as a shell tells the signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** It printed more than was heard. */
  readonly isCut: boolean;
}

export interface LimitedCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Whose rights it has; ours where none is named. */
  readonly user: number | null;
  /** The folder it fills. */
  readonly fills: string;
  /** Where it starts; nowhere in particular where it is shut in. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads. Without it there is an end of input at once. */
  readonly input?: string;
}

const LOOK_MS = 250;
const LAST_WORDS_MS = 2000;
/** A folder of more files than this is over any limit. */
const MOST_FILES = 200_000;

/** Runs a command, in an empty environment unless it has one, and ends it with all it started when it is over a limit. */
export function runLimited(command: LimitedCommand, limits: Limits): Promise<Ended> {
  const { program, args, user, fills, cwd = '/', env = {}, input } = command;
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
    ...(user === null ? {} : { uid: user, gid: user }),
  });
  // Whoever does not want to hear it closes its end.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const stdout = new Heard(limits.outputBytes);
  const stderr = new Heard(limits.outputBytes);
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  return new Promise((resolve) => {
    let how: Ended['how'] = 'exit';
    const end = (why: Ended['how']): void => {
      how = why;
      endGroup(child.pid);
    };
    const timer = setTimeout(() => end('time'), limits.milliseconds);
    const watch = new Watch(fills, limits.diskBytes, () => end('disk'));
    const finish = (code: number): void => {
      clearTimeout(timer);
      watch.stop();
      const isCut = stdout.isCut || stderr.isCut;
      resolve({ how, code, stdout: stdout.text(), stderr: stderr.text(), isCut });
    };
    child.once('error', () => {
      how = 'none';
      finish(127);
    });
    // What it left running elsewhere may hold the pipes open: nobody waits for that.
    child.once('exit', () => {
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, LAST_WORDS_MS).unref();
    });
    // What it left running has gone with its process namespace: so the pipes close with it.
    child.once('close', (code, signal) => finish(code ?? (signal === null ? 255 : 137)));
  });
}

/** What was printed, up to a limit. */
class Heard {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isCut(): boolean {
    return this.#size > this.#limit;
  }

  add(chunk: Buffer): void {
    const room = this.#limit - this.#size;
    if (room > 0) this.#parts.push(chunk.subarray(0, room));
    this.#size += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}

/** Looks at a folder's size now and then. */
class Watch {
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(folder: string, most: number, isOver: () => void) {
    const look = async (): Promise<void> => {
      if ((await bytesIn(folder, most)) > most) isOver();
      else if (!this.#isStopped) this.#timer = setTimeout(look, LOOK_MS);
    };
    this.#timer = setTimeout(look, LOOK_MS);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

/** Bytes a folder takes on the disk, or more than `most` as soon as that is known. What goes while we look counts nothing. */
export async function bytesIn(folder: string, most: number): Promise<number> {
  let bytes = 0;
  let files = 0;
  const folders = [folder];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    const entries = await opendir(path).catch(() => null);
    if (entries === null) continue;
    for await (const entry of entries) {
      files += 1;
      const whole = join(path, entry.name);
      if (entry.isDirectory()) folders.push(whole);
      else if (entry.isFile()) bytes += (await stat(whole).catch(() => ({ blocks: 0 }))).blocks * 512;
      if (bytes > most || files > MOST_FILES) return Number.POSITIVE_INFINITY;
    }
  }
  return bytes;
}
