import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import { isMoment } from '../../core/utc-time.ts';
import { resourceUri } from './resource-uri.ts';
import { commitSubject, digestSet, gitoid, type Statement, statement, treeSubject } from './statement.ts';

export type AttestedDecision = EvidenceDocument['decisions'][number];
export type AttestedApproval = EvidenceDocument['approvals'][number];

const SVR = 'https://in-toto.io/attestation/svr/v0.2';
const VSA = 'https://slsa.dev/verification_summary/v1';
const TEST_RESULT = 'https://in-toto.io/attestation/test-result/v0.1';
const AUTHORIZATION = 'https://gittuf.dev/reference-authorization/v0.2';
const PACKAGE = 'pkg:npm/git-agent-log';

/**
 * A decision. What passed is a Simple Verification Result whose property says how far it is to be believed; what did not is a
 * verification summary that FAILED, waived or not; what another tool found is a test result. To leave one of these out never
 * makes more of the change: whoever reads them denies what nothing allows. So null for a verification at a time that there is
 * not, which the format can't tell.
 */
export function decisionStatement(one: AttestedDecision): Statement | null {
  const { result, source, subject, recordedAt } = one.decision;
  const isFoundByOthers = source.kind === 'import' && result !== 'skip';
  const isVerified = !isFoundByOthers && (result === 'pass' || result === 'skip');
  if (isVerified && !isMoment(recordedAt)) return null;
  const [type, predicate] = isFoundByOthers
    ? [TEST_RESULT, testResult(one)]
    : isVerified
      ? [SVR, verificationResult(one)]
      : [VSA, verificationSummary(one)];
  return statement([commitSubject(subject.head)], type, { ...predicate, agentLog: detailsOf(one) });
}

function verificationResult({ basis, decision }: AttestedDecision): object {
  const { rule, result, recordedAt } = decision;
  return {
    verifier: { ...verifierOf(decision), policies: decision.policy === null ? [] : [policyOf(decision)] },
    timeCreated: recordedAt,
    properties: result === 'pass' ? [`AGENT_LOG_${basis.toUpperCase()}:${rule}`] : [],
  };
}

function verificationSummary({ decision }: AttestedDecision): object {
  const { subject, recordedAt } = decision;
  return {
    verifier: verifierOf(decision),
    ...(isMoment(recordedAt) ? { timeVerified: recordedAt } : {}),
    resourceUri: resourceUri(subject.mr ?? '') ?? gitoid('commit', subject.head),
    policy: policyOf(decision),
    verificationResult: 'FAILED',
    verifiedLevels: ['FAILED'],
  };
}

const TEST_RESULTS = {
  pass: ['PASSED', 'passedTests'],
  warn: ['WARNED', 'warnedTests'],
  fail: ['FAILED', 'failedTests'],
  error: ['FAILED', 'failedTests'],
  skip: ['WARNED', 'warnedTests'],
} as const;

/** What the other tool was set to do is not known here: the format asks for a list, and it is empty. */
function testResult({ decision: { rule, result, source } }: AttestedDecision): object {
  const [outcome, list] = TEST_RESULTS[result];
  const url = resourceUri(source.ref ?? '');
  return { result: outcome, configuration: [], ...(url === null ? {} : { url }), [list]: [rule] };
}

function verifierOf({ source }: AttestedDecision['decision']): {
  readonly id: string;
  readonly version: object;
} {
  return {
    id: PACKAGE,
    version: source.kind === 'rules' && source.version !== null ? { 'git-agent-log': source.version } : {},
  };
}

function policyOf({ policy }: AttestedDecision['decision']): object {
  if (policy === null) return { uri: PACKAGE };
  return { uri: gitoid('blob', policy.blob), name: policy.path, digest: digestSet(policy.digest) };
}

/** What the formats have no field for. */
function detailsOf({ digest, basis, signedBy, decision }: AttestedDecision): object {
  const { source, inputs } = decision;
  const { run, stage, rule, result, severity, enforce, message, controls, subject, waiver, prev } = decision;
  const digests = { recordDigest: digestSet(digest), prevDigest: prev === null ? null : digestSet(prev) };
  const judged = { run, stage, rule, result, severity, enforce, message, controls, basis, signedBy };
  const report = source.kind === 'import' ? { report: reportOf({ source, inputs }) } : {};
  return { ...digests, ...judged, target: subject.target, waiver: waiver ?? null, ...report };
}

/** What another tool handed in, as it was read. */
function reportOf({ source, inputs }: Pick<AttestedDecision['decision'], 'source' | 'inputs'>): object {
  return { name: source.format ?? source.tool, digest: digestSet(inputs) };
}

/**
 * An approval as gittuf writes one: this tree, on this ref, from this state. Null for what is none of that: a sponsorship, a
 * withdrawal, a yes that nobody vouches for, one for a tag (gittuf has it name a commit). It is never signed by whoever makes a bundle, for its signer is the approver.
 */
export function approvalStatement({ basis, approval }: AttestedApproval): Statement | null {
  const { target, targetCommit, tree } = approval.subject;
  if (approval.kind !== 'approval' || basis === 'asserted') return null;
  if (target === null || targetCommit === null || target.startsWith('refs/tags/')) return null;
  const predicate = { targetRef: target, fromID: targetCommit, targetID: tree };
  return statement([treeSubject(tree)], AUTHORIZATION, predicate);
}

/** Approvals that nobody took back afterwards: one withdrawal in the person's name is enough, signed or not. */
export function standing(approvals: readonly AttestedApproval[]): AttestedApproval[] {
  const withdrawals = approvals.filter(({ approval }) => approval.kind === 'withdrawal');
  return approvals.filter((one) => !withdrawals.some((other) => takesBack(other, one)));
}

function takesBack(withdrawal: AttestedApproval, { approval, signedBy }: AttestedApproval): boolean {
  const { id, by, subject } = withdrawal.approval;
  const names = [approval.by.email, signedBy?.email ?? ''].map((email) => email.toLowerCase());
  const said = [by.email, withdrawal.signedBy?.email ?? approval.by.email].map((email) =>
    email.toLowerCase(),
  );
  const isSame = subject.head === approval.subject.head || subject.tree === approval.subject.tree;
  return id > approval.id && isSame && names.some((name) => said.includes(name));
}
