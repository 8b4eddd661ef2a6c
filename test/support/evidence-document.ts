import type { EvidenceDocument } from '../../lib/core/generated/evidence-v1.types.ts';

type Change = EvidenceDocument['changes'][number];
type Decision = EvidenceDocument['decisions'][number];
type Approval = EvidenceDocument['approvals'][number];

export const TXN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
export const FIRST = '3f0c9a51d2b84e6f7a1c5d9e0b2f4a6c8d1e3f50';
export const SECOND = 'b71e44c09d3a2f8e6c5b1a7d9f0e2c4b6a8d0f13';
export const LANDED = 'd94f8b1c2a3e5d7f9b0c1e2d3f4a5b6c7d8e9f01';
const TARGET = '5e2d7c9b1a3f4e6d8c0b2a4f6e8d0c1b3a5f7e90';
const MR = 'https://git.example.com/payments/ledger/-/merge_requests/418';

export const hex = (seed: string, length = 64): string => seed.repeat(length).slice(0, length);
export const recordDigest = (seed: string): string => `sha256:${hex(seed)}`;
const textDigest = (seed: string): string => `hmac-sha256:${hex(seed)}`;

/** A change that is valid, with whatever a test cares about. */
export function change(more: Partial<Change> = {}): Change {
  return {
    schema: 'agent-log/show/v1',
    commit: FIRST,
    subject: 'Retry webhook deliveries with a jittered back-off',
    authorship: 'agent',
    binding: 'exact',
    sealed: true,
    record: recordDigest('a1'),
    recordedAt: '2026-11-20T09:14:52.118Z',
    txn: TXN,
    agent: { name: 'claude-code', version: '2.1.4', sessionId: '7b0c8f5e-4a0d-4f0c-9c1e-2f6f5d0f7a11' },
    model: { provider: 'anthropic', name: 'claude-sonnet-4-5' },
    sponsor: { name: 'Jane Doe', email: 'jane.doe@example.com', source: 'agent-log-config', verified: false },
    task: {
      text: 'Webhook deliveries to merchants get lost when their endpoint is down for a minute. Retry them with a jittered exponential back-off, at most 8 times, and keep what was given up on in a dead-letter table.\n\nDo not change the payload or its signature.',
      digest: textDigest('c1'),
      ref: 'https://tracker.example.com/PAY-2291',
    },
    reason: {
      text: 'Retries are computed from the attempt number, so that a restart of the worker does not reset them.',
      digest: textDigest('c2'),
    },
    base: { commit: TARGET, tree: hex('9c', 40), branch: 'webhook-retries', dirty: false },
    prompts: [
      {
        text: 'Webhook deliveries to merchants get lost when their endpoint is down for a minute. Retry them with a jittered exponential back-off, at most 8 times, and keep what was given up on in a dead-letter table.\n\nDo not change the payload or its signature.',
        digest: textDigest('c1'),
        at: '2026-11-20T09:02:11Z',
      },
      {
        text: 'Use the clock that is injected everywhere else, please, not Date.now.',
        digest: textDigest('c3'),
        at: '2026-11-20T09:09:40Z',
      },
    ],
    context: [
      { kind: 'file', uri: 'src/webhooks/deliver.ts', digest: recordDigest('d1') },
      { kind: 'file', uri: 'src/clock.ts', digest: recordDigest('d2') },
      { kind: 'instructions', uri: 'CLAUDE.md', digest: recordDigest('d3') },
      { kind: 'mcp', uri: 'tracker: get_issue PAY-2291', digest: null },
    ],
    toolCalls: [
      {
        id: 't1',
        name: 'Read',
        status: 'ok',
        argsDigest: textDigest('e1'),
        resultDigest: textDigest('e2'),
        args: '{"file_path":"src/webhooks/deliver.ts"}',
        resultMissing: 'left-out',
        startedAt: '2026-11-20T09:02:20Z',
        endedAt: '2026-11-20T09:02:20.200Z',
      },
      {
        id: 't2',
        name: 'Grep',
        status: 'ok',
        argsDigest: textDigest('e3'),
        resultDigest: textDigest('e4'),
        args: '{"pattern":"deliverWebhook\\\\(","path":"src"}',
        result: 'src/worker.ts:41\nsrc/api/replay.ts:17',
        startedAt: '2026-11-20T09:02:31Z',
        endedAt: '2026-11-20T09:02:31.500Z',
      },
      {
        id: 't3',
        name: 'Edit',
        status: 'ok',
        argsDigest: textDigest('e5'),
        resultDigest: textDigest('e6'),
        args: '{"file_path":"src/webhooks/deliver.ts","old_string":"await post(hook)","new_string":"await retrying(hook, clock)"}',
        startedAt: '2026-11-20T09:05:02Z',
        endedAt: '2026-11-20T09:05:02.900Z',
        files: [{ path: 'src/webhooks/deliver.ts', blob: hex('7d', 40) }] as object[],
      },
      {
        id: 't4',
        name: 'Bash',
        status: 'error',
        argsDigest: textDigest('e7'),
        resultDigest: textDigest('e8'),
        args: '{"command":"npm test -- webhooks"}',
        result: 'FAIL  src/webhooks/deliver.test.ts\n  expected 8 attempts, got 9',
        startedAt: '2026-11-20T09:06:10Z',
        endedAt: '2026-11-20T09:06:21.700Z',
      },
      {
        id: 't5',
        name: 'Bash',
        status: 'ok',
        argsDigest: textDigest('e9'),
        resultDigest: textDigest('ea'),
        args: '{"command":"npm test -- webhooks"}',
        result: 'PASS  src/webhooks/deliver.test.ts (14 tests)',
        startedAt: '2026-11-20T09:12:40Z',
        endedAt: '2026-11-20T09:12:52.100Z',
      },
    ],
    usage: { inputTokens: 48211, outputTokens: 3920, cacheReadInputTokens: 120004 },
    files: [
      { path: 'src/webhooks/deliver.ts', by: 'agent', change: 'modified', classes: [] },
      { path: 'src/webhooks/deliver.test.ts', by: 'mixed', change: 'modified', classes: [] },
      {
        path: 'migrations/0042_dead_letters.sql',
        by: 'agent',
        change: 'added',
        classes: ['schema-migration'],
      },
    ],
    erased: null,
    capture: { by: 'claude-code hooks', assurance: null, elsewhere: false, late: false, source: null },
    gaps: [],
    decisions: [],
    approvals: [],
    landings: [
      {
        record: recordDigest('a1'),
        from: FIRST,
        commit: LANDED,
        grade: 'squashed',
        sealed: true,
        proof: 'trailer',
        via: 'relink',
        at: '2026-11-20T14:31:08Z',
      },
    ],
    reverts: [],
    relands: [],
    replays: [
      {
        mode: 'verify',
        verdict: 'identical',
        record: recordDigest('a1'),
        binding: 'exact',
        sealed: true,
        coverage: { callsTotal: 5, executed: 0, stubbed: 0, skipped: 5 },
        problems: [],
        at: '2026-11-21T08:00:00Z',
      },
    ],
    exceptions: [],
    integrity: { ok: true, problems: [] },
    ...more,
  };
}

const secondChange = change({
  commit: SECOND,
  subject: 'Bump the queue client for its visibility timeout',
  record: recordDigest('a2'),
  recordedAt: '2026-11-20T09:31:07.402Z',
  binding: 'same-patch',
  prompts: [
    {
      digest: textDigest('c9'),
      at: '2026-11-20T09:20:00Z',
      missing: {
        why: 'no-key',
        says: 'it is sealed for others, and whoever made this had no key to it',
        readers: [],
      },
    },
  ],
  context: [{ kind: 'file', uri: 'package.json', digest: recordDigest('d5') }],
  toolCalls: [
    {
      id: 't6',
      name: 'Bash',
      status: 'ok',
      argsDigest: textDigest('f1'),
      resultDigest: textDigest('f2'),
      args: '{"command":"npm install queue-client@4.2.0"}',
      resultMissing: 'no-key',
      startedAt: '2026-11-20T09:24:10Z',
      endedAt: '2026-11-20T09:24:19Z',
    },
  ],
  reason: null,
  files: [
    { path: 'package.json', by: 'shell', change: 'modified', classes: ['dependency-manifest'] },
    {
      path: 'package-lock.json',
      by: 'shell',
      change: 'modified',
      classes: ['dependency-manifest', 'lockfile'],
    },
    { path: '.github/workflows/ci.yaml', by: 'unseen', change: 'modified', classes: ['ci-pipeline'] },
  ],
  gaps: ['The content of .github/workflows/ci.yaml before the commit was not seen.'],
  landings: [
    {
      record: recordDigest('a2'),
      from: SECOND,
      commit: LANDED,
      grade: 'squashed',
      sealed: true,
      proof: 'trailer',
      via: 'relink',
      at: '2026-11-20T14:31:08Z',
    },
  ],
  replays: [],
  exceptions: [
    {
      id: hex('5f'),
      type: 'decision-chain-gap',
      severity: 'high',
      state: 'triaged',
      trust: 'asserted',
      rule: 'ci.two-approvals',
      openedAt: '2026-11-20T14:40:00Z',
      due: '2026-11-27T14:40:00Z',
      owner: { name: 'Priya Nair', email: 'priya.nair@example.com' },
      resolution: null,
    },
  ],
});

function subject(head: string): Decision['decision']['subject'] {
  return {
    base: TARGET,
    head,
    tree: hex('9d', 40),
    patchId: hex('9e', 40),
    target: 'refs/heads/main',
    targetCommit: TARGET,
    mr: MR,
  };
}

/** A decision that is valid, with whatever a test cares about. */
export function evidenceDecision(
  about: { readonly head?: string; readonly basis?: Decision['basis'] },
  more: Partial<Decision['decision']> = {},
): Decision {
  const basis = about.basis ?? 'evaluated';
  return {
    digest: recordDigest('b1'),
    object: about.head ?? SECOND,
    basis,
    signedBy: basis === 'asserted' ? null : 'ci-main',
    decision: {
      schema: 'agent-log/decision/v1',
      id: '01JD2N0Y5V9Z8K7Q3C4N6T1RWE',
      run: '01JD2N0Y5V9Z8K7Q3C4N6T1RW0',
      stage: 'mr',
      subject: subject(about.head ?? SECOND),
      txns: [TXN],
      rule: 'dep.sponsor',
      severity: 'high',
      enforce: 'deny',
      result: 'pass',
      message: null,
      clauses: [
        {
          id: 'named',
          result: 'pass',
          message: null,
          facts: {
            'change.sponsor.verified': 'true',
            'change.classes': '["dependency-manifest","lockfile","schema-migration"]',
          },
        },
      ],
      classes: ['dependency-manifest', 'schema-migration'],
      controls: ['SOC 2 CC8.1', 'ISO 27001 A.8.32'],
      policy: {
        commit: TARGET,
        path: '.agent-log/policy.yaml',
        blob: hex('3a', 40),
        digest: recordDigest('3b'),
      },
      inputs: recordDigest('3c'),
      source: { kind: 'rules', tool: 'git-agent-log', version: '0.1.0' },
      prev: null,
      by: { name: 'ci', email: 'ci@example.com' },
      recordedAt: '2026-11-20T10:02:44Z',
      ...more,
    },
  };
}

/** An approval that is valid, with whatever a test cares about. */
export function evidenceApproval(
  about: Partial<Omit<Approval, 'approval'>> = {},
  more: Partial<Approval['approval']> = {},
): Approval {
  return {
    digest: recordDigest('b9'),
    object: SECOND,
    basis: 'attested',
    present: true,
    signedBy: { name: 'Marek Novák', email: 'marek.novak@example.com' },
    ...about,
    approval: {
      schema: 'agent-log/approval/v1',
      id: '01JD2P0Y5V9Z8K7Q3C4N6T1RWE',
      kind: 'approval',
      subject: subject(SECOND),
      txns: [TXN],
      by: { name: 'Marek Novák', email: 'marek.novak@example.com' },
      note: 'Looked at the back-off and at the migration. Fine to go.',
      prev: null,
      recordedAt: '2026-11-20T13:55:20Z',
      ...more,
    },
  };
}

const MERGE_RUN = {
  run: '01JD2Q0Y5V9Z8K7Q3C4N6T1RW0',
  stage: 'merge',
  recordedAt: '2026-11-20T14:20:05Z',
} as const;

/** A document as a real transaction gives it: landed, with a waived rule and what is missing. */
export function evidenceDocument(more: Partial<EvidenceDocument> = {}): EvidenceDocument {
  return {
    schema: 'agent-log/evidence/v1',
    madeAt: '2026-11-23T07:30:00.000Z',
    question: { kind: 'txn', name: TXN, classes: [] },
    repository: {
      format: 'sha1',
      roots: [hex('1a2b3c4d', 40)],
      target: { ref: 'refs/heads/main', commit: hex('2b', 40) },
    },
    ledger: { ref: 'refs/notes/agent-log', tip: hex('4c', 40) },
    txns: [
      {
        txn: TXN,
        commits: [FIRST, SECOND],
        sponsor: { name: 'Jane Doe', email: 'jane.doe@example.com' },
        state: 'landed',
      },
    ],
    changes: [change(), secondChange],
    authors: [],
    mergeRequests: [
      {
        schema: 'agent-log/merge-request/v1',
        url: MR,
        state: 'merged',
        title: 'Retry webhook deliveries',
        subject: subject(SECOND),
        txns: [TXN],
        classes: ['dependency-manifest'],
        agentCommits: 2,
        landed: LANDED,
        record: recordDigest('77'),
        at: '2026-11-20T14:30:59Z',
      },
    ],
    decisions: [
      evidenceDecision({}),
      evidenceDecision(
        {},
        {
          rule: 'record.present',
          severity: 'critical',
          clauses: [
            {
              id: 'every commit has a record',
              result: 'pass',
              message: null,
              facts: { 'change.commits': '2', 'change.recorded': '2' },
            },
          ],
        },
      ),
      evidenceDecision(
        {},
        {
          rule: 'ci.two-approvals',
          result: 'fail',
          message: 'A change of the pipeline needs two approvals; there is one.',
          clauses: [
            {
              id: 'approvals',
              result: 'fail',
              message: 'approvals.size() >= 2',
              facts: { 'change.approvals': '1', 'change.classes': '["ci-pipeline"]' },
            },
          ],
        },
      ),
      evidenceDecision(
        { basis: 'imported' },
        {
          run: '01JD2N1Y5V9Z8K7Q3C4N6T1RW0',
          stage: 'pipeline',
          rule: 'semgrep',
          severity: 'medium',
          enforce: 'warn',
          policy: null,
          clauses: [],
          controls: [],
          source: { kind: 'import', tool: 'semgrep', version: '1.97.0', format: 'sarif' },
          recordedAt: '2026-11-20T10:03:10Z',
        },
      ),
      evidenceDecision({}, { ...MERGE_RUN }),
      evidenceDecision({}, { ...MERGE_RUN, rule: 'record.present', severity: 'critical' }),
      evidenceDecision(
        {},
        {
          ...MERGE_RUN,
          rule: 'ci.two-approvals',
          result: 'fail',
          waiver: '01JD2R0Y5V9Z8K7Q3C4N6T1RWE',
          message: 'A change of the pipeline needs two approvals; there is one.',
        },
      ),
    ],
    approvals: [
      evidenceApproval(
        { present: false, signedBy: { name: 'Jane Doe', email: 'jane.doe@example.com' } },
        {
          kind: 'sponsorship',
          by: { name: 'Jane Doe', email: 'jane.doe@example.com' },
          note: null,
          recordedAt: '2026-11-20T09:40:00Z',
        },
      ),
      evidenceApproval(),
    ],
    diffs: [
      { commit: FIRST, path: `diffs/${FIRST}.diff`, size: 2000, isCut: false },
      { commit: SECOND, path: `diffs/${SECOND}.diff`, size: 900, isCut: false },
    ],
    rollbacks: [{ txn: TXN, plan: plan(), problem: null }],
    requests: [request()],
    missing: [
      {
        kind: 'text',
        of: `prompt of ${SECOND}`,
        why: 'One prompt is sealed for others: whoever made this bundle had no key to it.',
        exception: null,
      },
      {
        kind: 'approval',
        of: SECOND,
        why: 'The pipeline’s definition was changed with one approval where policy asks for two; a waiver let it pass.',
        exception: hex('5f'),
      },
    ],
    ...more,
  };
}

function plan(): NonNullable<EvidenceDocument['rollbacks'][number]['plan']> {
  return {
    schema: 'agent-log/plan/v1',
    txn: TXN,
    txns: [TXN],
    action: 'revert',
    verdict: 'clean',
    why: [],
    branch: 'main',
    head: hex('2b', 40),
    units: [
      {
        commit: LANDED,
        kind: 'squash',
        members: [FIRST, SECOND],
        subject: 'Retry webhook deliveries (!418)',
      },
    ],
    missing: [],
    claimed: [],
    paths: [],
    leftOut: [],
    kept: 11,
    blockers: [],
    dependants: [],
    options: [],
    files: [
      { path: 'src/webhooks/deliver.ts', change: 'modified', classes: [] },
      { path: 'migrations/0042_dead_letters.sql', change: 'deleted', classes: ['schema-migration'] },
      { path: 'package.json', change: 'modified', classes: ['dependency-manifest'] },
    ],
    residue: [],
    superseded: [],
    verified: null,
    notUndone: ['The migration 0042 that has run already', 'The tag v3.8.0, which holds it'],
    approvals: [],
    affected: [],
    warnings: [],
    resultTree: hex('8e', 40),
    digest: recordDigest('8f'),
  };
}

function request(): EvidenceDocument['requests'][number] {
  return {
    schema: 'agent-log/evidence-request/v1',
    id: '01JD2S0Y5V9Z8K7Q3C4N6T1RWE',
    state: 'delivered',
    trust: 'asserted',
    question: 'The last agent-opened merge request that touched a dependency',
    about: TXN,
    txn: TXN,
    commit: null,
    mr: MR,
    due: '2026-11-23T08:20:00Z',
    overdue: false,
    requestedBy: { name: 'Ana Ruiz', email: 'ana.ruiz@audit.example' },
    requestedAt: '2026-11-23T07:20:00Z',
    deliveredAt: '2026-11-23T07:30:00Z',
    acceptedAt: null,
    acceptedBy: null,
    openSeconds: 600,
    rejections: 0,
    evidence: [],
    missing: [],
    steps: [],
    anomalies: [],
  };
}

/** The diffs of the document's commits. */
export function evidenceDiffs(): Map<string, string> {
  return new Map([
    [
      FIRST,
      `diff --git a/migrations/0042_dead_letters.sql b/migrations/0042_dead_letters.sql
new file mode 100644
index 0000000000000000000000000000000000000000..${hex('7a', 40)}
--- /dev/null
+++ b/migrations/0042_dead_letters.sql
@@ -0,0 +1,6 @@
+create table webhook_dead_letters (
+  id uuid primary key,
+  hook_id uuid not null references webhooks (id),
+  attempts smallint not null check (attempts <= 8),
+  given_up_at timestamptz not null
+);
diff --git a/src/webhooks/deliver.test.ts b/src/webhooks/deliver.test.ts
index ${hex('7b', 40)}..${hex('7c', 40)} 100644
--- a/src/webhooks/deliver.test.ts
+++ b/src/webhooks/deliver.test.ts
@@ -12,3 +12,9 @@ describe('deliver', () => {
   it('posts once', async () => {
     expect(await attempts(ok)).toBe(1);
   });
+
+  it('gives up after 8 attempts', async () => {
+    const letters = await deadLetters(down);
+    expect(letters).toHaveLength(1);
+    expect(letters[0]?.attempts).toBe(8);
+  });
diff --git a/src/webhooks/deliver.ts b/src/webhooks/deliver.ts
index ${hex('7e', 40)}..${hex('7d', 40)} 100644
--- a/src/webhooks/deliver.ts
+++ b/src/webhooks/deliver.ts
@@ -1,12 +1,22 @@
 import type { Clock } from '../clock.ts';
+import { giveUp } from './dead-letters.ts';
 import { post, type Hook } from './post.ts';
 
-export async function deliver(hook: Hook): Promise<void> {
-  await post(hook);
+const MOST_ATTEMPTS = 8;
+
+/** Delivers a hook, with ever longer pauses while its endpoint is down. */
+export async function deliver(hook: Hook, clock: Clock): Promise<void> {
+  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
+    if (await post(hook)) return;
+    await clock.sleep(pauseAfter(attempt));
+  }
+  await giveUp(hook, MOST_ATTEMPTS);
 }
`,
    ],
    [
      SECOND,
      `diff --git a/.github/workflows/ci.yaml b/.github/workflows/ci.yaml
index ${hex('6b', 40)}..${hex('6c', 40)} 100644
--- a/.github/workflows/ci.yaml
+++ b/.github/workflows/ci.yaml
@@ -18,4 +18,4 @@ jobs:
     steps:
       - uses: actions/checkout@v4
-      - run: npm ci
+      - run: npm install
       - run: npm test
diff --git a/package.json b/package.json
index ${hex('6e', 40)}..${hex('6d', 40)} 100644
--- a/package.json
+++ b/package.json
@@ -21,3 +21,3 @@
     "pg": "8.13.1",
-    "queue-client": "4.1.3",
+    "queue-client": "4.2.0",
     "zod": "3.24.0"
`,
    ],
  ]);
}
