import type { CheckDocument } from '../../../core/generated/check-v1.types.ts';
import type { JudgedDecision } from '../../../identity/decisions.ts';
import type { Checked } from '../../../policy/check.ts';
import { isDenial } from '../../../policy/decision-records.ts';
import { hintFor } from './hints.ts';

type Decision = CheckDocument['decisions'][number];

/** What was written of a check; null where nothing was. */
export interface Written {
  readonly tip: string | null;
  /** As a reader of the ledger judges them, in the order of the rulings. */
  readonly judged: readonly JudgedDecision[];
}

/** What `check --json` prints, and what all other outputs are made of. */
export function checkDocument(checked: Checked, written: Written | null): CheckDocument {
  const { run, stage, subject, policy, rulings, notes, facts, txns } = checked;
  const unsigned = facts.change.sponsors.filter((one) => one.is_person && !one.verified);
  const decisions = rulings.map((ruling, i): Decision => {
    const decision = {
      rule: ruling.rule,
      severity: ruling.severity,
      enforce: ruling.enforce,
      result: ruling.result,
      denies: isDenial(ruling),
      basis: written?.judged[i]?.basis ?? 'asserted',
      message: ruling.message,
      clauses: ruling.clauses.map((clause) => ({ ...clause })),
      classes: [...facts.change.classes],
      controls: [...ruling.controls],
      source: { ...ruling.source },
      waiver: ruling.waiver ?? null,
      hint: null,
    };
    return { ...decision, hint: hintFor(decision, { subject, txns, unsigned }) };
  });
  return {
    schema: 'agent-log/check/v1',
    verdict: decisions.some(({ denies }) => denies) ? 'deny' : 'pass',
    stage,
    run,
    subject,
    policy,
    decisions,
    counts: countsOf(decisions),
    notes: [...notes],
    recorded: written !== null,
    ledger: written?.tip ?? null,
  };
}

function countsOf(decisions: readonly Decision[]): CheckDocument['counts'] {
  const counts = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0, denies: 0, waived: 0 };
  for (const { result, denies, waiver } of decisions) {
    counts[result]++;
    if (denies) counts.denies++;
    if (waiver !== null) counts.waived++;
  }
  return counts;
}
