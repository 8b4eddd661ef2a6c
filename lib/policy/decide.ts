import type { DecidedClause, DecisionRecord } from '../core/generated/decision-v1.types.ts';
import { compileGlob } from '../core/paths/glob-match.ts';
import type { RiskClass } from '../core/risk/risk.ts';
import { cut } from './fact-texts.ts';
import type { Facts } from './facts.ts';
import type { ClauseOutcome, Outcome } from './judge.ts';
import type { Policy, Rule, Stage } from './rules/policy.ts';

/** A waiver in force. */
export interface WaiverInForce {
  readonly id: string;
  readonly rule: string;
  /** Globs of the paths it is for; empty when it is for all. */
  readonly paths: readonly string[];
  /** ISO 8601, in UTC. */
  readonly until: string;
}

/** What a rule came to, as a decision record tells it. */
export interface RuleResult
  extends Pick<DecisionRecord, 'rule' | 'severity' | 'enforce' | 'result' | 'message'> {
  readonly clauses: readonly DecidedClause[];
  readonly controls: readonly string[];
  /** Of the waiver that lets a failed rule pass. */
  readonly waiver?: string;
  /** Whether it denies the change. */
  readonly denies: boolean;
}

export interface Verdict {
  readonly verdict: 'allow' | 'deny';
  readonly results: readonly RuleResult[];
  /** The facts it was decided by: those given, with the policy's own risk classes. */
  readonly facts: Facts;
}

export interface DecideOptions {
  readonly stage: Stage;
  readonly waivers: readonly WaiverInForce[];
}

/** The rules of a stage: those of others have no result. */
export function rulesOf(policy: Policy, stage: Stage): readonly Rule[] {
  return policy.rules.filter(({ stages }) => stages.includes(stage));
}

/**
 * Makes results and a verdict of what the rules' expressions came to. What could not be evaluated, and a rule without an
 * outcome, is an error, which denies where the rule is enforced and which no waiver lets pass.
 */
export function decide(
  policy: Policy,
  facts: Facts,
  { stage, waivers }: DecideOptions,
  outcomes: ReadonlyMap<string, Outcome>,
): Verdict {
  const rules = rulesOf(policy, stage);
  const judged = rules.map((rule) => resultOf(rule, outcomes.get(rule.id) ?? NOT_EVALUATED, facts, waivers));
  const own = rules.length === 0 ? [noRule(stage)] : coverage(rules, outcomes, facts);
  const results = [...judged, ...own];
  return { verdict: results.some(({ denies }) => denies) ? 'deny' : 'allow', results, facts };
}

const NOT_EVALUATED: Outcome = { applies: null, error: 'it was not evaluated', clauses: [] };

function resultOf(rule: Rule, outcome: Outcome, facts: Facts, waivers: readonly WaiverInForce[]): RuleResult {
  const { id, severity, enforce, controls } = rule;
  const clauses = clausesOf(rule, outcome);
  const result = gradeOf(rule, outcome, clauses);
  const waiver = result === 'fail' ? waivers.find((one) => isFor(one, rule, facts)) : undefined;
  const denies = enforce === 'deny' && (result === 'error' || (result === 'fail' && waiver === undefined));
  const message = messageOf(rule, result, clauses);
  return {
    rule: id,
    severity,
    enforce,
    result,
    message,
    clauses,
    controls,
    ...(waiver === undefined ? {} : { waiver: waiver.id }),
    denies,
  };
}

function gradeOf(rule: Rule, outcome: Outcome, clauses: readonly DecidedClause[]): RuleResult['result'] {
  if (outcome.applies === false) return 'skip';
  if (outcome.applies === null) return 'error';
  if (clauses.some(({ result }) => result === 'error')) return 'error';
  if (clauses.every(({ result }) => result === 'pass')) return 'pass';
  return rule.enforce === 'deny' ? 'fail' : 'warn';
}

/** Every clause, and `when` where it could not be told whether the rule applies. */
function clausesOf(rule: Rule, { applies, error, clauses }: Outcome): DecidedClause[] {
  if (applies === false) return [];
  const known = new Map(clauses.map((clause) => [clause.id, clause]));
  const asked = rule.require.map(({ id, message }): DecidedClause => {
    const clause = known.get(id) ?? { id, result: 'error', error: error ?? NOT_EVALUATED.error, facts: {} };
    return { id, result: clause.result, message: clauseMessage(clause, message), facts: clause.facts };
  });
  if (error === null) return asked;
  return [{ id: 'when', result: 'error', message: couldNot(error), facts: {} }, ...asked];
}

function clauseMessage({ result, error }: ClauseOutcome, message: string | null): string | null {
  if (result === 'pass') return null;
  const why = error === null ? [] : [couldNot(error)];
  return [...(message === null ? [] : [message]), ...why].join(': ') || null;
}

/** Told apart from a no. */
function couldNot(error: string): string {
  return cut(`could not be evaluated (${error})`, 900);
}

function messageOf(
  rule: Rule,
  result: RuleResult['result'],
  clauses: readonly DecidedClause[],
): string | null {
  if (result === 'skip' || result === 'pass') return rule.description;
  const missing = clauses
    .filter((clause) => clause.result !== 'pass')
    .map(({ id, message }) => message ?? `'${id}' is not so`);
  return cut(missing.join('; ') || couldNot('it was not evaluated'), 1999);
}

function isFor(waiver: WaiverInForce, rule: Rule, { change }: Facts): boolean {
  if (waiver.rule !== rule.id || !(Date.parse(waiver.until) > Date.parse(change.evaluated_at))) return false;
  if (waiver.paths.length === 0) return true;
  const globs = waiver.paths.map(compileGlob);
  const touched = listed(change.files).filter(
    ({ classes }) => rule.classes.length === 0 || classes.some((one) => rule.classes.includes(one)),
  );
  return touched.every(({ path }) => globs.some((fits) => fits(path)));
}

/** What guards everything else. */
const GUARDS: ReadonlySet<string> = new Set<RiskClass>(['audit-policy', 'access-and-review-control']);

/** Risk classes of the change that no rule which applied is about. A rule without classes is about all. */
function coverage(
  rules: readonly Rule[],
  outcomes: ReadonlyMap<string, Outcome>,
  { change }: Facts,
): RuleResult[] {
  const applied = rules.filter(({ id }) => outcomes.get(id)?.applies !== false);
  if (applied.some(({ classes }) => classes.length === 0)) return [];
  const covered = new Set(applied.flatMap(({ classes }) => classes));
  const left = listed(change.classes).filter((one) => !covered.has(one));
  if (left.length === 0) return [];
  const message = `no rule applied to what it changes of these risk classes: ${left.join(', ')}`;
  const severity = left.some((one) => GUARDS.has(one)) ? 'high' : 'medium';
  return [
    {
      ...OWN,
      rule: 'coverage',
      severity,
      enforce: 'warn',
      result: 'warn',
      message: cut(message, 1999),
      denies: false,
    },
  ];
}

/** Nothing was asked: that is no yes. */
function noRule(stage: Stage): RuleResult {
  const message = `no rule of the policy is for the stage '${stage}'`;
  return { ...OWN, rule: 'stage', severity: 'high', enforce: 'deny', result: 'error', message, denies: true };
}

/** What a gatherer left out is no list. */
function listed<T>(list: readonly T[] | undefined): readonly T[] {
  return Array.isArray(list) ? (list as readonly T[]) : [];
}

const OWN = { clauses: [], controls: [] } as const;
