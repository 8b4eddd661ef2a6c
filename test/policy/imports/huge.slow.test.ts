import { describe, expect, it } from 'vitest';
import { importResults, MAX_RESULT_BYTES, RESULT_FORMATS } from '../../../lib/policy/imports/import.ts';
import { reportOf, sarif } from './reports.ts';

describe.each(RESULT_FORMATS)('too many results of %s', (format) => {
  it('are counted', () => {
    const found = importResults(format, Buffer.from(reportOf(format, 10_007)));
    expect(found.results).toHaveLength(10_000);
    expect(found.notes.join(' ')).toMatch(/10007 results: the 10000 worst are kept, 7 \w+ are left out/);
  });
});

describe('a huge file', () => {
  it('over 64 MB is refused unread', () => {
    expect(() => importResults('sarif', Buffer.alloc(MAX_RESULT_BYTES + 1))).toThrow('are more than');
  });

  it('nested without end, or of nothing but brackets, is refused before anything is built of it', () => {
    expect(() => importResults('sarif', Buffer.from('['.repeat(1_000_000)))).toThrow('nested deeper');
    const brackets = Buffer.from(`[${'[],'.repeat(20_000_000)}[]]`);
    expect(() => importResults('opa', brackets)).toThrow('more than 12000000 values');
  });

  it('keeps what denies when not all can be kept', () => {
    const pass = Array.from({ length: 12_000 }, () => ({
      ruleId: 'P',
      kind: 'pass',
      message: { text: 'ok' },
    }));
    const all = sarif([...pass, { ruleId: 'BAD', level: 'error', message: { text: 'no' } }]);
    const found = importResults('sarif', Buffer.from(all));
    expect(found.results[0]).toMatchObject({ rule: 'BAD', result: 'fail', enforce: 'deny' });
    expect(found.notes).toEqual(['12001 results: the 10000 worst are kept, 2001 pass are left out']);
  });
});
