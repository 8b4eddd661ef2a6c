import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { AgentLogError } from '../core/errors.ts';
import { BatchOutput, type GitObject } from './batch-output.ts';
import { type GitPlace, gitEnvironment } from './runner.ts';

export type { GitObject };

/** Reads objects by any name git understands. Null when there is none of that name. */
export interface ObjectReader {
  read(name: string): Promise<GitObject | null>;
  close(): void;
}

interface Waiting {
  readonly resolve: (object: GitObject | null) => void;
  readonly reject: (error: unknown) => void;
}

/** One `git cat-file --batch` for as many reads as are wanted; started at the first. */
export function openObjectReader(place: GitPlace, config: readonly string[] = []): ObjectReader {
  let batch: Batch | null = null;
  return {
    read(name) {
      const heard = place.heard?.objects.get(name);
      if (heard !== undefined) return Promise.resolve(heard);
      batch ??= new Batch(place, config);
      return batch.read(name);
    },
    close() {
      batch?.close();
      batch = null;
    },
  };
}

class Batch {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  readonly #output = new BatchOutput();
  #failure: AgentLogError | null = null;

  constructor(place: GitPlace, config: readonly string[]) {
    this.#child = spawn('git', [...config, 'cat-file', '--batch'], {
      cwd: place.cwd,
      env: gitEnvironment(place),
      stdio: 'pipe',
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', (cause) => this.#fail(cause));
    this.#child.once('close', () => this.#fail(new Error('it ended')));
  }

  read(name: string): Promise<GitObject | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (/[\n\0]/.test(name) || name === '') return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${name}\n`);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }

  #take(chunk: Buffer): void {
    for (const answer of this.#output.take(chunk)) this.#waiting.shift()?.resolve(answer);
  }

  #fail(cause: unknown): void {
    const failure = new AgentLogError('GIT_FAILED', 'system', 'git cat-file ended before it answered', {
      cause,
    });
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
