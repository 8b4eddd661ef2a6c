import { AgentLogError } from '../../core/errors.ts';
import type { GitResult } from '../process/runner.ts';
import { endOfAnswer } from './heard.ts';

/** What a git command said before another one began to speak on the same pipe. */
export class FirstAnswer {
  readonly answer: Promise<GitResult>;
  #resolve: (answer: GitResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #bytes: Buffer = Buffer.alloc(0);

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What came after the answer; null while it is not complete. */
  take(chunk: Buffer): Buffer | null {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const found = endOfAnswer(this.#bytes, 0);
    if (found === null) return null;
    this.#resolve({ code: found.code, stdout: this.#bytes.subarray(0, found.end), stderr: '' });
    return this.#bytes.subarray(found.next);
  }

  fail(cause: unknown): void {
    this.#reject(new AgentLogError('GIT_FAILED', 'system', 'git ended before it answered', { cause }));
  }
}
