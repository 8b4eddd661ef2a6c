import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { namedUuid, type OscalSource, oscalResults } from '../../../lib/evidence/exports/oscal.ts';
import { evidenceDecision } from '../../support/evidence.ts';
import { storedExecution } from '../../support/records.ts';

const path = new URL('../../fixtures/oscal/assessment-results.excerpt.json', import.meta.url);
const validate = new Ajv.default({ allErrors: true, strict: false }).compile(
  JSON.parse(readFileSync(path, 'utf8')) as object,
);

interface Finding {
  readonly uuid: string;
  readonly target: { readonly 'target-id': string; readonly status: { readonly state: string } };
}

interface Results {
  readonly 'assessment-results': {
    readonly results: readonly {
      readonly observations?: readonly { readonly uuid: string }[];
      readonly findings?: readonly Finding[];
      readonly 'reviewed-controls': object;
    }[];
  };
}

async function textOf(fields: Partial<OscalSource> = {}): Promise<string> {
  const source: OscalSource = {
    name: 'tip',
    at: '2026-11-22T12:00:00.000Z',
    version: '0.1.0',
    decisions: [],
    records: async function* () {},
    ...fields,
  };
  const parts: string[] = [];
  for await (const part of oscalResults(source)) parts.push(part);
  return parts.join('\n');
}

async function resultOf(
  fields: Partial<OscalSource> = {},
): Promise<Results['assessment-results']['results'][number]> {
  const document = JSON.parse(await textOf(fields)) as Results;
  void validate(document);
  expect(validate.errors ?? []).toEqual([]);
  const [result] = document['assessment-results'].results;
  if (result === undefined) throw new Error('no result');
  return result;
}

const records: OscalSource['records'] = async function* () {
  yield { stored: STORED, bound: { commit: 'a'.repeat(40), grade: 'exact', sealed: true } };
  yield { stored: OTHER, bound: null };
};
const STORED = storedExecution();
const OTHER = storedExecution({ sponsor: null });

describe('OSCAL', () => {
  test('is valid of nothing: lists that would be empty are not there', async () => {
    const result = await resultOf();
    expect(result).not.toHaveProperty('observations');
    expect(result['reviewed-controls']).toEqual({ 'control-selections': [{ 'include-all': {} }] });
  });

  test('has an observation per record and decision, and a finding per decision', async () => {
    const decisions = [evidenceDecision({ controls: ['NIST:CM-3', 'SOC2:CC8.1'] })];
    const result = await resultOf({ records, decisions });
    expect(result.observations).toHaveLength(3);
    expect(result.findings?.map(({ target }) => target.status.state)).toEqual(['satisfied']);
    expect(result['reviewed-controls']).toEqual({
      'control-selections': [
        { 'include-controls': [{ 'control-id': 'NIST_CM-3' }, { 'control-id': 'SOC2_CC8.1' }] },
      ],
    });
  });

  test('is the same bytes again, with ids of version 5', async () => {
    const decisions = [evidenceDecision()];
    expect(await textOf({ records, decisions })).toBe(await textOf({ records, decisions }));
    expect(namedUuid('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(namedUuid('a')).not.toBe(namedUuid('b'));
  });

  test('attack: what nobody of the target vouches for satisfies nothing, whatever it says', async () => {
    const decisions = [
      evidenceDecision({}, { basis: 'asserted', signedBy: null }),
      ...(['fail', 'warn', 'error', 'skip'] as const).map((result) => evidenceDecision({ result })),
    ];
    const { findings = [] } = await resultOf({ decisions });
    expect(new Set(findings.map(({ target }) => target.status.state))).toEqual(new Set(['not-satisfied']));
  });

  test('attack: any text keeps it valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string(), async (rule, message) => {
        const decisions = [evidenceDecision({ rule, message, controls: [rule] })];
        const agent = { name: rule, version: null, sessionId: null, chain: [] };
        const stored = storedExecution({ agent });
        await resultOf({
          decisions,
          records: async function* () {
            yield { stored, bound: null };
          },
        });
      }),
      { numRuns: 50 },
    );
  });
});
