import type { CheckDecision, CheckDocument } from '../../lib/core/generated/check-v1.types.ts';

const COMMIT = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const RUN = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';

export function decision(more: Partial<CheckDecision>): CheckDecision {
  return {
    rule: 'dep.sponsor',
    severity: 'high',
    enforce: 'deny',
    result: 'pass',
    denies: false,
    basis: 'asserted',
    message: null,
    clauses: [],
    classes: [],
    controls: [],
    source: { kind: 'rules', tool: 'git-agent-log', version: '1.0.0' },
    waiver: null,
    hint: null,
    ...more,
  };
}

/** A check's document with these decisions; what it counts is counted from them. */
export function checkDocument(decisions: readonly CheckDecision[]): CheckDocument {
  const of = (result: string): number => decisions.filter((one) => one.result === result).length;
  const denies = decisions.filter((one) => one.denies).length;
  return {
    schema: 'agent-log/check/v1',
    verdict: denies > 0 ? 'deny' : 'pass',
    stage: 'mr',
    run: RUN,
    subject: {
      base: COMMIT,
      head: COMMIT,
      tree: COMMIT,
      patchId: null,
      target: 'refs/heads/main',
      targetCommit: COMMIT,
    },
    policy: {
      commit: COMMIT,
      path: '.agent-log/policy.yaml',
      blob: COMMIT,
      digest: `sha256:${'0'.repeat(64)}`,
    },
    decisions: [...decisions],
    counts: {
      pass: of('pass'),
      fail: of('fail'),
      warn: of('warn'),
      error: of('error'),
      skip: of('skip'),
      denies,
      waived: decisions.filter(({ waiver }) => waiver !== null).length,
    },
    notes: [],
    recorded: true,
    ledger: COMMIT,
  };
}

/** One of everything, with its reasons. */
export const EVERYTHING: readonly CheckDecision[] = [
  decision({ rule: 'coverage' }),
  decision({
    rule: 'dep.sponsor',
    result: 'fail',
    denies: true,
    controls: ['SOC2:CC8.1'],
    clauses: [
      {
        id: 'named',
        result: 'fail',
        message: 'a person must sponsor the change',
        facts: { 'change.sponsors': '[]' },
      },
      { id: 'other', result: 'error', message: null, facts: {} },
      { id: 'task', result: 'pass', message: 'a task must be named', facts: {} },
    ],
    hint: 'git agent-log sponsor 01JD2M0Y5V9Z8K7Q3C4N6T1RWE --sign',
  }),
  decision({
    rule: 'freeze',
    severity: 'critical',
    result: 'error',
    denies: true,
    message: 'no time was given',
  }),
  decision({ rule: 'size', severity: 'low', enforce: 'warn', result: 'fail', message: 'over 400 lines' }),
  decision({ rule: 'model', enforce: 'audit', result: 'fail', message: 'unknown model' }),
  decision({ rule: 'iac.owner', result: 'fail', message: 'no owner said yes', waiver: RUN }),
  decision({ rule: 'iam', result: 'skip' }),
  decision({
    rule: 'js/xss',
    result: 'fail',
    denies: true,
    basis: 'imported',
    message: 'src/a.ts:3: unsafe',
    source: { kind: 'import', tool: 'CodeQL', version: '2.1', format: 'sarif' },
  }),
];

/** What a commit, an agent or a tool's file may hold to be seen as something else. */
export const HOSTILE: string =
  '\u001b[2J</failure><script>alert(1)</script> [click](https://example.com) | @jane #1 `x` ]]> &lt; "\' \u202e \ud83d www.example.com';
