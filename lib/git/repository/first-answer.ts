import { AgentLogError } from '../../core/errors.ts';
import type { GitResult } from '../process/runner.ts';
import { endOfAnswer } from './heard.ts';

/** What a git command said before another one began to speak on the same pipe: `next` what that one says, where it only answers, too. */
export class FirstAnswer {
  readonly answer: Promise<GitResult>;
  readonly #next: FirstAnswer | null;
  #isDone = false;
  #resolve: (answer: GitResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(next: FirstAnswer | null = null) {
    this.#next = next;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What came after all answers; null while they are not complete. */
  take(chunk: Buffer): Buffer | null {
    if (this.#isDone) return this.#next === null ? chunk : this.#next.take(chunk);
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const found = endOfAnswer(this.#bytes, 0);
    if (found === null) return null;
    this.#isDone = true;
    this.#resolve({ code: found.code, stdout: this.#bytes.subarray(0, found.end), stderr: '' });
    const rest = this.#bytes.subarray(found.next);
    return this.#next === null ? rest : this.#next.take(rest);
  }

  fail(cause: unknown): void {
    this.#reject(new AgentLogError('GIT_FAILED', 'system', 'git ended before it answered', { cause }));
    this.#next?.fail(cause);
  }
}
