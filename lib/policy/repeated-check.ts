import { canonicalJson, wholeCharacters } from '../core/json/canonical.ts';
import type { DecisionRecord, StoredRecord } from '../core/records/record.ts';
import { judgeDecisions } from '../identity/decisions.ts';
import { type Ledger, readNote } from '../ledger/ledger.ts';
import { type Told, toldOn } from '../ledger/told/told.ts';
import type { Checked } from './check.ts';
import { inputsDigest, type Ruling } from './decision-records.ts';

/**
 * The decisions of the last check of a head, where this one says just the same: same stage, change and policy, and of every rule the same
 * result, by facts that differ in nothing but when they were looked at. Null where anything differs, where another check came
 * between, and where no pipeline whose key counts today stands behind them.
 */
export async function sameAsLast(
  ledger: Ledger,
  checked: Checked,
): Promise<StoredRecord<DecisionRecord>[] | null> {
  const told = toldOn(await readNote(ledger, checked.subject.head), 'decision');
  const { run, recordedAt } = told.find(({ stored }) => stored.digest === checked.prev)?.stored.record ?? {};
  const last = told.filter(({ stored }) => stored.record.run === run);
  if (recordedAt === undefined || last.length !== checked.rulings.length) return null;
  const then = inputsAt(checked, recordedAt);
  const isSame = last.every(({ stored: { record } }, at) => {
    const ruling = checked.rulings[at];
    return (
      record.recordedAt === recordedAt && ruling !== undefined && isRepeated(record, ruling, checked, then)
    );
  });
  return isSame && isVouchedFor(last, checked) ? last.map(({ stored }) => stored) : null;
}

/** Digest of what rules would have seen of the same facts at another moment: that is one of them. */
function inputsAt({ facts }: Checked, at: string): string {
  return inputsDigest({ ...facts, change: { ...facts.change, evaluated_at: at } });
}

function isVouchedFor(last: readonly Told<DecisionRecord>[], { roster, now }: Checked): boolean {
  return judgeDecisions(last, roster, { now }).every(({ basis }) => basis !== 'asserted');
}

function isRepeated(before: DecisionRecord, ruling: Ruling, checked: Checked, then: string): boolean {
  const { stage, subject, txns, facts } = checked;
  const inputs = ruling.source.kind === 'import' ? ruling.inputs : then;
  const { waiver } = ruling;
  // What a check does not decide (its run, whose it is, when) is left as it was.
  const again = { ...before, stage, subject, txns, classes: facts.change.classes, ...ruling, inputs, waiver };
  return canonicalJson(before, wholeCharacters) === canonicalJson(again, wholeCharacters);
}
