import type { ChangeSubject, DecisionRecord } from '../core/records/record.ts';
import { newUlid } from '../core/ulid.ts';
import { mergeState } from '../git/merges/merge-state.ts';
import { handsIn } from '../identity/approvals/hands.ts';
import { landedSince, seenBy } from '../identity/approvals/landed.ts';
import { readCodeOwners } from '../identity/owners/code-owners.ts';
import { readRoster } from '../identity/roster/read.ts';
import type { Roster } from '../identity/roster/roster.ts';
import { judgedAt } from '../identity/signatures/judged-at.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { changeSubject } from '../ledger/told/change-subject.ts';
import type { RuleResult } from './decide.ts';
import { inputsDigest, type Ruling } from './decision-records.ts';
import { evaluatePolicy } from './evaluate.ts';
import type { Facts } from './facts.ts';
import { earlierChecks } from './gather/earlier-checks.ts';
import { factsOf, replaysOn } from './gather/facts-of.ts';
import { lookAt, txnsOf } from './gather/look.ts';
import { peopleFacts } from './gather/people.ts';
import { withServices } from './gather/range-commits.ts';
import { toldOfChange } from './gather/told.ts';
import { type ImportedFile, type ImportFile, readImports } from './imports/files.ts';
import type { Closer } from './rules/policy.ts';
import { parsePolicy } from './rules/policy-file.ts';
import { type PolicySource, policyAt } from './rules/policy-source.ts';

/** What is to be checked. */
export interface CheckRequest {
  /** A commit, with all it has that the target has not; or a range. */
  readonly revision: string;
  readonly stage: DecisionRecord['stage'];
  /** The remote's default branch when not given. */
  readonly target?: string | undefined;
  readonly mr?: string | undefined;
  readonly imports?: readonly ImportFile[];
  /** Of the program that evaluates, for the records. */
  readonly version?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Told how many commits were looked at. */
  readonly progress?: (done: number) => void;
}

/** What a check came to, before anything of it is written. */
export interface Checked {
  readonly run: string;
  readonly stage: DecisionRecord['stage'];
  readonly subject: ChangeSubject;
  readonly policy: PolicySource['source'];
  readonly rulings: readonly Ruling[];
  readonly notes: readonly string[];
  readonly facts: Facts;
  readonly txns: readonly string[];
  readonly roster: Roster;
  readonly closedBy: Closer;
  /** Digest of the last decision on the head's note. */
  readonly prev: string | null;
  readonly now: number;
}

/**
 * Evaluates on a change the policy at the tip of its target, with the sponsors and code owners of that same commit: what the
 * change itself says of them counts for nothing. Writes nothing. Throws NO_POLICY, BAD_POLICY, BAD_ROSTER, and what changeSubject
 * and importResults throw.
 */
export async function checkChange(ledger: Ledger, request: CheckRequest): Promise<Checked> {
  const { stage, now } = request;
  const subject = await changeSubject(ledger, request);
  const target = subject.targetCommit ?? subject.head;
  const [{ text, source }, roster, codeOwners] = await Promise.all([
    policyAt(ledger, target),
    readRoster(ledger.reader, target),
    readCodeOwners(ledger.reader, target),
  ]);
  const policy = parsePolicy(text);
  const imported = await readImports(request.imports ?? [], subject.head);
  const { files, behind, ...looked } = await lookAt(ledger, subject, request.progress);
  const commits = withServices(roster, looked.commits);
  const txns = txnsOf(commits);
  const [told, merge] = await Promise.all([
    toldOfChange(ledger, subject, txns, {
      roster,
      authors: commits.flatMap(({ logged }) => handsIn(logged)),
      now,
    }),
    mergeState(ledger, subject),
  ]);
  const landed = await landedSince(
    ledger,
    subject,
    commits.flatMap(({ records }) => records.map(({ digest }) => digest)),
    seenBy(told.approvals),
  );
  const people = peopleFacts({
    subject,
    policy: source.digest,
    merge,
    landedSince: landed,
    roster,
    codeOwners,
    commits,
    files,
    told: told.approvals,
    at: told.at ?? { now },
  });
  const taken = imported.flatMap(({ checks: found }) => found);
  const checks = [...earlierChecks(told.decisions, taken), ...taken];
  const { exceptions } = told;
  const gathered = factsOf({
    stage,
    subject,
    commits,
    behind,
    files,
    ...people,
    checks,
    exceptions,
    roster,
    now,
    at: await judgedAt(ledger, roster, commits.flatMap(replaysOn), now),
  });
  const waivers = told.waivers.flatMap(({ id, rule, paths, until, txns: names, mr }) =>
    rule !== null && isAbout({ names, mr }, subject, txns)
      ? [{ id, rule, paths: paths ?? [], until: new Date(until).toISOString() }]
      : [],
  );
  const { results, facts } = await evaluatePolicy(policy, gathered, { stage, waivers });
  const inputs = inputsDigest(facts);
  return {
    run: newUlid(now),
    stage,
    subject,
    policy: source,
    rulings: [
      ...results.map((result) => rulingOf(result, source, inputs, request.version ?? null)),
      ...imported.flatMap(importedRulings),
    ],
    notes: [
      ...(commits.length === 0 ? [NOTHING_NEW] : []),
      ...imported.flatMap(({ notes }) => notes),
      ...codeOwners.passedOver.map((what) => `${what} at the target, and counts for nothing`),
    ],
    facts,
    txns,
    roster,
    closedBy: policy.closedBy,
    prev: told.lastDecision,
    now,
  };
}

const NOTHING_NEW = 'the target has all of this change: there is no commit in it to judge';

function rulingOf(
  { rule, severity, enforce, result, message, clauses, controls, waiver }: RuleResult,
  policy: PolicySource['source'],
  inputs: string,
  version: string | null,
): Ruling {
  return {
    rule,
    severity,
    enforce,
    result,
    message,
    policy,
    inputs,
    clauses: [...clauses],
    controls: [...controls],
    source: { kind: 'rules', tool: 'git-agent-log', version },
    ...(waiver === undefined ? {} : { waiver }),
  };
}

function importedRulings({ results, digest }: ImportedFile): Ruling[] {
  return results.map(({ rule, severity, enforce, result, message, source }) => ({
    rule,
    severity,
    enforce,
    result,
    message,
    source,
    clauses: [],
    controls: [],
    policy: null,
    inputs: digest,
  }));
}

/**
 * A waiver for one transaction or merge request permits nothing in another. Whatever a transaction was joined with since: who asked
 * and who said yes have signed its names, and of a regroup anybody can write nobody has.
 */
function isAbout(
  { names, mr }: { readonly names: readonly string[]; readonly mr: string | null },
  subject: ChangeSubject,
  txns: readonly string[],
): boolean {
  return (
    (mr === null || mr === subject.mr) &&
    (names.length === 0 || (txns.length > 0 && txns.every((txn) => names.includes(txn))))
  );
}
