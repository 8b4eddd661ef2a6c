import { withoutCredentials } from '../../core/address.ts';
import { recordDigest } from '../../core/digest.ts';
import { AgentLogError, messageOf } from '../../core/errors.ts';
import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import { isUlid } from '../../core/ulid.ts';
import { shallowCommits } from '../../git/repository/shallow.ts';
import { type FoundTxn, txnNamed } from '../../ledger/reading/txn.ts';
import { planRevert } from '../plan.ts';
import { remoteTip, type SagaPlace } from './place.ts';

/** What would be done in one of the repositories. */
export interface SagaPlanPart {
  readonly name: string;
  readonly branch: string | null;
  readonly remote: string | null;
  /** Why it has no plan, or its plan can't be published. */
  readonly problem: string | null;
  readonly plan: RevertPlan | null;
}

/** One plan over several repositories. schemas/saga-plan-v1.json says what each field means. */
export interface SagaPlan {
  readonly schema: 'agent-log/saga-plan/v1';
  readonly txns: readonly string[];
  readonly verdict: 'clean' | 'already-reverted' | 'needs-decision' | 'incomplete';
  readonly why: readonly string[];
  /** In the order they are published. */
  readonly repositories: readonly SagaPlanPart[];
  readonly digest: string;
}

/** A repository of the list that could not be opened, and why. */
export interface ClosedPlace {
  readonly name: string;
  readonly problem: string;
}

type Part = SagaPlanPart & { readonly isIncomplete: boolean };

/**
 * Plans a revert in every repository and changes none. `places` are in the order the work landed; the plan is in the order
 * it is published, the other way round: what builds on others goes first. Throws AMBIGUOUS where a name means another
 * transaction in another of them.
 */
export async function planSaga(
  places: readonly (SagaPlace | ClosedPlace)[],
  names: readonly string[],
): Promise<SagaPlan> {
  const txns = await sameEverywhere(places.filter(isOpen), names);
  const parts: Part[] = [];
  for (const place of [...places].reverse())
    parts.push(isOpen(place) ? await partOf(place, names, txns) : closed(place.name, place.problem));
  const present = [...new Set(parts.flatMap(({ plan }) => plan?.txns ?? []))];
  const plan = {
    schema: 'agent-log/saga-plan/v1',
    txns: present,
    verdict: verdictOf(parts),
    why: parts.flatMap((part) => whyNot(part)),
    repositories: parts.map(({ isIncomplete: _isIncomplete, ...part }) => part),
  } as const;
  return { ...plan, digest: recordDigest(JSON.stringify(plan)) };
}

export function isOpen(place: SagaPlace | ClosedPlace): place is SagaPlace {
  return 'ledger' in place;
}

/** What each name stands for. A commit or the beginning of an id may be another transaction's in another repository. */
async function sameEverywhere(
  places: readonly SagaPlace[],
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (const name of names) {
    const found = await Promise.all(places.map(({ ledger }) => txnIn(ledger, name)));
    const txns = [...new Set(found.filter((one) => one !== null).map(({ txn }) => txn))];
    if (txns.length > 1 && !isUlid(name.toUpperCase()))
      throw new AgentLogError('AMBIGUOUS', 'answer', `'${name}' is not the same transaction everywhere`, {
        hints: ['Name it by its whole id.', ...txns.slice(0, 5)],
      });
    // Where it was joined with another in one of them, each has its own name for it.
    known.set(name, txns.length === 1 ? (txns[0] ?? name) : name);
  }
  return known;
}

async function txnIn(ledger: SagaPlace['ledger'], name: string): Promise<FoundTxn | null> {
  return txnNamed(ledger, name).catch((error: unknown) => {
    if (error instanceof AgentLogError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
}

async function partOf(
  place: SagaPlace,
  names: readonly string[],
  txns: ReadonlyMap<string, string>,
): Promise<Part> {
  const { name, branch, remote } = place;
  const of = { name, branch, remote };
  try {
    const plan = await planIn(
      place,
      names.map((one) => txns.get(one) ?? one),
    );
    const problem = plan.resultTree === null || remote === null ? null : await unpublishable(place, plan);
    return { ...of, problem, plan, isIncomplete: plan.verdict === 'refused' };
  } catch (error) {
    if (!(error instanceof AgentLogError)) throw error;
    // What is not known here may be missing, or only its records may be: somebody has to say which.
    const isShallow = (await shallowCommits(place.ledger.repo)).size > 0;
    const problem = isShallow ? 'this clone is shallow: what it does not have may matter' : said(error);
    return { ...of, problem, plan: null, isIncomplete: isShallow || error.code !== 'NOT_FOUND' };
  }
}

function said(error: AgentLogError): string {
  return withoutCredentials(messageOf(error));
}

/** The plan of one repository, on its branch as it is now. */
export function planIn(
  { ledger, scratch, flags, branch, isHead }: SagaPlace,
  names: readonly string[],
): Promise<RevertPlan> {
  return planRevert(ledger, scratch, names, {
    ...flags,
    ...(isHead ? {} : { onto: `refs/heads/${branch}` }),
  });
}

/** What was planned on something else than the remote has would take along whatever lies between. */
export async function unpublishable(place: SagaPlace, { head }: RevertPlan): Promise<string | null> {
  const tip = await remoteTip(place);
  if (tip === head) return null;
  if (tip === null) return `${place.remote ?? ''} has no branch ${place.branch}`;
  return `${place.branch} is not where ${place.remote ?? ''} has it: pull or push first`;
}

function closed(name: string, problem: string): Part {
  return { name, branch: null, remote: null, problem, plan: null, isIncomplete: true };
}

function verdictOf(parts: readonly Part[]): SagaPlan['verdict'] {
  if (parts.some(({ isIncomplete }) => isIncomplete)) return 'incomplete';
  if (parts.some(({ plan, problem }) => plan === null || problem !== null || !isSettled(plan)))
    return 'needs-decision';
  return parts.every(({ plan }) => plan?.resultTree == null) ? 'already-reverted' : 'clean';
}

/** A result there is, or nothing to do. */
function isSettled({ verdict, resultTree }: RevertPlan): boolean {
  return resultTree !== null || verdict === 'already-reverted' || verdict === 'noop';
}

function whyNot({ name, problem, plan }: Part): string[] {
  if (problem !== null) return [`${name}: ${problem}`];
  if (plan === null || isSettled(plan)) return [];
  return [`${name}: ${plan.why[0] ?? plan.verdict}`];
}
