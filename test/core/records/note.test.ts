import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendLines, noteLines, parseNote } from '../../../lib/core/records/note.ts';
import { isReadable } from '../../../lib/core/records/record.ts';
import { storedExecution } from '../../support/records.ts';

/** Any text a note may hold, with few different lines so that they meet. */
const line = fc
  .oneof(fc.constantFrom('a', 'b', '{"c":1}', ' d'), fc.string({ minLength: 1 }))
  .filter((text) => text.trim() !== '' && !text.includes('\n'));
const lines = fc.array(line, { maxLength: 6 });
const text = fc.oneof(
  lines.map((all) => all.map((one) => `${one}\n`).join('')),
  lines.map((all) => all.join('\n')),
  lines.map((all) => all.join('\n\n')),
  fc.string(),
);

describe('appendLines is a set union that keeps what is there', () => {
  it('keeps every byte that was there, at its place', () => {
    fc.assert(
      fc.property(text, lines, (before, added) => {
        expect(appendLines(before, added).startsWith(before)).toBe(true);
      }),
    );
  });

  it('holds afterwards what was there and what was added, and nothing else', () => {
    fc.assert(
      fc.property(text, lines, (before, added) => {
        expect(new Set(noteLines(appendLines(before, added)))).toEqual(
          new Set([...noteLines(before), ...added]),
        );
      }),
    );
  });

  it('adds no line twice', () => {
    fc.assert(
      fc.property(text, lines, (before, added) => {
        const missing = new Set(added.filter((one) => !noteLines(before).includes(one)));
        expect(noteLines(appendLines(before, added))).toHaveLength(noteLines(before).length + missing.size);
      }),
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(text, lines, (before, added) => {
        const once = appendLines(before, added);
        expect(appendLines(once, added)).toBe(once);
      }),
    );
  });

  it('comes to the same set in whatever order two writers append', () => {
    fc.assert(
      fc.property(text, lines, lines, (before, a, b) => {
        const one = new Set(noteLines(appendLines(appendLines(before, a), b)));
        const other = new Set(noteLines(appendLines(appendLines(before, b), a)));
        expect(one).toEqual(other);
      }),
    );
  });

  it('ends a last line that had no line feed, and touches a note it adds nothing to not at all', () => {
    expect(appendLines('foreign', ['a'])).toBe('foreign\na\n');
    expect(appendLines('foreign', ['foreign'])).toBe('foreign');
    expect(appendLines('', ['a', 'a', 'b'])).toBe('a\nb\n');
    expect(appendLines('', [])).toBe('');
  });
});

describe('parseNote', () => {
  it('reads records between foreign lines and blank ones', () => {
    const record = storedExecution();
    const parsed = parseNote(`Reviewed-by: someone\n\n${record.line}\r\n   \n{"schema":"other"}`);
    expect(parsed.map((one) => (isReadable(one) ? one.record.id : one.problem))).toEqual([
      'not-json',
      record.record.id,
      'unknown-schema',
    ]);
  });

  it('never throws, whatever a note holds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void parseNote(any)));
  });
});

describe('a note full of lines that are no records', () => {
  it('is read quickly, however many there are, and its records are all found', () => {
    const { line: record, digest } = storedExecution();
    const junk = Array.from({ length: 60_000 }, (_, i) => `junk ${i}`);
    const parsed = parseNote([...junk, record, ...junk].join('\n'));
    expect(parsed.filter(isReadable).map((one) => one.digest)).toEqual([digest]);
    expect(parsed).toHaveLength(1002);
    expect(parsed.at(-1)).toMatchObject({ problem: 'not-json', detail: '119000 more lines are no records' });
  });

  it('names every line that says it is one of ours, however many', () => {
    const ours = Array.from({ length: 1500 }, (_, i) => `{"schema":"agent-log/execution/v9","n":${i}}`);
    expect(parseNote(ours.join('\n'))).toHaveLength(1500);
  });
});
