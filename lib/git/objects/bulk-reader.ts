import { spawn } from 'node:child_process';
import { AgentLogError } from '../../core/errors.ts';
import { type GitPlace, gitEnvironment } from '../process/runner.ts';
import type { BatchProcess } from '../repository/asking.ts';
import { BatchOutput, type GitObject } from './batch-output.ts';

/**
 * Told of each of many objects that were asked for, in that order; null for one that is not there. What it is given is
 * part of a larger piece: to keep a little of it for long, make a copy. It must not throw.
 */
export type TakeObject = (object: GitObject | null, at: number) => void;

/** An object's id, and no other name git might know. */
export const WHOLE_ID: RegExp = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

interface Asked {
  readonly take: TakeObject;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Where those stand that git was asked for, among all that were wanted. */
  readonly places: readonly number[];
  done: number;
}

/**
 * One `git cat-file` that is asked for many objects by id at a time. It says all of them in few large pieces; asked for one
 * after the other, it writes three small ones for each, and both sides wake up for every one of them.
 */
export class BulkReader {
  readonly #child: BatchProcess;
  readonly #output = new BatchOutput();
  readonly #asked: Asked[] = [];
  #failure: AgentLogError | null = null;

  constructor(place: GitPlace, config: readonly string[] = []) {
    this.#child = spawn('git', [...config, 'cat-file', '--batch-command', '--buffer'], {
      cwd: place.cwd,
      env: gitEnvironment(place),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#child.stdout.on('data', (piece: Buffer) => this.#take(piece));
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', (cause) => this.#fail(cause));
    this.#child.once('close', () => this.#fail(new Error('it ended')));
  }

  /** Reads objects by id; resolves when all were told of. What is no whole id is not there. Throws GIT_FAILED. */
  read(oids: readonly string[], take: TakeObject): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const places = oids.flatMap((oid, at) => (WHOLE_ID.test(oid) ? [at] : []));
    if (places.length < oids.length)
      for (const [at, oid] of oids.entries()) if (!WHOLE_ID.test(oid)) take(null, at);
    if (places.length === 0) return Promise.resolve();
    this.#child.stdin.write(`${places.map((at) => `contents ${oids[at]}\n`).join('')}flush\n`, 'latin1');
    return new Promise((resolve, reject) => {
      this.#asked.push({ take, resolve, reject, places, done: 0 });
    });
  }

  close(): void {
    this.#child.stdin.end();
  }

  #take(piece: Buffer): void {
    for (const object of this.#output.take(piece)) {
      const [asked] = this.#asked;
      if (asked === undefined) return;
      asked.take(object, asked.places[asked.done++] ?? 0);
      if (asked.done < asked.places.length) continue;
      this.#asked.shift();
      asked.resolve();
    }
  }

  #fail(cause: unknown): void {
    this.#failure ??= new AgentLogError('GIT_FAILED', 'system', 'git cat-file ended before it answered', {
      cause,
    });
    for (const { reject } of this.#asked.splice(0)) reject(this.#failure);
  }
}
