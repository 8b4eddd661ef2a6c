import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, wholeCharacters } from '../../../lib/core/json/canonical.ts';

describe('canonical JSON', () => {
  it('is what RFC 8785 makes of its own examples', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as object;
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('orders keys by UTF-16 units, as the RFC does', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
  });

  it('does not depend on the order in which keys were put in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(turned as object)).toBe(canonicalJson(object as object));
        expect(JSON.parse(canonicalJson(object as object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });

  it('can take in half a character where somebody hostile wrote it', () => {
    expect(canonicalJson({ 'a\ud800': ['\udc00b', '\ud83d\ude00'] }, wholeCharacters)).toBe(
      '{"a\ufffd":["\ufffdb","😀"]}',
    );
  });
});
