import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../lib/cli/terminal/io.ts';
import { block } from '../../../lib/cli/views/text.ts';

const options = { paint: PLAIN, columns: 42, full: true };

describe('block', () => {
  it('wraps to the width, between words where it can, and loses nothing but the blanks it breaks at', () => {
    const words = fc.array(fc.stringMatching(/^[a-zü💡]{1,60}$/u), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, (some) => {
        const lines = block(some.join(' '), 2, options).map((line) => line.slice(2));
        for (const line of lines) expect([...line].length).toBeLessThanOrEqual(40);
        expect(lines.join('').replaceAll(' ', '')).toBe(some.join(''));
      }),
    );
  });

  it('one line of half a megabyte, as arguments of calls are, is wrapped like any other', () => {
    const lines = block('x'.repeat(512 * 1024), 2, options);
    expect(lines.length).toBe(Math.ceil((512 * 1024) / 40));
  });
});
