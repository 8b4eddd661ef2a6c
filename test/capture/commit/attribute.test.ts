import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeAmong, type Evidence } from '../../../lib/capture/commit/attribute.ts';
import type { KnownWrite, OpenCall } from '../../../lib/capture/session/session.ts';
import type { StagedChange } from '../../../lib/git/repository/index-diff.ts';

const change = (blob: string): StagedChange => ({ path: 'a', change: 'modified', blob });
const wrote = (by: KnownWrite['by'], blob: string): Evidence => ({
  writes: new Map([['a', [{ by, blob }]]]),
  open: new Map(),
});
const running = (before: Record<string, string>): Evidence => {
  const call: OpenCall = {
    name: 'Bash',
    args: { digest: '', size: 0 },
    startedAt: '',
    before: new Map(Object.entries(before)),
  };
  return { writes: new Map(), open: new Map([['1', call]]) };
};
const NOTHING: Evidence = { writes: new Map(), open: new Map() };

describe('attributeAmong', () => {
  it("takes another session's exact edit before what the own command may have done", () => {
    const other = wrote('agent', '1');
    expect(attributeAmong(change('1'), [running({})], [other])).toEqual({ by: 'agent', other });
    expect(attributeAmong(change('1'), [wrote('shell', '1')], [other])).toEqual({ by: 'agent', other });
  });

  it('takes the session that commits first where both wrote the same', () => {
    const by = attributeAmong(change('1'), [wrote('agent', '1')], [wrote('agent', '1')]);
    expect(by).toEqual({ by: 'agent', other: null });
  });

  it('claims nothing for a command of another session that merely runs, too', () => {
    expect(attributeAmong(change('1'), [NOTHING], [running({})])).toEqual({ by: 'unseen', other: null });
  });

  it('says of what somebody changed afterwards who wrote it before', () => {
    const other = wrote('agent', '1');
    expect(attributeAmong(change('2'), [NOTHING], [other])).toEqual({ by: 'mixed', other });
    expect(attributeAmong(change('2'), [running({})], [other])).toEqual({ by: 'shell', other: null });
  });

  it('never names a session for content it is not known to have written', () => {
    const evidence = fc.record({
      by: fc.constantFrom('agent', 'shell'),
      blob: fc.constantFrom('1', '2', '3'),
    });
    const check = (
      own: { by: 'agent' | 'shell'; blob: string }[],
      others: { by: 'agent' | 'shell'; blob: string }[],
      blob: string,
    ): void => {
      const sessions = others.map((one) => wrote(one.by, one.blob));
      const found = attributeAmong(
        change(blob),
        own.map((one) => wrote(one.by, one.blob)),
        sessions,
      );
      const known = found.other === null ? own : others.filter((_, i) => sessions[i] === found.other);
      if (found.by === 'agent' || found.by === 'shell') expect(known).toContainEqual({ by: found.by, blob });
      else expect([...own, ...others].some((one) => one.blob === blob)).toBe(false);
      expect(found.by === 'unseen').toBe(own.length + others.length === 0);
    };
    fc.assert(fc.property(fc.array(evidence), fc.array(evidence), fc.constantFrom('1', '2', '3'), check));
  });
});
