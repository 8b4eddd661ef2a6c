import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SagaRecord } from '../../../lib/core/records/record.ts';
import { latestSagas, stateOf } from '../../../lib/core/records/saga.ts';
import { newUlid } from '../../../lib/core/ulid.ts';

type Step = SagaRecord['repositories'][number];

const DIGEST = `sha256:${'a'.repeat(64)}`;

function step(of: Pick<Step, 'step' | 'remote'>): Step {
  return {
    name: 'library',
    branch: 'main',
    plan: DIGEST,
    head: 'a'.repeat(40),
    units: [],
    commit: 'b'.repeat(40),
    problem: null,
    compensation: null,
    ...of,
  };
}

function record(saga: string, state: SagaRecord['state'], id: string): SagaRecord {
  return {
    schema: 'agent-log/saga/v1',
    id,
    saga,
    txns: [saga],
    state,
    plan: DIGEST,
    repositories: [step({ step: 'planned', remote: null })],
    reason: null,
    by: null,
    recordedAt: '2026-11-22T12:00:00Z',
  };
}

const sagas = [1, 2].map((time) => newUlid(time));
const anyRecord = fc
  .tuple(fc.constantFrom(...sagas), fc.constantFrom('open', 'partial', 'done', 'aborted'), fc.nat(1000))
  .map(([saga, state, at]) =>
    record(
      saga,
      state,
      newUlid(at, () => new Uint8Array(10)),
    ),
  );

describe('the records of a saga', () => {
  it('come to the same in whatever order they arrive', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRecord, { selector: ({ id }) => id }),
        fc.infiniteStream(fc.nat()),
        (all, order) => {
          const keyed = all.map((one) => ({ one, at: order.next().value }));
          const shuffled = keyed.sort((a, b) => a.at - b.at).map(({ one }) => one);
          expect(latestSagas(shuffled)).toEqual(latestSagas(all));
        },
      ),
    );
  });

  it('say that it ended once one does, whatever a clock says', () => {
    const [saga = ''] = sagas;
    const told = [record(saga, 'done', newUlid(5)), record(saga, 'partial', newUlid(9))];
    expect(latestSagas(told).map(({ state }) => state)).toEqual(['done']);
  });
});

describe('the state of a saga', () => {
  const published = step({ step: 'published', remote: 'origin' });
  const applied = step({ step: 'applied', remote: null });
  const planned = step({ step: 'planned', remote: 'origin' });
  const nothing = step({ step: 'nothing', remote: 'origin' });
  it.each([
    ['forward', [published, applied, nothing], 'done'],
    ['forward', [published, planned], 'partial'],
    ['forward', [{ ...applied, remote: 'origin' }], 'partial'],
    ['forward', [planned, planned], 'open'],
    ['back', [planned, step({ step: 'compensated', remote: 'origin' })], 'aborted'],
    ['back', [planned, published], 'partial'],
  ] as const)('going %s', (direction, steps, state) => {
    expect(
      stateOf(
        steps.map((one) => ({ ...one })),
        direction,
      ),
    ).toBe(state);
  });
});
