import fc from 'fast-check';
import { expect, it } from 'vitest';
import { copiedBlocks, sharing } from '../../../lib/revert/checks/copied.ts';

/** Few lines, long enough for three of them to count, and some of them indented otherwise. */
const line = fc.constantFrom(
  'first of some lines',
  '  second of some lines',
  'second of some lines',
  'third',
  '',
);
const block = fc.record({ path: fc.constantFrom('a', 'b'), lines: fc.array(line, { maxLength: 6 }) });

it('whatever is left of what was added later, only blocks that share lines with the work hold a copy of it', () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(block), fc.array(block), fc.func(fc.boolean()), (work, since, isLeft) => {
      const sharers = new Set(sharing(work, since));
      for (const one of since) {
        const lines = one.lines.filter((_, at) => isLeft(at));
        const copies = copiedBlocks(work, [{ ...one, lines }]);
        if (copies.length > 0) expect(sharers).toContain(one);
        found += copies.length;
      }
    }),
  );
  expect(found).toBeGreaterThan(0);
});
