import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegroupRecord } from '../../../lib/core/generated/regroup-v1.types.ts';
import { foldRegroups, type Regrouping, ulidAfter } from '../../../lib/core/records/regroup.ts';
import { isUlid, newUlid, timeOfUlid } from '../../../lib/core/ulid.ts';

/** A small world, so that events meet: transactions by letter in the order of their age, records by number. */
const TXNS = ['A', 'B', 'C', 'D', 'E', 'F'];
const RECORDS = ['r1', 'r2', 'r3', 'r4'];

let clock = 0;

function join(...txns: string[]): RegroupRecord {
  return event({ action: 'join', txns });
}

function split(from: string, txn: string, ...records: string[]): RegroupRecord {
  const members = records.map((record) => ({ commit: `c-${record}`, record }));
  return event({ action: 'split', from, txn, members });
}

function event(change: RegroupRecord['change'], id = String(clock++).padStart(4, '0')): RegroupRecord {
  return { schema: 'agent-log/regroup/v1', id, change, by: null, recordedAt: '2026-01-01T00:00:00Z' };
}

/** Everything there is to ask. */
function answers(fold: Regrouping): unknown {
  return {
    names: TXNS.map((txn) => [fold.nameOf(txn), fold.namesOf(txn), fold.splitFrom(txn)]),
    records: RECORDS.map((record) => TXNS.map((txn) => fold.txnOf(record, txn))),
    moved: TXNS.map((txn) =>
      fold
        .movedInto(txn)
        .map(({ commit, record }) => `${commit} ${record}`)
        .sort(),
    ),
    last: fold.last,
  };
}

describe('foldRegroups', () => {
  it('calls joined transactions by the oldest of their ids, however they were joined', () => {
    for (const events of [
      [join('A', 'B'), join('B', 'C')],
      [join('C', 'B'), join('C', 'A')],
      [join('C', 'A', 'B')],
    ]) {
      const fold = foldRegroups(events);
      expect(TXNS.map(fold.nameOf)).toEqual(['A', 'A', 'A', 'D', 'E', 'F']);
      expect(fold.namesOf('C')).toEqual(['A', 'B', 'C']);
      expect(fold.txnOf('r1', 'C')).toBe('A');
    }
  });

  it('takes records out of a transaction, also of one that was joined', () => {
    const fold = foldRegroups([join('A', 'B'), split('A', 'D', 'r1')]);
    expect([fold.txnOf('r1', 'B'), fold.txnOf('r2', 'B')]).toEqual(['D', 'A']);
    expect(fold.splitFrom('B')).toEqual(['D']);
    expect(fold.movedInto('D')).toMatchObject([{ commit: 'c-r1', record: 'r1' }]);
  });

  it('lets the later of two who move one record be right', () => {
    const [one, other] = [split('A', 'D', 'r1', 'r2'), split('A', 'E', 'r2', 'r3')];
    for (const events of [
      [one, other],
      [other, one],
    ]) {
      const fold = foldRegroups(events);
      expect(['r1', 'r2', 'r3'].map((record) => fold.txnOf(record, 'A'))).toEqual(['D', 'E', 'E']);
      expect(fold.splitFrom('A')).toEqual(['D', 'E']);
    }
  });

  it('joins again what was split', () => {
    const fold = foldRegroups([split('A', 'D', 'r1'), join('A', 'D')]);
    expect([fold.txnOf('r1', 'A'), fold.splitFrom('A')]).toEqual(['A', []]);
  });

  it('walks a long chain of joins once', () => {
    const ids = Array.from({ length: 50_000 }, (_, i) => String(i).padStart(6, '0'));
    const events = ids.slice(1).map((id, i) => join(ids[i] ?? '', id));
    expect(foldRegroups(events.reverse()).nameOf(ids.at(-1) ?? '')).toBe(ids[0]);
  });
});

const txn = fc.constantFrom(...TXNS);
const change = fc.oneof(
  fc.record({ action: fc.constant('join' as const), txns: fc.array(txn, { minLength: 2, maxLength: 4 }) }),
  fc.record({
    action: fc.constant('split' as const),
    from: txn,
    txn,
    members: fc.array(
      fc.constantFrom(...RECORDS).map((record) => ({ commit: `c-${record}`, record })),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);
/** Ids may be the same: a ledger can be made up. */
const events = fc.array(
  fc.tuple(change, fc.constantFrom('0001', '0002', '0003', '0004')).map(([what, id]) => event(what, id)),
  { maxLength: 12 },
);

describe('foldRegroups, whatever was said,', () => {
  it('does not depend on the order it arrives in, nor on how often', () => {
    const shuffled = events.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.shuffledSubarray(all),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([all, other, again]) => {
        expect(answers(foldRegroups([...again, ...other]))).toEqual(answers(foldRegroups(all)));
      }),
    );
  });

  it('runs in no circle: what something is called is called so itself', () => {
    fc.assert(
      fc.property(events, (all) => {
        const fold = foldRegroups(all);
        for (const one of TXNS) {
          expect(fold.nameOf(fold.nameOf(one))).toBe(fold.nameOf(one));
          expect(fold.nameOf(one) <= one).toBe(true);
          for (const record of RECORDS)
            expect(fold.nameOf(fold.txnOf(record, one))).toBe(fold.txnOf(record, one));
        }
      }),
    );
  });

  it('tells of each record where it is by every way of asking', () => {
    fc.assert(
      fc.property(events, txn, (all, recorded) => {
        const fold = foldRegroups(all);
        for (const record of RECORDS) {
          const here = fold.txnOf(record, recorded);
          const moved = TXNS.filter((one) => fold.movedInto(one).some((member) => member.record === record));
          if (moved.length === 0) expect(fold.namesOf(here)).toContain(recorded);
          else expect(new Set(moved.map(fold.nameOf))).toEqual(new Set([here]));
        }
      }),
    );
  });
});

describe('ulidAfter', () => {
  it('sorts after what was there, whatever the clock says', () => {
    const last = newUlid(2_000_000_000_000);
    expect(ulidAfter(last, 1_000) > last).toBe(true);
    expect(timeOfUlid(ulidAfter(null, 1_000))).toBe(1_000);
    // Somebody's made-up last id of all leaves no room above it: still an id.
    expect(isUlid(ulidAfter('7ZZZZZZZZZZZZZZZZZZZZZZZZZ', 1_000))).toBe(true);
  });
});
