import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExecutionRecord } from '../../../lib/core/records/record.ts';
import { agentTraceLine, type TracedCommit } from '../../../lib/evidence/exports/agent-trace.ts';
import type { AddedLines } from '../../../lib/git/diffs/added-lines.ts';
import { storedExecution } from '../../support/records.ts';

const SCHEMA = new URL('../../fixtures/agent-trace/trace-record.json', import.meta.url);
const ajv = new Ajv2020.default({ allErrors: true });
const isTraceRecord = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);

const BLOB = 'b'.repeat(40);
type By = ExecutionRecord['files'][number]['by'];

const changed = (path: string, by: By, blob: string = BLOB): ExecutionRecord['files'][number] => ({
  path,
  by,
  change: 'modified',
  blob,
});
const added = (path: string, ...runs: [number, number][]): AddedLines => ({
  path,
  blob: BLOB,
  binary: false,
  added: runs.map(([from, to]) => ({ from, to })),
});
const traced = (fields: Partial<ExecutionRecord>, more: Partial<TracedCommit> = {}): TracedCommit => {
  const record = storedExecution(fields);
  return {
    commit: 'c'.repeat(40),
    binding: 'exact',
    sealed: true,
    record,
    txn: record.record.txn,
    squashed: [],
    files: [added('a.js', [1, 3], [7, 7])],
    ...more,
  };
};

interface Trace {
  readonly id: string;
  readonly files: {
    readonly path: string;
    readonly conversations: {
      readonly contributor: { readonly type: string; readonly model_id?: string };
      readonly ranges: object[];
      readonly related?: object[];
    }[];
  }[];
}

function traceOf(commit: TracedCommit): Trace {
  const trace = JSON.parse(agentTraceLine(commit)) as Trace;
  expect(isTraceRecord(trace), JSON.stringify(isTraceRecord.errors)).toBe(true);
  return trace;
}

const contributor = (commit: TracedCommit): string | undefined =>
  traceOf(commit).files[0]?.conversations[0]?.contributor.type;

describe('whose lines they are', () => {
  test.each([
    ['agent', 'ai'],
    ['shell', 'ai'],
    ['mixed', 'mixed'],
    ['unseen', 'unknown'],
  ] as const)('a file by %s is %s', (by, type) => {
    expect(contributor(traced({ files: [changed('a.js', by)] }))).toBe(type);
  });

  test('content that is no longer what was sealed is not the agent’s alone', () => {
    expect(contributor(traced({ files: [changed('a.js', 'agent', 'd'.repeat(40))] }))).toBe('mixed');
  });

  test('a file that no record lists is not attributed', () => {
    expect(traceOf(traced({ files: [changed('b.js', 'agent')] })).files).toEqual([]);
  });

  test('of a squash, the records together', () => {
    const one = storedExecution({ files: [changed('a.js', 'agent', 'd'.repeat(40))] });
    const files = [changed('a.js', 'agent')];
    expect(contributor(traced({ files }, { squashed: [one] }))).toBe('ai');
    const other = storedExecution({ files: [changed('a.js', 'unseen')] });
    expect(contributor(traced({ files }, { squashed: [other] }))).toBe('mixed');
  });

  test('one model is named, two are not', () => {
    const files = [changed('a.js', 'agent')];
    const model = { provider: 'anthropic', name: 'm-1' };
    const named = traceOf(traced({ files, model }));
    expect(named.files[0]?.conversations[0]?.contributor.model_id).toBe('anthropic/m-1');
    const squashed = [storedExecution({ files, model: { provider: 'anthropic', name: 'm-2' } })];
    const unnamed = traceOf(traced({ files, model }, { squashed }));
    expect(unnamed.files[0]?.conversations[0]?.contributor).toEqual({ type: 'ai' });
  });
});

test('ranges are the lines as they are in the commit', () => {
  const trace = traceOf(traced({ files: [changed('a.js', 'agent')] }));
  expect(trace.files[0]?.conversations[0]?.ranges).toEqual([
    { start_line: 1, end_line: 3 },
    { start_line: 7, end_line: 7 },
  ]);
});

test('a binary file is there without ranges; one that lost lines only is not', () => {
  const files = [changed('a.png', 'agent'), changed('b.js', 'agent')];
  const picture = { ...added('a.png'), binary: true };
  const trace = traceOf(traced({ files }, { files: [picture, added('b.js')] }));
  expect(trace.files).toMatchObject([{ path: 'a.png', conversations: [{ ranges: [] }] }]);
});

test('a task’s page is linked only when it is one', () => {
  const files = [changed('a.js', 'agent')];
  const task = { digest: `hmac-sha256:${'e'.repeat(64)}`, size: 3, source: 'flag' } as const;
  const related = (ref: string): unknown =>
    traceOf(traced({ files, task: { ...task, ref } })).files[0]?.conversations[0]?.related;
  expect(related('https://t.example/T-1')).toEqual([{ type: 'task', url: 'https://t.example/T-1' }]);
  for (const ref of ['T-1', 'javascript:alert(1)', 'https://t.example/a b', 'https://t.example/"<x>'])
    expect(related(ref)).toBeUndefined();
});

test('the same commit makes the same bytes, another makes another id', () => {
  const record = storedExecution({ files: [changed('a.js', 'agent')] });
  const one = traced({}, { record });
  expect(agentTraceLine(one)).toBe(agentTraceLine({ ...one }));
  expect(traceOf(one).id).not.toBe(traceOf({ ...one, commit: 'd'.repeat(40) }).id);
});

test('whatever a record says, a line is one trace record', () => {
  const by = fc.constantFrom<By>('agent', 'shell', 'mixed', 'unseen');
  const path = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.nat(99)), { maxLength: 4 });
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(path, by, runs, fc.boolean()), { maxLength: 5 }),
      fc.option(text),
      fc.option(text),
      (files, name, version) => {
        const record = storedExecution({
          model: { provider: null, name },
          agent: { name: name ?? 'a', version, sessionId: version, chain: [] },
          files: files.map(([file, whose]) => changed(file, whose)),
        });
        const lines = files.map(([file, , at, binary]) => ({
          ...added(file, ...at.map(([from, more]): [number, number] => [from, from + more])),
          binary,
        }));
        const line = agentTraceLine(traced({}, { record, files: lines }));
        expect(line).not.toContain('\n');
        expect(isTraceRecord(JSON.parse(line)), JSON.stringify(isTraceRecord.errors)).toBe(true);
      },
    ),
  );
});
