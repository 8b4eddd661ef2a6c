import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Step, successorsOf } from '../../../lib/capture/rewritten/chain.ts';

const step = (from: string, to: string, replaces = true): Step => ({ from, to, replaces });
const oids = (steps: readonly Step[], of: string): string[] => successorsOf(steps)(of).map(({ oid }) => oid);

describe('what a commit became', () => {
  it('over several rewritings, the nearest first, whatever order they are told in', () => {
    const steps = [step('c', 'd'), step('a', 'b'), step('b', 'c')];
    expect(oids(steps, 'a')).toEqual(['b', 'c', 'd']);
    expect(oids(steps, 'c')).toEqual(['d']);
    expect(oids(steps, 'd')).toEqual([]);
  });

  it('several became one', () => {
    const steps = [step('a', 'x'), step('b', 'x')];
    expect([oids(steps, 'a'), oids(steps, 'b')]).toEqual([['x'], ['x']]);
  });

  it('after a pick nothing replaces the commit that was picked', () => {
    const steps = [step('a', 'p', false), step('p', 'q')];
    expect(successorsOf(steps)('a').map(({ replaces }) => replaces)).toEqual([false, false]);
    expect(successorsOf(steps)('p')).toEqual([{ oid: 'q', of: 'p', replaces: true }]);
  });

  it('never ends in itself, and always ends, also when the pairs go round', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const steps = fc.array(fc.record({ from: name, to: name, replaces: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, name, (all, of) => {
        const found = oids(all, of);
        expect(found).not.toContain(of);
        expect(new Set(found).size).toBe(found.length);
        for (const { from, to } of all)
          if (to !== of && (from === of || found.includes(from))) expect(found).toContain(to);
      }),
    );
  });

  it('of an endless chain only the nearest are followed', () => {
    const steps = Array.from({ length: 20_000 }, (_, i) => step(String(i), String(i + 1)));
    expect(oids(steps, '0')).toHaveLength(500);
  });
});
