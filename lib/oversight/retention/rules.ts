import { AgentLogError } from '../../core/errors.ts';
import { RISK_CLASSES, type RiskClass } from '../../core/risk/risk.ts';
import { type GitPlace, runGit } from '../../git/process/runner.ts';
import { LEVELS, type Level } from '../../ledger/payloads/level.ts';

/** How long texts are kept: of transactions that all its conditions fit. */
export interface RetentionRule {
  /** As it was written. */
  readonly text: string;
  /** The most that is stored of the transaction. */
  readonly level: Level | null;
  /** A class of files the transaction changed. */
  readonly riskClass: RiskClass | null;
  /** Days after its last record; null for ever. */
  readonly days: number | null;
}

/** What the rules ask of a transaction. */
export interface Stored {
  readonly level: Level;
  readonly classes: ReadonlySet<RiskClass>;
}

const DAYS = { d: 1, w: 7, m: 30, y: 365 } as const;

/**
 * The rules in force, in the order git has them. From git's configuration alone: what a tree says erases nothing. Throws
 * BAD_ARGUMENT for one that can't be read: the others must not be taken for all there are.
 */
export async function readRetentionRules(place: GitPlace): Promise<RetentionRule[]> {
  const args = ['config', '-z', '--get-all', 'agentLog.retention'];
  const { stdout } = await runGit(place, { args, okCodes: [1] });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((text) => text.trim() !== '')
    .map(parseRetentionRule);
}

/** Reads `[level=<level>] [class=<risk class>] <number>d|w|m|y`, or `forever` for the age. Throws BAD_ARGUMENT. */
export function parseRetentionRule(text: string): RetentionRule {
  const words = text.trim().split(/\s+/);
  const age = words.pop() ?? '';
  let [level, riskClass]: [Level | null, RiskClass | null] = [null, null];
  for (const word of words) {
    const [, key, value] = /^(level|class)=(.+)$/.exec(word) ?? [];
    const given = key === 'level' ? level : riskClass;
    if (key === undefined || given !== null) throw unreadable(text);
    if (key === 'level') level = oneOf(LEVELS, value, text);
    else riskClass = oneOf(RISK_CLASSES, value, text);
  }
  return { text: [...words, age].join(' '), level, riskClass, days: daysOf(age, text) };
}

/** The rule for a transaction: of those that fit the last one, as git's own settings have it. */
export function ruleFor(rules: readonly RetentionRule[], { level, classes }: Stored): RetentionRule | null {
  const fits = (rule: RetentionRule): boolean =>
    (rule.level === null || rule.level === level) && (rule.riskClass === null || classes.has(rule.riskClass));
  return rules.findLast(fits) ?? null;
}

function oneOf<T extends string>(known: readonly T[], value: string | undefined, text: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw unreadable(text, known);
  return found;
}

function daysOf(age: string, text: string): number | null {
  if (age === 'forever') return null;
  const [, digits, unit] = /^(\d{1,5})([dwmy])$/.exec(age) ?? [];
  if (digits === undefined) throw unreadable(text);
  return Number(digits) * DAYS[unit as keyof typeof DAYS];
}

function unreadable(text: string, known: readonly string[] = []): AgentLogError {
  const of = known.length === 0 ? [] : [`Known are ${known.join(', ')}.`];
  return new AgentLogError('BAD_ARGUMENT', 'usage', `agentLog.retention says '${text}', which is no rule`, {
    hints: [
      'Write an age, after what it is for: "365d", "level=full 90d", "class=iac 7y", "class=iam forever".',
      ...of,
    ],
  });
}
