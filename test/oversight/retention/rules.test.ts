import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RiskClass } from '../../../lib/core/risk/risk.ts';
import type { Level } from '../../../lib/ledger/payloads/level.ts';
import { parseRetentionRule, ruleFor } from '../../../lib/oversight/retention/rules.ts';

const decided = (rules: readonly string[], level: Level, ...classes: RiskClass[]): string | null =>
  ruleFor(rules.map(parseRetentionRule), { level, classes: new Set(classes) })?.text ?? null;

describe('a rule of retention', () => {
  it.each([
    ['365d', { level: null, riskClass: null, days: 365 }],
    ['  level=full   2w ', { text: 'level=full 2w', level: 'full', days: 14 }],
    ['class=iac level=task 6m', { riskClass: 'iac', level: 'task', days: 180 }],
    ['class=iam forever', { riskClass: 'iam', days: null }],
    ['7y', { days: 2555 }],
    ['0d', { days: 0 }],
  ])('reads %s', (text, wanted) => {
    expect(parseRetentionRule(text)).toMatchObject(wanted);
  });

  it.each([
    '',
    '365',
    'd',
    '-1d',
    '1.5y',
    '999999d',
    '365d level=full',
    'level=all 1d',
    'class=IAC 1d',
    'level=full level=task 1d',
    'class= 1d',
    'constructor=1 1d',
    '1d; rm -rf .',
  ])('refuses %j: what can not be read must not erase', (text) => {
    expect(() => parseRetentionRule(text)).toThrow('is no rule');
  });

  it('counts when it is the last that fits', () => {
    const rules = ['365d', 'level=full 90d', 'class=iac 7y', 'class=iam forever'];
    expect(decided(rules, 'task')).toBe('365d');
    expect(decided(rules, 'full')).toBe('level=full 90d');
    expect(decided(rules, 'full', 'iac')).toBe('class=iac 7y');
    expect(decided(rules, 'full', 'iac', 'iam')).toBe('class=iam forever');
    expect(decided(['class=iac 7y', '365d'], 'task', 'iac')).toBe('365d');
    expect(decided(['class=iac 1d', 'level=full 1d'], 'task', 'iam')).toBe(null);
    expect(decided([], 'full', 'iac')).toBe(null);
  });

  it('is read the same from what it was written as', () => {
    const rule = fc
      .tuple(
        fc.constantFrom('', 'level=full', 'level=task'),
        fc.constantFrom('', 'class=iac', 'class=dependency-manifest'),
        fc.nat(99_999),
        fc.constantFrom('d', 'w', 'm', 'y'),
      )
      .map(([level, risk, number, unit]) => [level, risk, `${number}${unit}`].filter(Boolean).join(' '));
    fc.assert(
      fc.property(rule, (text) => {
        expect(parseRetentionRule(parseRetentionRule(text).text)).toEqual(parseRetentionRule(text));
      }),
    );
  });

  it('throws nothing but its own error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseRetentionRule(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_ARGUMENT' });
        }
      }),
    );
  });
});
