import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countUnits, missingUnits, noteUnits, uniteNotes } from '../../../lib/core/records/note-union.ts';

/** Texts of few parts, so that two of them have some in common: records, paragraphs, blank lines, bytes of no script. */
const line = fc.constantFrom(
  '{"a":1}',
  '{"a":2}',
  '{"b":3}',
  '{',
  '  "c": 4',
  '}',
  'words',
  '',
  ' \t',
  '\xff\xa0',
  '{"cut',
);
const text = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.boolean())
  .map(([lines, ended]) => lines.join('\n') + (ended ? '\n' : ''));

/** What a note holds: each part with how often it is there. */
function held(note: string): [string, number][] {
  return [...countUnits(note)].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The most either has of each part. */
function most(...notes: string[]): [string, number][] {
  const all = new Map<string, number>();
  for (const note of notes)
    for (const [unit, count] of held(note)) all.set(unit, Math.max(count, all.get(unit) ?? 0));
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('uniteNotes', () => {
  it('has everything of both and nothing else', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(held(uniteNotes(a, b))).toEqual(most(a, b));
      }),
    );
  });

  it('gives whoever joins the same two the same text, byte for byte', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(uniteNotes(a, b)).toBe(uniteNotes(b, a));
      }),
    );
  });

  it('has the same of three in whatever order they meet', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const either = [
          uniteNotes(uniteNotes(a, b), c),
          uniteNotes(a, uniteNotes(b, c)),
          uniteNotes(uniteNotes(c, a), b),
        ];
        for (const one of either) expect(held(one)).toEqual(most(a, b, c));
      }),
    );
  });

  it('changes nothing when there is nothing new', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const both = uniteNotes(a, b);
        expect(uniteNotes(a, a)).toBe(a);
        expect(uniteNotes(both, a)).toBe(both);
        expect(uniteNotes(both, b)).toBe(both);
      }),
    );
  });

  it("keeps another tool's text whole beside records", () => {
    const pretty = '{\n  "tool": 1\n}';
    const other = '{\n  "tool": 2\n}';
    const both = uniteNotes(`${pretty}\n{"r":1}\n`, `${other}\n{"r":1}\n{"r":2}\n`);
    expect(noteUnits(both).sort()).toEqual([pretty, other, '{"r":1}', '{"r":2}'].sort());
  });
});

describe('missingUnits', () => {
  it('is what has to be added to lose nothing', () => {
    expect(missingUnits('{"a":1}\n{"a":1}\n{"b":2}\n', '{"a":1}\n')).toEqual(['{"a":1}', '{"b":2}']);
    expect(missingUnits('words\n\nwords\n', 'words')).toEqual(['words']);
  });
});
