import type { DecisionRecord } from '../../core/generated/decision-v1.types.ts';
import { FACTS_V1 } from '../facts.ts';
import type { ObjectType } from './declaration.ts';

/** From the top of the tree at the target's tip. */
export { POLICY_PATH } from '../../ledger/told/policy-digest.ts';

export type Stage = DecisionRecord['stage'];
export type Severity = DecisionRecord['severity'];
export type Enforcement = DecisionRecord['enforce'];

export const STAGES: readonly Stage[] = ['commit', 'mr', 'pipeline', 'merge', 'deploy'];
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
export const ENFORCEMENTS: readonly Enforcement[] = ['deny', 'warn', 'audit'];

export type Closer = (typeof CLOSERS)[number];
export const CLOSERS = ['person', 'check'] as const;

/** A policy file as read: plain values, expressions as texts that were checked. */
export interface Policy {
  readonly rules: readonly Rule[];
  /** Lists of texts that expressions can use, as `lists.<name>`. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Risk classes of the policy's own, each with its globs. */
  readonly classes: readonly PolicyClass[];
  /** Who closes an exception of a rule once the rule passes again. */
  readonly closedBy: Closer;
}

export interface PolicyClass {
  readonly name: string;
  readonly globs: readonly string[];
}

export interface Rule {
  readonly id: string;
  readonly description: string | null;
  readonly severity: Severity;
  readonly stages: readonly Stage[];
  readonly enforce: Enforcement;
  /** Risk classes, one of which the change must touch for the rule to apply; empty when it is for every change. */
  readonly classes: readonly string[];
  /** Null when nothing else is asked for the rule to apply. */
  readonly when: string | null;
  readonly require: readonly Clause[];
  readonly controls: readonly string[];
}

export interface Clause {
  readonly id: string;
  readonly expr: string;
  readonly message: string | null;
}

/** What expressions of a policy can name. */
export function variablesOf(lists: Policy['lists']): ObjectType {
  const names = Object.keys(lists).map((name) => [name, 'list<string>'] as const);
  return { ...FACTS_V1, ...(names.length === 0 ? {} : { lists: Object.fromEntries(names) }) };
}
