import type { Commit } from '../git/objects/objects.ts';
import type { Found } from './members/found.ts';
import type { TakenBack } from './state/told.ts';
import type { PlanBody } from './ways/way.ts';
import type { BranchState } from './working-out/situation.ts';

/** A plan before anything is known of it but where it is for, and what was not found there. */
export function startOf(
  txns: readonly string[],
  tip: Commit,
  { branch, action }: Pick<PlanBody, 'branch' | 'action'>,
  { missing, claimed }: Found,
): PlanBody {
  return {
    txn: txns[0] ?? '',
    txns: [...txns],
    action,
    verdict: 'not-landed',
    why: [],
    branch,
    head: tip.oid,
    units: [],
    missing: [...missing],
    claimed: [...claimed],
    paths: [],
    leftOut: [],
    kept: 0,
    blockers: [],
    dependants: [],
    options: [],
    files: [],
    residue: [],
    superseded: [],
    verified: null,
    notUndone: [],
    approvals: [],
    affected: [],
    warnings: [],
    resultTree: null,
  };
}

/** What a plan says first of a branch's state: what was taken out, or brought back, before. */
export function whatWasTakenBack({ reverted, partly, unnamed }: BranchState): string[] {
  const said = ({ unit, by, isUnnamed }: TakenBack, how: string): string =>
    `${unit.commit} was ${how} before, by ${by}${isUnnamed ? ', which does not say so' : ''}`;
  return [
    ...reverted.map((one) => said(one, 'reverted')),
    ...partly.map((one) => said(one, 'partly reverted')),
    ...unnamed
      .filter(({ puts }) => puts === 'in')
      .map(({ commit }) => `${commit} has brought work back, and does not say so`),
  ];
}
