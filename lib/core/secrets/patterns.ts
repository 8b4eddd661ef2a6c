import type { Finding } from './finding.ts';
import { JoinedText } from './joined.ts';
import { matchAt } from './match.ts';
import { RuleTable } from './rule-table.ts';

let table: RuleTable | null = null;

/** Made when the first text is looked at. */
export function loadPatterns(): RuleTable {
  table ??= new RuleTable();
  return table;
}

/**
 * What the patterns find. Each is tried only where letters are that all its matches have, and at that place alone: so all
 * of them take time in proportion to the text, however it is made.
 */
export function findPatterns(text: string): Finding[] {
  const findings: Finding[] = [];
  const joined = new JoinedText(text);
  const tried = new Map<number, number>();
  const rules = loadPatterns();
  rules.heads.each(text, (number, head) => {
    const rule = rules.rule(number);
    const [least, most] = rule.back;
    for (let at = Math.max(head - most, tried.get(number) ?? 0); at <= head - least; at++) {
      tried.set(number, at + 1);
      const known = matchAt(rule, text, at);
      const found = (rule.kind === 'token' ? joined.find(rule, at, known) : null) ?? known;
      if (found === null) continue;
      findings.push(found);
      // What it found is not looked through for more of its kind.
      tried.set(number, Math.max(found.end, at + 1));
    }
  });
  return findings;
}
