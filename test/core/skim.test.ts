import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Skimmer } from '../../lib/core/skim.ts';

const NAMES = ['schema', 'txn', 'a', '"', 'é', ''];

/** The same value in any of the ways JSON may be written: spaces anywhere, members in any order, names more than once. */
const space = fc.constantFrom('', ' ', '\t', '\r\n', '  ');
const value = fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one));
const member = fc
  .tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string()), value, space, space, space, space)
  .map(([name, text, a, b, c, d]) => `${a}${JSON.stringify(name)}${b}:${c}${text}${d}`);
const object = fc
  .tuple(space, fc.array(member, { maxLength: 12 }), space)
  .map(([before, members, after]) => `${before}{${members.join(',')}}${after}`);

describe('skimming JSON', () => {
  it('finds what JSON.parse finds, or says that it takes a parser', () => {
    fc.assert(
      fc.property(object, (text) => {
        const skimmer = new Skimmer(NAMES);
        if (!skimmer.skim(text)) return;
        const whole = JSON.parse(text) as Record<string, unknown>;
        for (const name of NAMES) {
          const found = skimmer.text(name);
          expect(found === null ? undefined : JSON.parse(found)).toEqual(
            Object.hasOwn(whole, name) ? whole[name] : undefined,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says yes to every object whose names have no escape', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.jsonValue()), (one) =>
        new Skimmer(['a']).skim(JSON.stringify(one, null, 1)),
      ),
    );
  });

  it('comes to an end on anything, and forgets what it found before', () => {
    const skimmer = new Skimmer(['a']);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', ' ', '1') }),
        (text) => {
          skimmer.skim('{"a":1}');
          if (!skimmer.skim(text)) return;
          expect(skimmer.text('a') ?? '"a"').toContain('');
          if (!text.includes('a')) expect(skimmer.text('a')).toBeNull();
        },
      ),
    );
  });

  it.each([
    ['a name with an escape, which may be any', '{"t\\u0078n":1}'],
    ['a list', '["txn"]'],
    ['half an object', '{"txn":"x'],
    ['something after the object', '{"txn":1} x'],
    ['a word', 'null'],
    ['nothing', ''],
  ])('leaves %s to a parser', (_, text) => {
    expect(new Skimmer(['txn']).skim(text)).toBe(false);
  });
});
