import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { encodeRecord } from '../../../lib/core/records/record.ts';
import {
  cleanResults,
  importResults,
  RESULT_FORMATS,
  type ResultFormat,
} from '../../../lib/policy/imports/import.ts';
import type { ImportedResults } from '../../../lib/policy/imports/imported.ts';
import { COMMIT, reportOf, sarif } from './reports.ts';

function read(format: ResultFormat, text: string): ImportedResults {
  return importResults(format, Buffer.from(text));
}

function refusal(format: ResultFormat, text: string | Uint8Array): AgentLogError {
  try {
    importResults(format, Buffer.from(text));
  } catch (error) {
    if (error instanceof AgentLogError && error.hints.length > 0) return error;
    throw error;
  }
  throw new Error('it was read');
}

/** What a decision of it would be, held to the schema. */
function recorded({ results }: ImportedResults): void {
  const ulid = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
  const subject = { base: null, head: COMMIT, tree: COMMIT, patchId: null, target: null, targetCommit: null };
  for (const { commit: _, ...result } of results)
    encodeRecord({
      schema: 'agent-log/decision/v1',
      id: ulid,
      run: ulid,
      stage: 'mr',
      subject,
      txns: [],
      clauses: [],
      classes: [],
      controls: [],
      policy: null,
      inputs: `sha256:${'0'.repeat(64)}`,
      prev: null,
      by: null,
      recordedAt: '2026-03-01T10:00:00Z',
      ...result,
    });
}

const EMPTY: Readonly<Record<ResultFormat, string>> = {
  conftest: '[]',
  danger: '{"fails":[],"warnings":[],"messages":[],"markdowns":[]}',
  gatekeeper: '{"items":[]}',
  'github-checks': '{"total_count":0,"check_runs":[]}',
  'github-reviews': '[]',
  'github-rule-suites': '[]',
  'gitlab-approvals': '{"rules":[]}',
  'gitlab-external-status': '[]',
  junit: '<testsuites/>',
  opa: '\n',
  'policy-report': '{"kind":"PolicyReport","results":[]}',
  sarif: '{"version":"2.1.0","runs":[]}',
};

describe.each(RESULT_FORMATS)('results of %s', (format) => {
  it('become what a record can hold', () => {
    const found = read(format, reportOf(format, 3));
    expect(found.results).toHaveLength(3);
    expect(found.results.every(({ source }) => source.kind === 'import' && source.format === format)).toBe(
      true,
    );
    recorded(found);
  });

  it('are refused when there is none', () => {
    expect(refusal(format, EMPTY[format])).toMatchObject({ kind: 'answer' });
  });

  it('are refused when the file is empty, cut off, of another format, or no text', () => {
    const whole = reportOf(format, 3).trimEnd();
    const other = format === 'junit' ? '{}' : '<testsuite><testcase name="a"/></testsuite>';
    for (const text of [
      '',
      whole.slice(0, -1),
      whole.slice(0, whole.length / 2),
      other,
      '{"a":1}',
      'null',
      '7',
    ])
      expect(['usage', 'answer']).toContain(refusal(format, text).kind);
    expect(refusal(format, Buffer.concat([Buffer.from(whole), Buffer.of(0xff)]))).toMatchObject({
      kind: 'usage',
    });
  });

  it('keep hostile text as data, and none of it beyond a limit', () => {
    const hostile = `\u001b[2J<script>\ud83d${'x'.repeat(5000)}`;
    const written =
      format === 'junit' ? hostile.replaceAll('<', '&lt;') : JSON.stringify(hostile).slice(1, -1);
    const text = reportOf(format, 1).replaceAll(/"(no|build|jane|rule|check|r|R|d) ?0?"/g, `"${written}"`);
    recorded(read(format, text));
  });

  it('never end in anything but an error of ours, whatever is in the file', () => {
    const words = fc.constantFrom(...WORDS);
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, 0, -1, 'fail', 'completed', COMMIT, '2026-03-01T10:00:00Z'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(words, tie('value'), { maxKeys: 6 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (made) => {
        try {
          recorded(read(format, JSON.stringify(made)));
        } catch (error) {
          expect(error).toBeInstanceOf(AgentLogError);
        }
      }),
      { numRuns: 20 },
    );
  });
});

const WORDS =
  '__proto__ constructor runs results tool driver rules version message text kind level filename failures successes msg fails warnings messages items spec status violations check_runs name status conclusion head_sha user login state commit_id result after_sha rule_evaluations approved_by approvals_required decision_id path'.split(
    ' ',
  );

describe('a file of results', () => {
  it('sets no property of ours: __proto__ is a name like any other', () => {
    read('opa', '{"decision_id":"d","result":true,"__proto__":{"polluted":true}}');
    expect('polluted' in {}).toBe(false);
    expect(() => read('opa', '{"__proto__":{"decision_id":"d","result":true}}')).toThrow('no result');
    expect(() => read('sarif', '{"__proto__":{"version":"2.1.0","runs":[]}}')).toThrow('no SARIF');
  });

  it('may begin with a byte order mark', () => {
    expect(read('sarif', `\ufeff${reportOf('sarif', 1)}`).results).toHaveLength(1);
  });

  it('leaves no secret behind', async () => {
    const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    const found = read('sarif', sarif([{ ruleId: 'leak', message: { text: `found ${token} here` } }]));
    const clean = await cleanResults(found);
    expect(JSON.stringify(clean)).not.toContain(token);
    expect(clean.results[0]).toMatchObject({ rule: 'leak', result: 'warn' });
  });
});
