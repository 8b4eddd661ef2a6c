import { factTexts } from './fact-texts.ts';
import type { Facts } from './facts.ts';
import { type CelEngine, type Compiled, reasonOf, type TypedFacts } from './rules/cel.ts';
import type { Policy, Rule } from './rules/policy.ts';

/** What a rule's expressions came to, before anything is made of it. */
export interface Outcome {
  /** Whether the rule applies; null when that could not be told. */
  readonly applies: boolean | null;
  /** Why it could not be told. */
  readonly error: string | null;
  readonly clauses: readonly ClauseOutcome[];
}

export interface ClauseOutcome {
  readonly id: string;
  readonly result: 'pass' | 'fail' | 'error';
  readonly error: string | null;
  /** The facts it read, as JSON text. */
  readonly facts: Readonly<Record<string, string>>;
}

/** The facts in both forms: as they are told, and as the engine wants them. */
export interface JudgedFacts {
  readonly plain: Facts;
  readonly typed: TypedFacts;
}

/** Facts and the policy's lists, ready to be judged. */
export function judgedFacts(engine: CelEngine, lists: Policy['lists'], facts: Facts): JudgedFacts {
  const plain = { ...facts, lists };
  return { plain, typed: engine.typed(plain) };
}

/**
 * Evaluates all expressions of a rule: every clause, whatever the ones before it came to. Where it cannot be told whether
 * the rule applies, its clauses are evaluated too, and the rule has no answer.
 */
export function judgeRule(rule: Rule, engine: CelEngine, facts: JudgedFacts): Outcome {
  const { applies, error } = whetherApplies(rule, engine, facts);
  if (applies === false) return { applies, error, clauses: [] };
  const clauses = rule.require.map(({ id, expr }) => {
    const { compiled, answer, error } = evaluate(engine, expr, facts.typed);
    const reads = compiled.expression?.reads ?? [];
    const result = answer === null ? 'error' : answer ? 'pass' : 'fail';
    return { id, result, error, facts: factTexts(facts.plain, reads) } as const;
  });
  return { applies, error, clauses };
}

function whetherApplies(
  { classes, when }: Rule,
  engine: CelEngine,
  { plain, typed }: JudgedFacts,
): Pick<Outcome, 'applies' | 'error'> {
  const touched: unknown = plain.change.classes;
  if (classes.length > 0) {
    if (!Array.isArray(touched)) return { applies: null, error: "the fact 'change.classes' is not there" };
    if (!classes.some((one) => touched.includes(one))) return { applies: false, error: null };
  }
  if (when === null) return { applies: true, error: null };
  const { answer, error } = evaluate(engine, when, typed);
  return { applies: answer, error };
}

interface Evaluated {
  readonly compiled: Compiled;
  readonly answer: boolean | null;
  readonly error: string | null;
}

function evaluate(engine: CelEngine, text: string, typed: TypedFacts): Evaluated {
  const compiled = engine.compile(text);
  if (compiled.expression === null)
    return { compiled, answer: null, error: compiled.problems[0]?.message ?? 'it could not be read' };
  try {
    return { compiled, answer: compiled.expression.evaluate(typed), error: null };
  } catch (error) {
    return { compiled, answer: null, error: reasonOf(error) };
  }
}
