import type { BatchProcess } from '../repository/asking.ts';

/** Ends what is asked in one go: until it hears that, a git that writes in blocks may keep its answers. */
export const FLUSH = 'flush\n';

/** What a `git cat-file` is asked through, and answers through. */
export interface BatchPipe {
  /** Letters of questions it takes in without having given an answer. */
  readonly atOnce: number;
  /** `take` is given what comes, and says whether more is waited for; `fail` is told why nothing comes any more. */
  listen(take: (bytes: Buffer) => boolean, fail: (cause: unknown) => void): void;
  send(questions: string): void;
  /** Nothing more is asked. */
  end(): void;
}

/** The pipes of a process of ours. */
export function pipeOf(child: BatchProcess): BatchPipe {
  return {
    atOnce: Number.POSITIVE_INFINITY,
    listen(take, fail) {
      child.stdout.on('data', take);
      child.stdin.on('error', () => undefined);
      child.once('error', fail);
      child.once('close', () => fail(new Error('it ended')));
    },
    send: (questions) => void child.stdin.write(questions),
    end: () => void child.stdin.end(),
  };
}
