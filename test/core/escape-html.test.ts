import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wellFormed } from '../../lib/core/escape.ts';
import { escapeHtml, visibleParts } from '../../lib/core/escape-html.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '\u202e', '\u200b', '\u0000', '\n', 'a', '\ud800'),
  }),
);

describe('escapeHtml', () => {
  it('attack: leaves nothing that is markup, in content or in quotes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]|&(?!#\d+;)/);
      }),
    );
  });

  it('attack: leaves no character nobody sees', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, keepLines) => {
        const shown = escapeHtml(text, keepLines);
        expect(keepLines ? shown.replaceAll(/[\n\t]/g, '') : shown).not.toMatch(
          /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u{e0000}-\u{e0fff}]/u,
        );
      }),
    );
  });

  it('keeps the text otherwise, in its order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const kept = visibleParts(text, true).filter(({ isEscape }) => !isEscape);
        let at = 0;
        const whole = wellFormed(text);
        for (const part of kept) {
          const found = whole.indexOf(part.text, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + part.text.length;
        }
      }),
    );
  });

  it('shows what was there, and which of it stands for something unseen', () => {
    expect(escapeHtml('a\u202eb\u200bc\u{e0041}')).toBe('a\\u202eb\\u200bc\\u{e0041}');
    expect(visibleParts('a\\u202e\u202e')).toEqual([
      { text: 'a\\u202e', isEscape: false },
      { text: '\\u202e', isEscape: true },
    ]);
  });

  it('leaves names, emoji and joined scripts alone', () => {
    for (const text of ['Jörg Müller', '日本語', '👩‍💻', '❤️', '1️⃣', 'می‌خواهم', 'क्‍ष', 'שלום'])
      expect(escapeHtml(text)).toBe(text);
  });

  it('attack: shows joiners that make two names look like one', () => {
    expect(escapeHtml('pay\u200dpal')).toBe('pay\\u200dpal');
    expect(escapeHtml('admin\ufe0f')).toBe('admin\\ufe0f');
  });
});
