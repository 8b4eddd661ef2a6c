import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { AgentLogError } from '../core/errors.ts';
import { type GitPlace, gitEnvironment } from './runner.ts';

export interface GitObject {
  readonly oid: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly content: Buffer;
}

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

const HEADER = /^([0-9a-f]{40,64}) (commit|tree|blob|tag) (\d+)$/;

class Batch {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #size = 0;
  #head: { oid: string; type: GitObject['type']; size: number } | null = null;
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
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#step());
  }

  /** Takes one header or one content off the buffer; false when more bytes are needed. */
  #step(): boolean {
    return this.#head === null ? this.#takeHeader() : this.#takeContent(this.#head);
  }

  #takeHeader(): boolean {
    const bytes = this.#joined();
    const end = bytes.indexOf(10);
    if (end < 0) return false;
    const match = HEADER.exec(bytes.toString('utf8', 0, end));
    this.#keep(bytes, end + 1);
    if (match === null) this.#waiting.shift()?.resolve(null);
    else this.#head = { oid: match[1] ?? '', type: match[2] as GitObject['type'], size: Number(match[3]) };
    return true;
  }

  #takeContent(head: { oid: string; type: GitObject['type']; size: number }): boolean {
    if (this.#size < head.size + 1) return false;
    const bytes = this.#joined();
    const content = Buffer.from(bytes.subarray(0, head.size));
    this.#keep(bytes, head.size + 1);
    this.#head = null;
    this.#waiting.shift()?.resolve({ oid: head.oid, type: head.type, content });
    return true;
  }

  #joined(): Buffer {
    const bytes =
      this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  #keep(bytes: Buffer, from: number): void {
    this.#chunks = [bytes.subarray(from)];
    this.#size = bytes.length - from;
  }

  #fail(cause: unknown): void {
    const failure = new AgentLogError('GIT_FAILED', 'system', 'git cat-file ended before it answered', {
      cause,
    });
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
