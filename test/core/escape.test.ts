import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeTerminal } from '../../lib/core/escape.ts';

/** C0, DEL, C1, marks and overrides of direction, line and paragraph separators. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const nasty = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0x20ff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('🐙', 'é'),
  ),
});

describe('escapeTerminal', () => {
  it('never lets a control character through', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(escapeTerminal(text)).not.toMatch(UNSAFE);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps line feeds and tabs where asked, and nothing else', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const shown = escapeTerminal(text, true);
        expect(shown.replaceAll(/[\n\t]/g, '')).not.toMatch(UNSAFE);
        expect(shown.split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });

  it('leaves readable text alone', () => {
    for (const text of ['plain', 'Jörg 🐙 日本語', 'a\\nb']) expect(escapeTerminal(text)).toBe(text);
  });

  it('shows what was there', () => {
    expect(escapeTerminal('\u001b[31mred\u0007\n\u009b\u202e')).toBe('\\e[31mred\\x07\\n\\x9b\\u202e');
  });
});
