import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { LIMITS } from './limits.ts';
import type { Approval, Change, Decision, Tone, Txn } from './words.ts';

/** The last word on each rule, at whatever stage, in the order they were first judged. */
export function lastDecisions(decisions: readonly Decision[]): Decision[] {
  const last = new Map<string, Decision>();
  for (const one of decisions) last.set(one.decision.rule, one);
  return [...last.values()];
}

/** Whether a rule did not pass and nothing lets it. */
export function isOpen({ decision }: Decision): boolean {
  return (decision.result === 'fail' || decision.result === 'error') && decision.waiver === undefined;
}

/** Decisions made in one evaluation. */
export interface Run {
  readonly run: string;
  readonly first: Decision;
  readonly decisions: readonly Decision[];
}

export function runsOf(decisions: readonly Decision[]): Run[] {
  const runs = new Map<string, [Decision, ...Decision[]]>();
  for (const one of decisions) {
    // Imported results share no run with the rules that read them.
    const key = `${one.decision.run} ${one.decision.stage} ${one.decision.subject.head} ${one.basis}`;
    const known = runs.get(key);
    if (known === undefined) runs.set(key, [one]);
    else known.push(one);
  }
  return [...runs.values()].map((made) => ({ run: made[0].decision.run, first: made[0], decisions: made }));
}

export interface Tally {
  readonly passed: number;
  /** Rules that had something to say. */
  readonly applied: number;
  /** Rules that did not pass, and nothing lets them. */
  readonly open: number;
}

export function tallyOf(decisions: readonly Decision[]): Tally {
  return {
    passed: decisions.filter(({ decision }) => decision.result === 'pass').length,
    applied: decisions.filter(({ decision }) => decision.result !== 'skip').length,
    open: decisions.filter(isOpen).length,
  };
}

export function runTone({ decisions }: Run): Tone {
  if (decisions.some((one) => isOpen(one) && one.decision.enforce === 'deny')) return 'bad';
  const isDoubtful = ({ decision }: Decision): boolean =>
    decision.result !== 'pass' && decision.result !== 'skip';
  return decisions.some(isDoubtful) ? 'warn' : 'ok';
}

/** Approvals that the same person did not take back later. */
export function standingApprovals(approvals: readonly Approval[]): Approval[] {
  return approvals.filter(
    ({ approval }, i) => approval.kind === 'approval' && !isTakenBack(approval, approvals.slice(i + 1)),
  );
}

function isTakenBack(given: Approval['approval'], later: readonly Approval[]): boolean {
  return later.some(
    ({ approval }) =>
      approval.kind === 'withdrawal' &&
      approval.by.email === given.by.email &&
      approval.subject.head === given.subject.head,
  );
}

/** Somebody who answers for a transaction. */
export interface Answering {
  readonly name: string;
  readonly email: string;
  /** Their own signature says so; else only the records do. */
  readonly isSigned: boolean;
}

/** Who answers for a transaction: whoever took that on with a signature, else whom the records name. */
export function answeringFor(txn: Txn, { changes, approvals }: EvidenceDocument): Answering[] {
  const signed = approvals.filter(
    ({ basis, approval }, i) =>
      basis === 'attested' &&
      approval.kind === 'sponsorship' &&
      approval.txns.includes(txn.txn) &&
      !isTakenBack(approval, approvals.slice(i + 1)),
  );
  if (signed.length > 0)
    return signed.map(({ approval: { by } }) => ({ name: by.name, email: by.email, isSigned: true }));
  if (txn.sponsor === null) return [];
  const own = changes.filter((change) => change.txn === txn.txn);
  return [{ ...txn.sponsor, isSigned: own.some(({ sponsor }) => sponsor?.verified === true) }];
}

/** Everybody who answers for any of it, and for how many transactions nobody does. */
export function answering(evidence: EvidenceDocument): {
  readonly people: readonly Answering[];
  readonly unnamed: number;
} {
  const all = evidence.txns.slice(0, LIMITS.txns).map((txn) => answeringFor(txn, evidence));
  const people = new Map(all.flat().map((person) => [person.email, person]));
  return { people: [...people.values()], unnamed: all.filter(({ length }) => length === 0).length };
}

export interface Totals {
  readonly agents: readonly string[];
  readonly models: readonly string[];
  readonly files: number;
  readonly classes: readonly string[];
  readonly calls: number;
}

export function totalsOf({ changes }: EvidenceDocument): Totals {
  const agents = changes.flatMap(({ agent }) =>
    agent === null ? [] : [agent.version === null ? agent.name : `${agent.name} ${agent.version}`],
  );
  const files = changes.flatMap((change) => change.files);
  return {
    agents: [...new Set(agents)],
    models: [...new Set(changes.flatMap(({ model }) => (model?.name == null ? [] : [model.name])))],
    files: new Set(files.map(({ path }) => path)).size,
    classes: [...new Set(files.flatMap(({ classes }) => classes))],
    calls: changes.reduce((sum, { toolCalls }) => sum + toolCalls.length, 0),
  };
}

export interface OpenException {
  readonly exception: Change['exceptions'][number];
  readonly commits: readonly string[];
}

/** Every exception once, with the commits it is told of. */
export function exceptionsOf({ changes }: EvidenceDocument): OpenException[] {
  const found = new Map<string, { exception: OpenException['exception']; commits: string[] }>();
  for (const { commit, exceptions } of changes) {
    for (const exception of exceptions) {
      const known = found.get(exception.id);
      if (known === undefined) found.set(exception.id, { exception, commits: [commit] });
      else known.commits.push(commit);
    }
  }
  return [...found.values()];
}
