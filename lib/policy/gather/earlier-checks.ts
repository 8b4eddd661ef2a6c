import type { JudgedDecision } from '../../identity/decisions.ts';
import type { CheckFact } from '../facts.ts';

/** What pipelines took in before, for the same head: of each check the last, unless it is taken in again now. */
export function earlierChecks(decisions: readonly JudgedDecision[], now: readonly CheckFact[]): CheckFact[] {
  const keyOf = ({ name, tool }: Pick<CheckFact, 'name' | 'tool'>): string => JSON.stringify([tool, name]);
  const again = new Set(now.map(keyOf));
  const last = new Map<string, CheckFact>();
  for (const { told, basis } of decisions) {
    const { rule, result, source } = told.stored.record;
    if (source.kind !== 'import') continue;
    const fact = { name: rule, tool: source.tool, result, trust: basis };
    // What anybody may have said takes no place of what a pipeline stands behind.
    const known = last.get(keyOf(fact));
    if (known === undefined || basis === 'imported' || known.trust !== 'imported')
      last.set(keyOf(fact), fact);
  }
  return [...last.values()].filter((fact) => !again.has(keyOf(fact)));
}
