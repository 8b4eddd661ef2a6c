import { Worker } from 'node:worker_threads';
import { AgentLogError } from '../core/errors.ts';
import type { Facts } from './facts.ts';
import type { Outcome } from './judge.ts';
import type { Policy, Rule } from './rules/policy.ts';

/** What a thread is given. */
export interface ThreadTask {
  readonly rules: readonly Rule[];
  readonly lists: Policy['lists'];
  readonly facts: Facts;
}

/** What it tells of each rule, in their order. */
export interface Judged {
  readonly rule: string;
  readonly outcome: Outcome;
}

export interface EvaluationLimits {
  /** For one rule, in ms of wall time. */
  readonly ruleMs: number;
  /** For all of a policy. */
  readonly policyMs: number;
  /** Of a thread. */
  readonly memoryMb: number;
}

/** How far a thread came: all it told, and why it ended before the last rule; null when it did not. */
export interface ThreadRun {
  readonly judged: readonly Judged[];
  readonly ended: string | null;
}

export const POLICY_TIME_UP = 'the time for the whole policy was up';

/** Time a thread has for starting: on a busy machine Node itself takes a while. */
const START_MS = 30_000;

/** Runs rules in a thread until all are told, one takes longer than it may, or the thread dies. */
export async function runThread(
  program: URL,
  task: ThreadTask,
  { ruleMs, policyMs, memoryMb }: EvaluationLimits,
): Promise<ThreadRun> {
  const worker = new Worker(program, {
    workerData: task,
    // Nothing of the process is the policy's business.
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
  });
  const judged: Judged[] = [];
  let started = false;
  const ended = await new Promise<string | null>((settle) => {
    const whole = setTimeout(() => settle(POLICY_TIME_UP), policyMs);
    const rule = new Watch(START_MS, () => settle(`it took longer than ${ruleMs} ms`));
    worker.on('message', (told: Judged | null) => {
      started = true;
      if (told !== null) judged.push(told);
      if (judged.length === task.rules.length) settle(null);
      rule.restart(ruleMs);
    });
    worker.once('error', (error) => settle(reasonOf(error)));
    worker.once('exit', () => settle(judged.length === task.rules.length ? null : 'its thread ended'));
    worker.once('exit', () => {
      clearTimeout(whole);
      rule.stop();
    });
  });
  await worker.terminate();
  if (!started && ended !== POLICY_TIME_UP) throw notStarted(ended);
  return { judged, ended };
}

function notStarted(why: string | null): AgentLogError {
  return new AgentLogError(
    'IO_FAILED',
    'system',
    `the thread that evaluates rules did not start: ${why ?? ''}`,
    {
      hints: ['Nothing was evaluated. Is git-agent-log installed whole, and is there memory left?'],
    },
  );
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it took more memory than it may' : 'its thread failed';
}

/** A timer that looks once more before it rings: after a stall of this process, answers may be waiting unread. */
class Watch {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout;
  #restarts = 0;

  constructor(ms: number, ring: () => void) {
    this.#ring = ring;
    this.#timer = this.#start(ms);
  }

  restart(ms: number): void {
    this.stop();
    this.#restarts++;
    this.#timer = this.#start(ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(ms: number): NodeJS.Timeout {
    const count = this.#restarts;
    return setTimeout(() => setImmediate(() => count === this.#restarts && this.#ring()), ms);
  }
}
