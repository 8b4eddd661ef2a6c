import { expect, test } from 'vitest';
import { isMoment } from '../../lib/core/utc-time.ts';

test.each([
  ['2026-11-22T12:00:00Z', true],
  ['2026-11-22T12:00:00.123456789Z', true],
  ['2028-02-29T00:00:00Z', true],
  ['0001-01-01T00:00:00Z', true],
  ['2100-02-29T00:00:00Z', false],
  ['2026-04-31T00:00:00Z', false],
  ['2026-00-01T00:00:00Z', false],
  ['2026-01-01T24:00:00Z', false],
  ['2026-01-01T00:60:00Z', false],
  ['2026-01-01T00:00:60Z', false],
  ['9999-99-99T99:99:99Z', false],
  ['', false],
])('whether %s is a moment: %s', (text, is) => {
  expect(isMoment(text)).toBe(is);
});
