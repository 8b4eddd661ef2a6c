import { recordDigest } from '../core/digest.ts';
import { AgentLogError } from '../core/errors.ts';
import type { ChangeSubject, DecisionRecord } from '../core/record.ts';
import { newUlid } from '../core/ulid.ts';
import { mergeState } from '../git/merge-state.ts';
import { readCodeOwners } from '../identity/code-owners.ts';
import { readRoster } from '../identity/roster/read.ts';
import type { Roster } from '../identity/roster/roster.ts';
import { changeSubject } from '../ledger/change-subject.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { inputsDigest, type Ruling } from './decision-records.ts';
import { evaluatePolicy } from './evaluate.ts';
import type { CheckFact, Facts } from './facts.ts';
import { factsOf } from './gather/facts-of.ts';
import { lookAt, txnsOf } from './gather/look.ts';

import { peopleFacts } from './gather/people.ts';
import { toldOfChange } from './gather/told.ts';
import { cleanResults, importResults, type ResultFormat } from './imports/import.ts';
import type { ImportedApproval, ImportedResults } from './imports/imported.ts';
import { parsePolicy } from './policy-file.ts';
import { type PolicySource, policyAt } from './policy-source.ts';

/** A file another tool wrote, and how it is read. */
export interface ImportFile {
  readonly format: ResultFormat;
  readonly bytes: Uint8Array;
}

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
  /** The first that were approved at the host, by its word. */
  readonly approvals: readonly ImportedApproval[];
  readonly notes: readonly string[];
  readonly facts: Facts;
  readonly txns: readonly string[];
  readonly roster: Roster;
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
  const { commits, files, behind } = await lookAt(ledger, subject, request.progress);
  const txns = txnsOf(commits);
  const [told, merge] = await Promise.all([
    toldOfChange(ledger, subject, txns, { roster, now }),
    mergeState(ledger, subject),
  ]);
  const people = peopleFacts({
    subject,
    policy: source.digest,
    merge,
    roster,
    codeOwners,
    commits,
    files,
    told: told.approvals,
    now,
  });
  const checks = [...earlierChecks(told.decisions), ...imported.flatMap(checksOf)];
  const { exceptions } = told;
  const gathered = factsOf({ stage, subject, commits, behind, files, ...people, checks, exceptions, now });
  const waivers = told.waivers.flatMap(({ id, rule, paths, until, txn, mr }) =>
    rule !== null && isAbout({ txn, mr }, subject, txns)
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
      ...results.map(
        ({ denies: _, clauses, controls, ...result }): Ruling => ({
          ...result,
          clauses: [...clauses],
          controls: [...controls],
          policy: source,
          inputs,
          source: { kind: 'rules', tool: 'git-agent-log', version: request.version ?? null },
        }),
      ),
      ...imported.flatMap(({ found, digest }) =>
        found.results.map(
          ({ commit: _, ...result }): Ruling => ({
            ...result,
            clauses: [],
            controls: [],
            policy: null,
            inputs: digest,
          }),
        ),
      ),
    ],
    approvals: imported.flatMap(({ found }) => [...found.approvals]),
    notes: [
      ...imported.flatMap(({ found }) => [...found.notes]),
      ...codeOwners.passedOver.map((what) => `${what} at the target, and counts for nothing`),
    ],
    facts,
    txns,
    roster,
    prev: told.lastDecision,
    now,
  };
}

/** A waiver for one transaction or merge request permits nothing in another. */
function isAbout(
  { txn, mr }: { readonly txn: string | null; readonly mr: string | null },
  subject: ChangeSubject,
  txns: readonly string[],
): boolean {
  return (mr === null || mr === subject.mr) && (txn === null || (txns.length === 1 && txns[0] === txn));
}

interface ImportedFile {
  readonly found: ImportedResults;
  /** sha256 of the file. */
  readonly digest: string;
}

async function readImports(files: readonly ImportFile[], head: string): Promise<ImportedFile[]> {
  const read: ImportedFile[] = [];
  for (const { format, bytes } of files) {
    const found = await cleanResults(importResults(format, bytes));
    for (const { commit } of [...found.results, ...found.approvals])
      if (commit !== undefined && !head.startsWith(commit.toLowerCase()))
        throw ofAnother(format, commit, head);
    read.push({ found, digest: recordDigest(bytes) });
  }
  return read;
}

/** A host tells of every review there was: those of an earlier head are of something else. */
function withApprovalsOf(head: string, found: ImportedResults): ImportedResults {
  const approvals = found.approvals.filter(({ commit }) => commit === undefined || names(commit, head));
  const left = found.approvals.length - approvals.length;
  const notes =
    left === 0 ? [] : [`${left} of ${found.approvals.length} approvals are of another commit, and left out`];
  return { ...found, approvals, notes: [...found.notes, ...notes] };
}

/** Tools shorten ids; a few digits name anything. */
function names(commit: string, head: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(commit) && head.startsWith(commit.toLowerCase());
}

function ofAnother(format: string, commit: string, head: string): AgentLogError {
  return new AgentLogError(
    'BAD_ARGUMENT',
    'usage',
    `the ${format} file is about ${commit.slice(0, 12)}, and the change ends at ${head.slice(0, 12)}`,
    { hints: ['Import what the tool found in this very commit.'] },
  );
}

/** What pipelines took in before, for the same head. */
function earlierChecks(decisions: Awaited<ReturnType<typeof toldOfChange>>['decisions']): CheckFact[] {
  return decisions.flatMap(({ told, basis }) => {
    const { rule, result, source } = told.stored.record;
    return source.kind === 'import' ? [{ name: rule, tool: source.tool, result, trust: basis }] : [];
  });
}

function checksOf({ found }: ImportedFile): CheckFact[] {
  return found.results.map(({ rule, result, source }) => ({
    name: rule,
    tool: source.tool,
    result,
    trust: 'imported',
  }));
}
