import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameTwice, parseStrictJson } from '../../../lib/core/json/strict.ts';

const LIMITS = { depth: 20, values: 1000 };
const parsed = (text: string): object | string => parseStrictJson(Buffer.from(text), LIMITS);

describe('attack: JSON that two readers take for two things', () => {
  it.each([
    ['a name twice', '{"a":1,"a":2}', 'a'],
    ['a name twice with the same value', '{"a":1,"a":1}', 'a'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}', 'a'],
    ['deep inside', '[{"x":[{"b":1,"c":{},"b":2}]}]', 'b'],
    ['after an object within', '{"a":{"b":1},"a":2}', 'a'],
    ['with blanks before the colon', '{"a" :1,"a"\n\t:2}', 'a'],
    ['empty names', '{"":1,"":2}', ''],
    ['names with quotes', '{"\\"":1,"\\u0022":2}', '"'],
    ['names of the language', '{"__proto__":1,"__proto__":2}', '__proto__'],
    ['a surrogate apart and together', '{"\\ud83d\\ude00":1,"😀":2}', '😀'],
  ])('%s', (_, text, name) => {
    expect(nameTwice(text)).toBe(name);
    expect(parsed(text)).toContain('twice');
  });

  it.each([
    ['no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['an overlong slash', Buffer.from('{"a":"\xc0\xaf"}', 'latin1')],
    ['a surrogate as bytes', Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1')],
    ['a mark of byte order', Buffer.from('\ufeff{}')],
    ['nothing', Buffer.alloc(0)],
    ['a number', Buffer.from('1')],
    ['an end that is missing', Buffer.from('{"a":1')],
    ['too deep', Buffer.from('['.repeat(30) + ']'.repeat(30))],
  ])('%s', (_, bytes) => {
    expect(typeof parseStrictJson(bytes, LIMITS)).toBe('string');
  });
});

describe('JSON that there is one way to read', () => {
  it.each(['{"a":1,"b":{"a":1}}', '[{"a":1},{"a":2}]', '{"a":"a","b":"a"}', '["a","a"]', '{"a":"\\"a\\":"}'])(
    '%s',
    (text) => {
      expect(parsed(text)).toEqual(JSON.parse(text));
    },
  );

  it('is read as JSON.parse reads it, and a name more that is there already is seen', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        fc.boolean(),
        (value, isWide) => {
          const text = JSON.stringify(value, null, isWide ? 2 : 0);
          expect(nameTwice(text)).toBeNull();
          for (const name of Object.keys(value))
            expect(nameTwice(`{${JSON.stringify(name)}:0,${text.trim().slice(1)}`)).toBe(name);
        },
      ),
    );
  });
});
