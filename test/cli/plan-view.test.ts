import { expect, it } from 'vitest';
import { PLAIN } from '../../lib/cli/terminal/io.ts';
import { renderPlan } from '../../lib/cli/views/plan.ts';
import type { RevertPlan } from '../../lib/core/generated/plan-v1.types.ts';

const OID = '0123456789'.repeat(4);

const PLAN: RevertPlan = {
  schema: 'agent-log/plan/v1',
  txn: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE',
  txns: ['01JD2M0Y5V9Z8K7Q3C4N6T1RWE'],
  action: 'revert',
  verdict: 'needs-decision',
  why: [`${OID} holds other work too, and the two can't be told apart`],
  branch: 'main',
  head: OID,
  units: [{ commit: OID, kind: 'commit', members: [OID], subject: 'Add one' }],
  missing: [],
  claimed: [],
  paths: [],
  leftOut: [],
  kept: 0,
  blockers: [],
  dependants: [],
  options: [{ flag: '--worktree', verdict: 'needs-decision', adds: [] }],
  files: [],
  residue: [],
  superseded: [],
  verified: null,
  notUndone: [],
  approvals: [],
  affected: [],
  warnings: [],
  resultTree: null,
  digest: `sha256:${'0'.repeat(64)}`,
};

/** Shows whatever it is given, as a library that takes any number of arguments does. */
const joined = (...texts: unknown[]): string => texts.join(' ');

it('a plan on a terminal says the same as without colour', () => {
  const paint = Object.fromEntries(
    Object.keys(PLAIN).map((name) => [name, joined]),
  ) as unknown as typeof PLAIN;
  const text = renderPlan(PLAN, { paint, columns: 80 });
  expect(text).toBe(renderPlan(PLAN, { paint: PLAIN, columns: 80 }));
  expect(text).toContain("\n  0123456789 holds other work too, and the two can't be told apart\n");
  expect(text).toMatch(/\nGoes\n {2}0123456789 {2}Add one\n/);
  expect(text).toMatch(/Ways through\n {2}--worktree +yours to look at\n {2}Add one of them .+\n$/);
});

it('what is over is not said to go', () => {
  const over: RevertPlan = { ...PLAN, verdict: 'already-reverted', options: [], why: [] };
  const text = renderPlan(over, { paint: PLAIN, columns: 80 });
  expect(text).toMatch(/\nIts commits\n {2}0123456789 {2}Add one\n$/);
});
