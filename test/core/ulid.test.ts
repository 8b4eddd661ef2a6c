import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUlid, isUlidPrefix, newUlid, timeOfUlid } from '../../lib/core/ulid.ts';

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('newUlid', () => {
  it('writes time and randomness as the ULID specification has them', () => {
    // Time part of the specification's own example.
    expect(newUlid(1469918176385, () => new Uint8Array(10))).toBe('01ARYZ6S410000000000000000');
    expect(newUlid(0, () => new Uint8Array(10).fill(255))).toBe('0000000000ZZZZZZZZZZZZZZZZ');
    expect(newUlid(2 ** 48 - 1, () => new Uint8Array(10).fill(255))).toBe('7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
  });

  it('gives back its time, and sorts by it', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(timeOfUlid(newUlid(a))).toBe(a);
        if (a < b) expect(newUlid(a) < newUlid(b)).toBe(true);
      }),
    );
  });

  it('differs each time, and is an id of its own kind', () => {
    const made = Array.from({ length: 1000 }, () => newUlid(1));
    expect(new Set(made).size).toBe(1000);
    expect(made.every(isUlid)).toBe(true);
  });
});

describe('isUlid and isUlidPrefix', () => {
  it.each([
    '',
    '01ARYZ6S41',
    '81ARYZ6S410000000000000000',
    '01ARYZ6S41000000000000000I',
    '01aryz6s410000000000000000',
  ])('takes %j for no id', (text) => expect(isUlid(text)).toBe(false));

  it('takes 8 letters of either case for a prefix, and nothing that a search would misread', () => {
    expect(isUlidPrefix('01aryz6s')).toBe(true);
    expect(isUlidPrefix('01ARYZ6S410000000000000000')).toBe(true);
    for (const text of ['01ARYZ6', '01ARYZ6S4100000000000000000', '01ARYZ.*', '91ARYZ6S', '01ARYZ6S\n'])
      expect(isUlidPrefix(text), text).toBe(false);
  });
});
