import { closeSync, readSync, writeSync } from 'node:fs';
import { type BatchPipe, FLUSH } from '../objects/batch-pipe.ts';
import type { GitResult } from '../process/runner.ts';
import { endOfAnswer } from './heard.ts';

/** Where whoever started us left the pipes of a git it had started before: what git says, and what it is asked. */
const HELD: HeldEnds = { answers: 3, questions: 4 };

/** File descriptors. */
export interface HeldEnds {
  readonly answers: number;
  readonly questions: number;
}

const PIECE = 64 * 1024;
/** POSIX: any pipe takes 4,096 bytes, and a letter is three at most. More at once, and each side could wait for the other. */
const AT_ONCE = Math.floor((4096 - FLUSH.length) / 3);

/** Pipes that were there before us. Git has answered by the time we read: so we wait for it, and load nothing that could do both. */
export class HeldPipe implements BatchPipe {
  readonly atOnce: number = AT_ONCE;
  readonly #ends: HeldEnds;
  #rest: Buffer = Buffer.alloc(0);
  #take: (bytes: Buffer) => boolean = () => false;
  #fail: (cause: unknown) => void = () => undefined;
  #isOpen = true;

  constructor(ends: HeldEnds = HELD) {
    this.#ends = ends;
  }

  listen(take: (bytes: Buffer) => boolean, fail: (cause: unknown) => void): void {
    this.#take = take;
    this.#fail = fail;
  }

  /** What git commands said, one after the other, before the one that is asked for objects. Throws where less came. */
  results(count: number): GitResult[] {
    const results: GitResult[] = [];
    let bytes = Buffer.alloc(0);
    while (results.length < count) {
      bytes = Buffer.concat([bytes, this.#read()]);
      for (
        let found = endOfAnswer(bytes, 0);
        found && results.length < count;
        found = endOfAnswer(bytes, 0)
      ) {
        results.push({ code: found.code, stdout: bytes.subarray(0, found.end), stderr: '' });
        bytes = bytes.subarray(found.next);
      }
    }
    this.#rest = bytes;
    return results;
  }

  /** Takes in all that is waited for. Throws where less comes. */
  hear(): void {
    while (this.#take(this.#next()));
  }

  send(questions: string): void {
    try {
      const bytes = Buffer.from(questions);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#ends.questions, bytes, at);
      this.hear();
    } catch (error) {
      this.#fail(error);
    }
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#ends.questions);
    closeSync(this.#ends.answers);
  }

  #next(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length > 0 ? rest : this.#read();
  }

  #read(): Buffer {
    const piece = Buffer.allocUnsafe(PIECE);
    const size = readSync(this.#ends.answers, piece, 0, PIECE, null);
    if (size === 0) throw new Error('it ended');
    return piece.subarray(0, size);
  }
}
