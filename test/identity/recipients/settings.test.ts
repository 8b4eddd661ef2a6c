import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LIMITS,
  mayPushTo,
  parseScoped,
  payloadSettings,
  type ScopedValue,
} from '../../../lib/identity/recipients/settings.ts';
import { LEVELS } from '../../../lib/ledger/payloads/level.ts';

function level(scope: string, value: string): ScopedValue {
  return { scope, key: 'level', value };
}

describe('levels', () => {
  it('are task where nobody says anything', () => {
    expect(payloadSettings([])).toMatchObject({
      level: 'task',
      floor: null,
      recipients: [],
      keyStore: 'refs',
    });
  });

  it("a user's own level tightens what a repository says, and never widens it", () => {
    const scopes = fc.constantFrom('system', 'global', 'local', 'worktree', 'command');
    const values = fc.array(fc.tuple(scopes, fc.constantFrom<string>(...LEVELS)), { maxLength: 6 });
    fc.assert(
      fc.property(values, (pairs) => {
        const all = pairs.map(([scope, value]) => level(scope, value));
        const own = all.filter(({ scope }) => scope !== 'system' && scope !== 'global');
        const rank = (name: string): number => LEVELS.findIndex((one) => one === name);
        const found = rank(payloadSettings(all).level);
        expect(found).toBeLessThanOrEqual(rank(payloadSettings(own).level));
        for (const { scope, value } of all)
          if (scope === 'system' || scope === 'global') expect(found).toBeLessThanOrEqual(rank(value));
      }),
      { numRuns: 200 },
    );
  });

  it('a level nobody knows is taken for the strictest', () => {
    expect(payloadSettings([level('local', 'everything')]).level).toBe('digests');
  });
});

describe('limits', () => {
  it('may be made less, never more', () => {
    const of = (value: string): number =>
      payloadSettings([{ scope: 'local', key: 'maxtext', value }]).limits.text;
    expect(of('64k')).toBe(64 * 1024);
    expect(of('1000')).toBe(1000);
    expect(of('9999m')).toBe(LIMITS.text);
    expect(of('a lot')).toBe(LIMITS.text);
  });
});

describe('where payloads go', () => {
  const known = ['origin', 'fork'];
  const named = (...values: string[]): ReturnType<typeof payloadSettings> =>
    payloadSettings(values.map((value) => ({ scope: 'local', key: 'payloadremote', value })));

  it('is origin or the only remote, those that are named, and never a bare address', () => {
    expect(mayPushTo(named(), 'origin', known)).toBe(true);
    expect(mayPushTo(named(), 'fork', known)).toBe(false);
    expect(mayPushTo(named(), 'fork', ['fork'])).toBe(true);
    expect(mayPushTo(named('fork'), 'fork', known)).toBe(true);
    expect(mayPushTo(named('fork'), 'origin', known)).toBe(false);
    expect(mayPushTo(named('none'), 'origin', known)).toBe(false);
    expect(mayPushTo(named(), 'https://example.com/other.git', known)).toBe(false);
  });
});

it('reads what git prints of settings and their scopes', () => {
  const text = 'global\0agentlog.level\ndigests\0local\0agentlog.recipient\nage1x\0local\0agentlog.level\0';
  expect(parseScoped(text)).toEqual([
    { scope: 'global', key: 'level', value: 'digests' },
    { scope: 'local', key: 'recipient', value: 'age1x' },
    { scope: 'local', key: 'level', value: 'true' },
  ]);
});
