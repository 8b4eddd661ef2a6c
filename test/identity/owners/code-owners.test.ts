import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approvalsFor,
  NO_CODE_OWNERS,
  ownershipOf,
  ownersOf,
  parseCodeOwners,
} from '../../../lib/identity/owners/code-owners.ts';

function owners(text: string, path: string): string[] {
  return ownersOf({ sections: parseCodeOwners(text) }, path);
}

describe('CODEOWNERS', () => {
  it.each([
    ['* @all', 'a/b/c.ts', ['@all']],
    ['*.js @js', 'a/b.js', ['@js']],
    ['*.js @js', 'a/b.ts', []],
    ['/build/logs/ @ops', 'build/logs/a/b', ['@ops']],
    ['/build/logs/ @ops', 'x/build/logs/a', []],
    ['docs/* @docs', 'docs/a.md', ['@docs']],
    ['docs/* @docs', 'docs/build/a.md', []],
    ['apps/ @apps', 'x/apps/a', ['@apps']],
    ['apps/ @apps', 'apps', []],
    ['/docs/ @docs', 'docs/a/b', ['@docs']],
    ['/scripts @ops jane@example.com', 'scripts/x/y', ['@ops', 'jane@example.com']],
    ['**/logs @ops', 'deeply/nested/logs/x', ['@ops']],
    ['a/**/b @ab', 'a/b', ['@ab']],
    ['a/**/b @ab', 'a/x/y/b/c', ['@ab']],
    ['.github/workflows/*.yml @ci', '.github/workflows/test.yml', ['@ci']],
    ['my\\ file @space', 'my file', ['@space']],
    ['a[1] @literal', 'a1', []],
    ['a[1] @literal', 'a[1]', ['@literal']],
    ['!a @no', 'a', []],
    ['# * @no', 'a', []],
    ['a @yes # and why', 'a', ['@yes']],
  ])('%s for %s', (text, path, expected) => {
    expect(owners(text, path)).toEqual(expected);
  });

  it('R65 the last rule that matches says, also that nobody owns it', () => {
    const text = '* @all\n/apps/ @apps\n/apps/github\n';
    expect(owners(text, 'x')).toEqual(['@all']);
    expect(owners(text, 'apps/x')).toEqual(['@apps']);
    expect(owners(text, 'apps/github/x')).toEqual([]);
  });

  it.each(['olga', '@jane olga', '@', '@/', 'olga@'])(
    'attack: the mistyped owner in `/src/ %s` leaves the path to whom it belonged',
    (mistyped) => {
      const text = `* olga@example.com\n/src/ ${mistyped}\n`;
      expect(owners(text, 'src/pay.js')).toEqual(['olga@example.com']);
      expect(owners(`${text}/src/`, 'src/pay.js')).toEqual([]);
    },
  );

  it('passes over the mistyped owner alone where GitLab does', () => {
    const of = (text: string): string[] => owners(`[All]\n* @all\n${text}`, 'src/pay.js');
    expect(of('/src/ @jane olga')).toEqual(['@jane']);
    expect(of('/src/ olga')).toEqual(['@all']);
  });

  it('asks each section for itself, with owners of its own', () => {
    const text = '* @all\n[Docs] @writers\n*.md\nREADME.md @lead\n^[Optional][2]\n*.md @maybe\n';
    expect(owners(text, 'a.md')).toEqual(['@all', '@writers', '@maybe']);
    expect(owners(text, 'README.md')).toEqual(['@all', '@lead', '@maybe']);
  });

  it('takes out what GitLab takes out, and for GitHub nothing', () => {
    const text = '* @all\n!a/*.lock\na/x.lock @late\n';
    const at = (place: string): string[] => ownersOf({ sections: parseCodeOwners(text, place) }, 'a/x.lock');
    expect(at('.gitlab/CODEOWNERS')).toEqual([]);
    expect(at('.github/CODEOWNERS')).toEqual(['@late']);
    expect(owners(`${text}[Docs]\n*.lock @docs`, 'a/x.lock')).toEqual(['@docs']);
  });

  it('says how many have to approve, and where nobody has to', () => {
    const sections = parseCodeOwners('[Docs][2] @writers\n*.md\n^[Style]\n*.md @style\n');
    expect(ownershipOf({ sections }, 'a.md')).toEqual([
      { section: 'Docs', isOptional: false, approvals: 2, owners: ['@writers'] },
      { section: 'Style', isOptional: true, approvals: 1, owners: ['@style'] },
    ]);
  });

  it('groups what is asked of each owner', () => {
    const owned = { sections: parseCodeOwners('a @x @y\nb @y') };
    expect(approvalsFor(owned, ['a', 'b', 'c'])).toEqual([
      { owner: '@x', paths: ['a'] },
      { owner: '@y', paths: ['a', 'b'] },
    ]);
    expect(approvalsFor(NO_CODE_OWNERS, ['a'])).toEqual([]);
  });

  it('hostile patterns take no longer the more stars they have', () => {
    const stars = `${'*a'.repeat(200)}b @x\n${'**/'.repeat(200)}z @x\n`;
    const before = performance.now();
    expect(owners(stars, `${'a'.repeat(2000)}/${'a/'.repeat(500)}c`)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(20_000);
    fc.assert(fc.property(fc.string(), fc.string(), (text, path) => void owners(text, path)));
  });
});
