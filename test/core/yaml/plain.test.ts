import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { NotPlain, parsePlainYaml } from '../../../lib/core/yaml/plain.ts';

const of = (text: string): unknown => parsePlainYaml(text, 8);

describe('plain YAML', () => {
  it('is read as what JSON could say', () => {
    expect(of('a: 1\nb: [x, true, null]\nc:\n  - d: "1"\n')).toEqual({
      a: 1,
      b: ['x', true, null],
      c: [{ d: '1' }],
    });
    expect(of('')).toBeNull();
  });

  it('what was written out is read back, whatever it is', () => {
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        tie('leaf'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = stringify(value, { aliasDuplicateObjects: false });
        expect(JSON.stringify(parsePlainYaml(text, 500))).toBe(JSON.stringify(value));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['an alias', 'a: &x [1]\nb: *x\n'],
    ['a bomb of aliases', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n'],
    ['a tag', 'a: !!js/function x\n'],
    ['a key that is a map', '? {a: 1}\n: 2\n'],
    ['a key that is a number', '1: a\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    ['a merge key in the way of another', '<<: {a: 1}\n<<: {a: 2}\n'],
    ['a number without end', 'a: .inf\n'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['nesting', '[[[[[[[[[1]]]]]]]]]'],
    ['nesting by lines', Array.from({ length: 9 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
  ])('%s is refused', (_, text) => {
    expect(() => of(text)).toThrow(NotPlain);
  });

  it('a key names nothing of what objects inherit', () => {
    const value = of('__proto__: {polluted: true}\nconstructor: 1\n') as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect('polluted' in {}).toBe(false);
  });
});
