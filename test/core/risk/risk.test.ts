import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, test } from 'vitest';
import { expandBraces } from '../../../lib/core/paths/glob.ts';
import { RISK_GLOBS } from '../../../lib/core/risk/globs.ts';
import { compileRiskMatcher, RISK_CLASSES } from '../../../lib/core/risk/risk.ts';

const match = compileRiskMatcher();
// From some fifty paths on a matcher asks otherwise than for the first.
for (let i = 0; i < 100; i++) match(`x${i}/y`);
/** What a matcher says of the first path it sees. */
const matchFirst = (path: string): readonly string[] => compileRiskMatcher()(path);
const reference = Object.entries(RISK_GLOBS).map(
  ([risk, globs]) => [risk, picomatch([...globs], { dot: true, nocase: true })] as const,
);
const expected = (path: string): string[] =>
  reference.filter(([, matches]) => matches(path)).map(([risk]) => risk);

describe('risk classes of a path', () => {
  test.each([
    ['package.json', ['dependency-manifest']],
    ['apps/web/package-lock.json', ['dependency-lockfile']],
    ['infra/main.tf', ['iac']],
    ['.github/workflows/ci.yml', ['ci-cd']],
    ['.github/CODEOWNERS', ['access-and-review-control']],
    ['CLAUDE.md', ['agent-instructions']],
    ['.agent-log/policy.yaml', ['audit-policy']],
    ['src/index.ts', []],
  ])('%s', (path, classes) => {
    expect(match(path)).toEqual(expect.arrayContaining(classes));
    if (classes.length === 0) expect(match(path)).toEqual([]);
  });

  test('every class is ordered, and every ordered class is there', () => {
    expect([...RISK_CLASSES].sort()).toEqual(Object.keys(RISK_GLOBS).sort());
  });

  test.each([
    ['many', match, 4000],
    ['a first path', matchFirst, 400],
  ])('agrees with picomatch on %s made from the globs themselves', (_name, classesOf, numRuns) => {
    const globs = Object.values(RISK_GLOBS).flat().flatMap(expandBraces);
    const part = fc.constantFrom('', 'a', 'x/y', '.hidden', 'A.b', 'src');
    const path = fc
      .tuple(fc.constantFrom(...globs), part, part, fc.boolean())
      .map(([glob, one, two, upper]) => {
        const made = glob
          .replaceAll('**/', one === '' ? '' : `${one}/`)
          .replaceAll('**', two === '' ? 'z' : two)
          .replaceAll('*', two.replaceAll('/', ''))
          .replaceAll('[0-9]', '7');
        return upper ? made.toUpperCase() : made;
      });
    fc.assert(
      fc.property(path, (made) => {
        // picomatch wants a star after a dot to stand for something; git and shells do not.
        fc.pre(!/\.(\/|$)/.test(made));
        fc.pre(made !== '' && !made.endsWith('/') && !made.startsWith('/') && !made.includes('//'));
        expect([...classesOf(made)].sort()).toEqual(expected(made).sort());
      }),
      { numRuns },
    );
  });

  test('agrees with picomatch on arbitrary paths', () => {
    const segment = fc.constantFrom(
      'src',
      'vendor',
      'Dockerfile',
      'iam',
      '.env',
      'a.tf',
      'package.json',
      'x',
      'ci',
      'nginx.conf',
      'V1__x.sql',
      'my-policy.json',
      '.git',
      'docs',
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const path = segments.join('/');
        expect([...match(path)].sort()).toEqual(expected(path).sort());
      }),
      { numRuns: 2000 },
    );
  });
});
