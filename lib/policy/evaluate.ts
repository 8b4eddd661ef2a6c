import { type DecideOptions, decide, rulesOf, type Verdict } from './decide.ts';
import type { Facts } from './facts.ts';
import type { Outcome } from './judge.ts';
import { withOwnClasses } from './rules/own-classes.ts';
import type { Policy, Rule } from './rules/policy.ts';
import { type EvaluationLimits, POLICY_TIME_UP, runThread } from './thread.ts';

export interface EvaluateOptions extends DecideOptions {
  readonly limits?: Partial<EvaluationLimits>;
  /** Where the thread's program lies, for whoever packs this library into a file of their own. */
  readonly program?: URL;
}

/** A rule takes microseconds; who needs a hundred thousand times that has something else in mind. */
export const DEFAULT_LIMITS: EvaluationLimits = { ruleMs: 5000, policyMs: 60_000, memoryMb: 512 };

/** The same file from where the library lies and from where the program's bundle does. */
const PROGRAM = new URL('../bundle/policy-thread.cjs', import.meta.url);

/**
 * Evaluates the rules of a stage in a thread of its own. A rule that takes longer than it may, or more memory, is an error,
 * and the rest get their results from a new thread; when the time for the whole policy is up, what is left is an error too.
 */
export async function evaluatePolicy(
  policy: Policy,
  facts: Facts,
  options: EvaluateOptions,
): Promise<Verdict> {
  const classed = withOwnClasses(policy, facts);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const rules = rulesOf(policy, options.stage);
  const outcomes = await outcomesOf(rules, policy, classed, limits, options.program ?? PROGRAM);
  return decide(policy, classed, options, outcomes);
}

async function outcomesOf(
  rules: readonly Rule[],
  { lists }: Policy,
  facts: Facts,
  limits: EvaluationLimits,
  program: URL,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const end = performance.now() + limits.policyMs;
  for (let at = 0; at < rules.length; at++) {
    const left = rules.slice(at);
    const policyMs = end - performance.now();
    const { judged, ended } =
      policyMs <= 0
        ? OUT_OF_TIME
        : await runThread(program, { rules: left, lists, facts }, { ...limits, policyMs });
    for (const { rule, outcome } of judged) outcomes.set(rule, outcome);
    at += judged.length;
    const broken = rules[at];
    if (broken !== undefined)
      outcomes.set(broken.id, { applies: null, error: ended ?? 'it failed', clauses: [] });
  }
  return outcomes;
}

const OUT_OF_TIME = { judged: [], ended: POLICY_TIME_UP } as const;
