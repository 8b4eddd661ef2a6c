import type { Redaction } from '../../core/generated/execution-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { sumRedactions } from '../../core/records/redact.ts';
import type { PiiSettings } from '../../core/secrets/pii.ts';
import type { DryRedaction } from '../../oversight/dry-redaction.ts';
import type { Paint } from '../terminal/io.ts';
import { count } from './text.ts';

/** What `redact --dry-run --json` prints: the records in which something was found. */
export interface RedactionDocument {
  readonly schema: 'agent-log/redact/v1';
  readonly dryRun: true;
  readonly looked: { readonly records: number; readonly texts: number; readonly absent: number };
  readonly pii: PiiSettings;
  readonly found: readonly DryRedaction[];
  readonly rules: readonly Redaction[];
}

export function redactionDocument(looked: readonly DryRedaction[], pii: PiiSettings): RedactionDocument {
  const found = looked.filter(({ inTexts, inLedger }) => inTexts.length + inLedger.length > 0);
  return {
    schema: 'agent-log/redact/v1',
    dryRun: true,
    looked: {
      records: looked.length,
      texts: looked.reduce((sum, { texts }) => sum + texts, 0),
      absent: looked.reduce((sum, { absent }) => sum + absent, 0),
    },
    pii,
    found,
    rules: sumRedactions(found.flatMap(({ inTexts, inLedger }) => [inTexts, inLedger])),
  };
}

/** The same for people: a line a record, and what to do. */
export function renderRedaction({ looked, found, rules }: RedactionDocument, paint: Paint): string {
  const scope = `${count(looked.records, 'record')} and ${count(looked.texts, 'text')}`;
  const lines =
    found.length === 0
      ? [`Nothing is found today in ${scope}.`]
      : [
          paint.strong(`Found in ${count(found.length, 'record')}, of ${scope}`),
          ...found.map(
            ({ commit, txn, inTexts, inLedger }) =>
              `  ${paint.name(shortOid(commit))}  ${txn}  ${[...part('texts', inTexts), ...part('ledger', inLedger)].join('; ')}`,
          ),
          `In all: ${rulesText(rules)}.`,
          'hint: Whatever was a secret has been where it was read since: replace it there.',
        ];
  if (looked.absent > 0)
    lines.push(paint.faint(`Not looked at, because not in this clone: ${count(looked.absent, 'text')}.`));
  lines.push(paint.faint('Nothing was changed.'));
  return `${lines.join('\n')}\n`;
}

function part(where: string, found: readonly Redaction[]): string[] {
  return found.length === 0 ? [] : [`${where}: ${rulesText(found)}`];
}

function rulesText(found: readonly Redaction[]): string {
  return found.map(({ rule, count: times }) => (times === 1 ? rule : `${rule} (${times})`)).join(', ');
}
