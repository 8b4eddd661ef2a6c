import { AgentLogError } from '../../core/errors.ts';

/** How long planning may take, in milliseconds by a clock of the caller's; what the user's own commands take is not counted. */
export interface Budget {
  readonly limit: number;
  /** Throws OUT_OF_TIME once it is spent. */
  readonly check: () => void;
  /** Runs something that is not planning. */
  readonly outside: <T>(work: () => Promise<T>) => Promise<T>;
  /** What was given up, in words, in the order it happened. */
  readonly notTried: readonly string[];
  /** Says that something was given up. */
  readonly giveUp: (what: string) => void;
  /** Does something that may be given up; null where it was. What else goes wrong is thrown. */
  readonly attempt: <T>(what: string, work: () => Promise<T>) => Promise<T | null>;
}

/** A budget that is never spent. */
export const UNLIMITED: Budget = openBudget(Number.POSITIVE_INFINITY, () => 0);

/** `hear` is told what planning is at, at every step, and null before something that is not planning. */
export function openBudget(
  limit: number,
  clock: () => number,
  hear: (doing: string | null) => void = () => undefined,
): Budget {
  const notTried: string[] = [];
  let doing = 'what stands in the way';
  const start = clock();
  let away = 0;
  const check = (): void => {
    hear(doing);
    if (clock() - start - away > limit)
      throw new AgentLogError('OUT_OF_TIME', 'answer', 'planning took longer than it may', {
        hints: ['Give it more seconds with --budget; 0 is no limit.'],
      });
  };
  const giveUp = (what: string): void => {
    if (!notTried.includes(what)) notTried.push(what);
  };
  return {
    limit,
    check,
    notTried,
    giveUp,
    outside: async (work) => {
      hear(null);
      const left = clock();
      try {
        return await work();
      } finally {
        away += clock() - left;
      }
    },
    attempt: async (what, work) => {
      const before = doing;
      doing = what;
      try {
        check();
        return await work();
      } catch (error) {
        if (!isOutOfTime(error)) throw error;
        giveUp(what);
        return null;
      } finally {
        doing = before;
      }
    },
  };
}

export function isOutOfTime(error: unknown): boolean {
  return error instanceof AgentLogError && error.code === 'OUT_OF_TIME';
}
