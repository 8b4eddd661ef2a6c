import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandBraces, globSource } from '../../../lib/core/paths/glob.ts';
import { compileGlob, problemOfGlob } from '../../../lib/core/paths/glob-match.ts';

const piece = constantFrom('a', 'B', '.', '/', '*', '**', '/**', '**/', '?', '[a-c]', '[', '{a,b}', '-');
const globs = array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
const paths = array(constantFrom('a', 'b', 'B', '.', '/', '-', '[', 'd'), { maxLength: 12 }).map((letters) =>
  letters.join(''),
);

describe('a glob', () => {
  it('says what the risk classes mean by it', () => {
    assert(
      property(globs, paths, (glob, path) => {
        const expected = expandBraces(glob.toLowerCase()).some((one) =>
          new RegExp(`^(?:${globSource(one)})$`, 's').test(path.toLowerCase()),
        );
        expect(compileGlob(glob)(path)).toBe(expected);
      }),
      { numRuns: 600 },
    );
  });

  it('fits paths whatever their letter case', () => {
    expect(compileGlob('.github/**')('.GitHub/workflows/ci.yml')).toBe(true);
    expect(compileGlob('**/*.{tf,TFVARS}')('infra/prod.tfvars')).toBe(true);
    expect(compileGlob('src/*.ts')('src/a/b.ts')).toBe(false);
  });

  it('that makes a regular expression go back again and again ends all the same', () => {
    const glob = '*a'.repeat(30);
    expect(compileGlob(glob)(`${'a'.repeat(2000)}b`)).toBe(false);
  });

  it('is refused when it is endless, multiplies or is not closed', () => {
    expect(problemOfGlob('a'.repeat(501))).toMatch(/longer/);
    expect(problemOfGlob('{a,b}'.repeat(13))).toMatch(/alternatives/);
    expect(problemOfGlob(`${'[['.repeat(50)}${'{b,{c,d}}'.repeat(6)}`)).toMatch(/alternatives/);
    expect(problemOfGlob('{a,b')).toMatch(/closed/);
    expect(problemOfGlob('')).toMatch(/empty/);
    assert(
      property(string({ maxLength: 40 }), (glob) => {
        if (problemOfGlob(glob) === null) compileGlob(glob)('a/b');
        else expect(() => compileGlob(glob)).toThrow(RangeError);
      }),
    );
  });
});
