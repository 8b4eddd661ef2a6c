import type { Finding } from './finding.ts';
import { entropyOf, type Match, type Rule } from './rule.ts';

const compiled = new WeakMap<Rule, RegExp>();

/** What a rule finds at one place. */
export function matchAt(rule: Rule, text: string, at: number): Finding | null {
  const regex = compile(rule);
  regex.lastIndex = at;
  const matched = regex.exec(text);
  if (matched === null) return null;
  const match = toMatch(rule, text, matched);
  if (rule.entropy > 0 && entropyOf(match.secret) <= rule.entropy) return null;
  if (rule.accepts?.(match) === false) return null;
  return { rule: rule.id, start: match.secretStart, end: match.secretStart + match.secret.length };
}

function compile(rule: Rule): RegExp {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const regex = new RegExp(rule.source, `${rule.flags}y`);
  compiled.set(rule, regex);
  return regex;
}

function toMatch(rule: Rule, text: string, matched: RegExpExecArray): Match {
  const [whole] = matched;
  const secret = matched.slice(1).find((group) => group !== undefined) ?? whole;
  // Nothing but what ends it stands behind a secret.
  const secretStart = matched.index + whole.lastIndexOf(secret);
  return { rule, text, secret, start: matched.index, end: matched.index + whole.length, secretStart };
}
