import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Skimmer } from '../../../lib/core/json/skim.ts';
import { decoded } from '../../../lib/core/latin-bytes.ts';

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

/** Anything that is made of what JSON is made of. */
const hostile = fc.string({
  unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', ' ', '1', '\n'),
});

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

  it('finds the same in a part of a text, whatever stands around it', () => {
    const around = fc.oneof(
      fc.string(),
      fc.constantFrom('"', '\\', '\\\\', '{"a":1', '}', ',', '\n', ' ', '{"a":1}\n'),
    );
    fc.assert(
      fc.property(around, fc.oneof(object, hostile), around, (before, text, after) => {
        const [alone, part] = [new Skimmer(NAMES), new Skimmer(NAMES)];
        const start = before.length;
        const isFound = alone.skim(text);
        expect(part.skim(before + text + after, start, start + text.length)).toBe(isFound);
        if (isFound) for (const name of NAMES) expect(part.text(name)).toBe(alone.text(name));
      }),
      { numRuns: 1000 },
    );
  });

  it('finds in the bytes as latin1 what it finds in the text they are in UTF-8', () => {
    const names = ['schema', 'txn', 'a', ''];
    fc.assert(
      fc.property(object, (text) => {
        const [utf8, latin] = [new Skimmer(names), new Skimmer(names)];
        const isFound = utf8.skim(text);
        expect(latin.skim(Buffer.from(text).toString('latin1'))).toBe(isFound);
        if (!isFound) return;
        for (const name of names) {
          const found = latin.text(name);
          expect(found === null ? null : decoded(found)).toBe(utf8.text(name));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds what is within a value, and nothing where there is none', () => {
    const [outer, inner] = [new Skimmer(['a', 'b']), new Skimmer(['name'])];
    expect(outer.skim('{"name":1,"a":{"x":{"name":2},"name":"it"},"b":[1]}')).toBe(true);
    expect(outer.skimValue('a', inner)).toBe(true);
    expect(inner.text('name')).toBe('"it"');
    expect(outer.skimValue('b', inner)).toBe(false);
    expect(outer.skimValue('c', inner)).toBe(false);
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
