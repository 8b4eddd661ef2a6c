import type { ResultFormat } from '../../../lib/policy/imports/import.ts';

export const COMMIT = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A report of every format with `count` results that denies nothing it should not. */
export function reportOf(format: ResultFormat, count: number): string {
  const many = <T>(make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  switch (format) {
    case 'conftest':
      return JSON.stringify([
        { filename: 'a.tf', namespace: 'main', successes: 0, failures: many((i) => ({ msg: `no ${i}` })) },
      ]);
    case 'danger':
      return JSON.stringify({
        fails: many((i) => ({ message: `no ${i}`, file: 'a.ts', line: i })),
        warnings: [],
        messages: [],
        markdowns: [],
      });
    case 'gatekeeper':
      return JSON.stringify({
        kind: 'K8sRequiredLabels',
        metadata: { name: 'labels' },
        spec: {},
        status: {
          auditTimestamp: '2026-03-01T10:00:00Z',
          totalViolations: count,
          violations: many((i) => ({ kind: 'Pod', name: `p${i}`, enforcementAction: 'deny', message: 'no' })),
        },
      });
    case 'github-checks':
      return JSON.stringify({
        total_count: count,
        check_runs: many((i) => checkRun({ name: `build ${i}` })),
      });
    case 'github-reviews':
      return JSON.stringify(many((i) => review(`jane${i}`, 'APPROVED')));
    case 'github-rule-suites':
      return JSON.stringify(many((i) => ({ id: i, after_sha: COMMIT, result: 'pass' })));
    case 'gitlab-approvals':
      return JSON.stringify({
        rules: many((i) => ({
          name: `rule ${i}`,
          approvals_required: 1,
          approved_by: [{ username: 'jane' }],
        })),
      });
    case 'gitlab-external-status':
      return JSON.stringify(many((i) => ({ id: i, name: `check ${i}`, status: 'passed' })));
    case 'junit':
      return `<?xml version="1.0"?><testsuites><testsuite name="s" tests="${count}">${many(
        (i) => `<testcase classname="a.b" name="t${i}"/>`,
      ).join('')}</testsuite></testsuites>`;
    case 'opa':
      return many(
        (i) => `${JSON.stringify({ decision_id: `d${i}`, path: 'merge/allow', result: true })}\n`,
      ).join('');
    case 'policy-report':
      return JSON.stringify({
        kind: 'PolicyReport',
        metadata: { name: 'r' },
        summary: { pass: count },
        results: many((i) => ({ policy: 'p', rule: `r${i}`, result: 'pass', source: 'kyverno' })),
      });
    case 'sarif':
      return sarif(many((i) => ({ ruleId: `R${i}`, level: 'error', message: { text: 'no' } })));
  }
}

export function sarif(results: unknown, run: object = {}): string {
  const tool = { driver: { name: 'scanner', semanticVersion: '1.2.3', rules: [] } };
  return JSON.stringify({ version: '2.1.0', runs: [{ tool, results, ...run }] });
}

export function checkRun(more: object): object {
  const app = { slug: 'github-actions' };
  return { id: 1, name: 'build', status: 'completed', conclusion: 'success', head_sha: COMMIT, app, ...more };
}

export function review(login: string, state: string, more: object = {}): object {
  return {
    id: 7,
    user: { login, type: 'User' },
    state,
    commit_id: COMMIT,
    submitted_at: '2026-03-01T10:00:00Z',
    ...more,
  };
}
