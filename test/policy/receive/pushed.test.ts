import { describe, expect, it } from 'vitest';
import { concerns } from '../../../lib/policy/receive/judge-push.ts';
import { matchesRef, parsePushed, type ServerSettings } from '../../../lib/policy/receive/pushed.ts';

const A = 'a'.repeat(40);
const ZERO = '0'.repeat(40);

describe('what git says is pushed', () => {
  it('is old, new and name, and zeros are nothing', () => {
    expect(parsePushed(`${ZERO} ${A} refs/heads/a b\n${A} ${ZERO} refs/tags/v1\n`)).toEqual([
      { from: null, to: A, ref: 'refs/heads/a b' },
      { from: A, to: null, ref: 'refs/tags/v1' },
    ]);
    expect(parsePushed('')).toEqual([]);
  });

  it.each(['x', `${A} refs/heads/main`, `${A} ${A} `, `HEAD ${A} refs/heads/main`])('is not %j', (line) => {
    expect(() => parsePushed(line)).toThrow('no line of a push');
  });
});

describe('a protected name', () => {
  it.each([
    ['refs/heads/main', 'refs/heads/main', true],
    ['refs/heads/main', 'refs/heads/main2', false],
    ['refs/heads/release/*', 'refs/heads/release/1.2/x', true],
    ['refs/heads/release/*', 'refs/heads/release', false],
    ['*', 'refs/heads/x', true],
    ['refs/*/a*b', 'refs/heads/a1b', true],
    ['refs/heads/aa*aa', 'refs/heads/aaa', false],
    ['refs/heads/(main)', 'refs/heads/main', false],
  ])('%s stands for %s: %s', (pattern, ref, matches) => {
    expect(matchesRef(pattern, ref)).toBe(matches);
  });

  it('of many stars takes no time', () => {
    expect(matchesRef(`${'*a'.repeat(5000)}!`, `refs/heads/${'a'.repeat(50_000)}`)).toBe(false);
  });
});

it.each(['refs/heads/MAIN', 'refs/heads/\u200dmain', 'refs/heads/Release/1', 'refs/heads/relea\u017fe/1'])(
  'attack: %j is looked at, for some disks take it for a protected branch',
  (ref) => {
    const settings: ServerSettings = {
      enforce: 'merge',
      protected: ['refs/heads/main', 'refs/heads/release/*'],
    };
    expect(concerns({ from: null, to: A, ref }, settings, '')).toBe(true);
  },
);

describe('a push concerns us', () => {
  const settings: ServerSettings = { enforce: null, protected: ['refs/heads/main'] };
  const of = (ref: string, more: Partial<ServerSettings> = {}): boolean =>
    concerns({ from: null, to: A, ref }, { ...settings, ...more }, 'refs/heads/trunk');

  it('where it moves the ledger, however that is spelled, or a branch that is judged', () => {
    expect([of('refs/notes/agent-log'), of('refs/notes/Agent-LOG'), of('refs/notes/agent-log2')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([of('refs/heads/main'), of('refs/heads/main', { enforce: 'merge' })]).toEqual([false, true]);
    expect([of('refs/heads/trunk', { enforce: 'merge' }), of('refs/heads/x', { enforce: 'merge' })]).toEqual([
      true,
      false,
    ]);
  });
});
