import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { NOW } from './records.ts';

const AT: string = new Date(NOW).toISOString();
const HEAD: string = 'a'.repeat(40);
const TREE: string = 'b'.repeat(40);
const TIP: string = 'c'.repeat(40);

type Decided = EvidenceDocument['decisions'][number];
type Approved = EvidenceDocument['approvals'][number];
type Change = EvidenceDocument['changes'][number];

const SUBJECT: Decided['decision']['subject'] = {
  base: TIP,
  head: HEAD,
  tree: TREE,
  patchId: 'd'.repeat(40),
  target: 'refs/heads/main',
  targetCommit: TIP,
};

/** A decision as a bundle tells it, with whatever a test cares about. */
export function evidenceDecision(
  fields: Partial<Decided['decision']> = {},
  around: Partial<Omit<Decided, 'decision'>> = {},
): Decided {
  return {
    digest: `sha256:${'1'.repeat(64)}`,
    object: HEAD,
    basis: 'evaluated',
    signedBy: 'ci',
    ...around,
    decision: {
      schema: 'agent-log/decision/v1',
      id: newUlid(NOW),
      run: newUlid(NOW),
      stage: 'mr',
      subject: SUBJECT,
      txns: [],
      rule: 'agent.dependencies',
      severity: 'high',
      enforce: 'deny',
      result: 'pass',
      message: null,
      clauses: [],
      classes: [],
      controls: [],
      policy: {
        commit: TIP,
        path: '.agent-log/policy.yaml',
        blob: 'e'.repeat(40),
        digest: `sha256:${'2'.repeat(64)}`,
      },
      inputs: `sha256:${'3'.repeat(64)}`,
      source: { kind: 'rules', tool: 'git-agent-log', version: '0.1.0' },
      prev: null,
      by: null,
      recordedAt: AT,
      ...fields,
    },
  };
}

/** An approval as a bundle tells it. */
export function evidenceApproval(
  fields: Partial<Approved['approval']> = {},
  around: Partial<Omit<Approved, 'approval'>> = {},
): Approved {
  const person = { name: 'Ann Approver', email: 'ann@example.com' };
  return {
    digest: `sha256:${'4'.repeat(64)}`,
    object: HEAD,
    basis: 'attested',
    present: false,
    signedBy: person,
    ...around,
    approval: {
      schema: 'agent-log/approval/v1',
      id: newUlid(NOW),
      kind: 'approval',
      subject: SUBJECT,
      txns: [],
      by: person,
      note: null,
      prev: null,
      recordedAt: AT,
      ...fields,
    },
  };
}

/** A change of which nothing is known but its commit. */
export function evidenceChange(fields: Partial<Change> = {}): Change {
  return {
    schema: 'agent-log/show/v1',
    commit: HEAD,
    authorship: 'agent',
    binding: 'exact',
    sealed: true,
    txn: null,
    agent: null,
    model: null,
    sponsor: null,
    task: null,
    base: null,
    prompts: [],
    context: [],
    toolCalls: [],
    usage: null,
    files: [],
    decisions: [],
    approvals: [],
    landings: [],
    reverts: [],
    relands: [],
    replays: [],
    exceptions: [],
    integrity: { ok: true, problems: [] },
    ...fields,
  };
}

/** The smallest answer that is valid. */
export function evidenceDocument(fields: Partial<EvidenceDocument> = {}): EvidenceDocument {
  return {
    schema: 'agent-log/evidence/v1',
    madeAt: AT,
    question: { kind: 'commit', name: 'HEAD', classes: [] },
    repository: { format: 'sha1', roots: [], target: null },
    ledger: { ref: 'refs/notes/agent-log', tip: TIP },
    txns: [],
    changes: [],
    authors: [],
    mergeRequests: [],
    decisions: [],
    approvals: [],
    diffs: [],
    rollbacks: [],
    requests: [],
    missing: [],
    ...fields,
  };
}
