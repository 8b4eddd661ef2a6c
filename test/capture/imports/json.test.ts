import { describe, expect, it } from 'vitest';
import { Tally } from '../../../lib/capture/imports/fields.ts';
import { MAX_SOURCE_BYTES, sourceJson, sourceText } from '../../../lib/capture/imports/json.ts';
import { utcTime } from '../../../lib/core/utc-time.ts';

describe('sourceJson', () => {
  it.each([
    ['100 deep', '['.repeat(100) + ']'.repeat(100), null],
    ['101 deep', '['.repeat(101) + ']'.repeat(101), 'too-deep'],
    ['brackets in a text', JSON.stringify({ a: '[{'.repeat(500) }), null],
    ['brackets behind an escaped quote', JSON.stringify({ a: `\\"${'['.repeat(500)}` }), null],
    ['many values', `[${'0,'.repeat(400_000)}0]`, null],
    ['too many values', `[${'0,'.repeat(500_000)}0]`, 'too-many'],
    ['half a document', '{"a":1', 'not-json'],
    ['two documents', '{}{}', 'not-json'],
    ['nothing', '', 'not-json'],
  ])('of %s', (_, text, code) => {
    const parsed = sourceJson(text);
    expect('problem' in parsed ? parsed.problem.code : null).toBe(code);
  });

  it('refuses bytes that are no text, and more than the limit', () => {
    expect(sourceText(Uint8Array.of(0x7b, 0xff))).toMatchObject({ problem: { code: 'not-text' } });
    expect(sourceText(Buffer.alloc(MAX_SOURCE_BYTES + 1))).toMatchObject({ problem: { code: 'too-large' } });
    expect(sourceText(Buffer.alloc(MAX_SOURCE_BYTES))).toHaveProperty('text');
  });
});

describe('a tally', () => {
  it('counts what was not asked for, and what was of another type', () => {
    const tally = new Tally();
    const fields = tally.open({ a: 1, b: -1, c: ['x', 3], d: { e: null }, f: 'later' }, '');
    expect([fields?.count('a'), fields?.count('b'), fields?.texts('c'), fields?.text('none')]).toEqual([
      1,
      null,
      ['x'],
      null,
    ]);
    expect(tally.unread()).toEqual([
      { field: 'b', count: 1 },
      { field: 'c[]', count: 1 },
      { field: 'd', count: 1 },
      { field: 'f', count: 1 },
    ]);
  });

  it('names so many fields and no more, each cut and without control characters', () => {
    const tally = new Tally();
    for (let i = 0; i < 1000; i++) tally.add(`\u001b[2J${i}${'x'.repeat(500)}`);
    const names = tally.unread();
    expect(names).toHaveLength(51);
    expect(names.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    for (const { field } of names) expect(field).toMatch(/^[^\u0000-\u001f]{1,80}$/);
  });
});

describe('utcTime', () => {
  it.each([
    ['2026-01-30T14:23:45Z', '2026-01-30T14:23:45.000Z'],
    ['2026-01-30T14:23:45.123456+02:00', '2026-01-30T12:23:45.123Z'],
    ['2026-01-30T14:23:45', undefined],
    ['2026-01-30', undefined],
    ['2026-13-45T99:99:99Z', undefined],
    ['yesterday', undefined],
  ])('of %s', (text, time) => {
    expect(utcTime(text)).toBe(time);
  });
});
