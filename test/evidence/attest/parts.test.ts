import { expect, test } from 'vitest';
import { attestationsPart, controlsPart } from '../../../lib/evidence/attest/parts.ts';
import { evidenceDecision, evidenceDocument } from '../../support/evidence.ts';
import { schemaProblems } from '../../support/schema.ts';

const NOTHING = { signed: [], targetFiles: [], texts: [], proof: null };

test('a bundle gets an envelope a line, and the control map', async () => {
  const document = evidenceDocument({ decisions: [evidenceDecision(), evidenceDecision()] });
  const [attestations] = await attestationsPart({ document, notes: [] }, { sign: null });
  expect(attestations?.path).toBe('attestations.intoto.jsonl');
  const lines = Buffer.from(attestations?.bytes ?? [])
    .toString('utf8')
    .split('\n');
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toBe('');
  const [controls] = controlsPart({ document, ...NOTHING });
  expect(controls?.path).toBe('controls.json');
  expect(schemaProblems(JSON.parse(Buffer.from(controls?.bytes ?? []).toString('utf8')))).toEqual([]);
});
