import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import {
  encodeRecord,
  isReadable,
  type LedgerRecord,
  MAX_LINE_BYTES,
  parseLine,
} from '../../../lib/core/records/record.ts';
import { executionRecord, storedExecution } from '../../support/records.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/schemas/', import.meta.url));
const schemas = fileURLToPath(new URL('../../../schemas/', import.meta.url));

function cases(name: string, kind: 'valid' | 'invalid'): { file: string; value: unknown }[] {
  const folder = join(fixtures, name, kind);
  return readdirSync(folder).map((file) => ({
    file,
    value: JSON.parse(readFileSync(join(folder, file), 'utf8')),
  }));
}

/** The schema as anybody's validator reads it: what we compile ahead of time must judge the same. */
function validatorOf(name: string): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  for (const file of readdirSync(schemas).filter((one) => one.endsWith('.json')))
    ajv.addSchema(JSON.parse(readFileSync(join(schemas, file), 'utf8')) as object);
  const validate = ajv.getSchema(`agent-log:/schemas/${name}.json`);
  if (!validate) throw new Error(`no schema ${name}`);
  return (value) => validate(value) as boolean;
}

describe.each(['execution-v1', 'binding-v1'])('%s', (name) => {
  const validate = validatorOf(name);

  it.each(cases(name, 'valid'))('reads $file', ({ value }) => {
    const line = JSON.stringify(value);
    const parsed = parseLine(line);
    expect(parsed).toMatchObject({ line, record: value });
    expect(encodeRecord(value as LedgerRecord)).toEqual(parsed);
    expect(validate(value)).toBe(true);
  });

  it.each(cases(name, 'invalid'))('names what is wrong in $file', ({ value }) => {
    const parsed = parseLine(JSON.stringify(value));
    expect(parsed).toMatchObject({ problem: 'invalid' });
    expect(parsed).toHaveProperty('detail', expect.stringMatching(/^\//));
    expect(() => encodeRecord(value as LedgerRecord)).toThrow(AgentLogError);
    expect(validate(value)).toBe(false);
  });
});

describe('parseLine', () => {
  it.each([
    ['not-json', 'not json'],
    ['not-json', '["agent-log/execution/v1"]'],
    ['not-json', 'null'],
    ['not-json', '{"schema":"agent-log/execution/v1"'],
    ['newer-version', '{"schema":"agent-log/execution/v2"}'],
    ['newer-version', '{"schema":"agent-log/verdict/v1"}'],
    ['unknown-schema', '{"schema":"other/thing/v1"}'],
    ['unknown-schema', '{"schema":7}'],
    ['unknown-schema', '{}'],
    ['unknown-schema', '{"schema":"__proto__"}'],
    ['unknown-schema', '{"schema":"constructor"}'],
    ['invalid', '{"schema":"agent-log/execution/v1"}'],
  ])('says %s of %s, and keeps the line', (problem, line) => {
    expect(parseLine(line)).toMatchObject({ line, problem });
  });

  it('does not parse a line over the limit', () => {
    expect(parseLine(`"${'x'.repeat(MAX_LINE_BYTES)}"`)).toMatchObject({ problem: 'too-long' });
  });

  it('survives nesting that would exhaust a stack', () => {
    expect(isReadable(parseLine('['.repeat(1_000_000)))).toBe(false);
    expect(
      isReadable(
        parseLine(`{"schema":"agent-log/execution/v1","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      ),
    ).toBe(false);
  });

  it('keeps fields a newer writer added', () => {
    const line = JSON.stringify({ ...executionRecord(), later: { a: 1 } });
    expect(parseLine(line)).toMatchObject({ line, record: { later: { a: 1 } } });
  });
});

describe('encodeRecord', () => {
  it('writes one line, whatever the record says', () => {
    const { line } = storedExecution({ sponsor: { name: 'A\nB\u2028C\r', email: 'x', source: 'flag' } });
    expect(line.split(/[\n\r]/)).toHaveLength(1);
  });

  it('refuses a record over the limit, counted in bytes', () => {
    const gaps = ['é'.repeat(MAX_LINE_BYTES / 2)];
    expect(() => storedExecution({ capture: { by: 'library', gaps } })).toThrow(/over \d+ bytes/);
  });
});
