import { describe, expect, it } from 'vitest';
import { importResults, type ResultFormat } from '../../../lib/policy/imports/import.ts';
import type { ImportedResults } from '../../../lib/policy/imports/imported.ts';
import { COMMIT, checkRun, review, sarif } from './reports.ts';

function read(format: ResultFormat, value: unknown): ImportedResults {
  return importResults(format, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
}

/** Of each result what decides. */
function told(format: ResultFormat, value: unknown): string[] {
  return read(format, value).results.map(({ rule, result, enforce }) => `${rule}: ${result} ${enforce}`);
}

describe('conftest', () => {
  const file = { filename: 'main.tf', namespace: 'infra' };

  it('names what failed, and of what passed only how many', () => {
    const failures = [
      { msg: 'no tags', metadata: { query: 'data.infra.deny_tags' }, loc: { file: 'x.tf', line: 3 } },
    ];
    const more = { warnings: [{ msg: 'old' }], skipped: [{ msg: 'later' }] };
    const found = read('conftest', [
      { ...file, successes: 4, failures, ...more },
      { ...file, successes: 2 },
    ]);
    expect(found.results.map(({ rule, result, message }) => [rule, result, message])).toEqual([
      ['infra.deny_tags', 'fail', 'x.tf:3: no tags'],
      ['infra', 'warn', 'main.tf: old'],
      ['infra', 'skip', 'main.tf: later'],
      ['infra', 'pass', '6 passed; conftest does not name them'],
    ]);
  });

  it('that evaluated nothing ended well, and is an error', () => {
    expect(told('conftest', [{ ...file, successes: 0 }])).toEqual(['infra: error deny']);
  });

  it('tells an exception of the policy as a failure that is waived', () => {
    const [found] = read('conftest', [{ ...file, exceptions: [{ msg: 'no tags' }] }]).results;
    expect(found).toMatchObject({ result: 'fail', enforce: 'warn' });
    expect(found?.message).toContain('waived by an exception');
  });
});

describe("OPA's decision log", () => {
  const event = { decision_id: '4ca636c1', path: 'merge/allow', timestamp: '2026-03-01T10:00:00.5Z' };
  const one = (more: object): string => told('opa', JSON.stringify({ ...event, ...more }))[0] ?? '';

  it.each([
    [{ result: true }, 'pass'],
    [{ result: false }, 'fail'],
    [{ result: { allow: true, deny: [] } }, 'pass'],
    [{ result: { allow: true, deny: ['no sponsor'] } }, 'fail'],
    [{ result: { allow: false } }, 'fail'],
    [{ result: { allow: 'yes' } }, 'fail'],
    [{ result: { deny: true } }, 'fail'],
    [{ result: { deny: {} } }, 'error'],
    [{ result: [] }, 'pass'],
    [{ result: [{ msg: 'no' }] }, 'fail'],
    [{ result: { tier: 'gold' } }, 'error'],
    [{ result: null }, 'error'],
    [{}, 'error'],
    [{ result: true, error: { message: 'conflict' } }, 'error'],
    [{ result: { allow: true }, erased: ['/result/deny'] }, 'error'],
  ])('of %j is %s', (more, result) => {
    expect(one(more)).toBe(`merge/allow: ${result} deny`);
  });

  it('is read as the console writes it, and its id and time are kept', () => {
    const found = read(
      'opa',
      `{"level":"info","msg":"start"}\n${JSON.stringify({ ...event, result: true })}\n`,
    );
    expect(found.results[0]?.source).toMatchObject({ ref: '4ca636c1', at: '2026-03-01T10:00:00.500Z' });
    expect(found.notes).toEqual(['1 lines are no decisions and were left out']);
  });
});

describe('SARIF', () => {
  const message = { text: 'no' };
  const one = (result: object): string =>
    told('sarif', sarif([{ ruleId: 'R', message, ...result }]))[0] ?? '';
  const external = { kind: 'external', status: 'accepted', justification: 'known' };

  it.each([
    [{ level: 'error' }, 'fail deny'],
    [{ level: 'warning' }, 'warn warn'],
    [{}, 'warn warn'],
    [{ kind: 'pass', level: 'error' }, 'pass deny'],
    [{ kind: 'open' }, 'fail deny'],
    [{ kind: 'review', level: 'none' }, 'fail deny'],
    [{ kind: 'notApplicable' }, 'skip deny'],
    [{ kind: 'informational' }, 'skip deny'],
    [{ kind: 'passed' }, 'error deny'],
    [{ level: 'error', baselineState: 'absent' }, 'skip deny'],
    [{ level: 'error', suppressions: [external] }, 'fail warn'],
    [{ level: 'error', suppressions: [{ kind: 'inSource' }] }, 'fail deny'],
    [{ level: 'error', suppressions: [external, { kind: 'inSource' }] }, 'fail deny'],
    [{ level: 'error', suppressions: [{ kind: 'external', status: 'underReview' }] }, 'fail deny'],
    [{ level: 'error', suppressions: [{ kind: 'external', status: 'rejected' }] }, 'fail deny'],
  ])('of %j is %s', (result, verdict) => {
    expect(one(result)).toBe(`R: ${verdict}`);
  });

  it('says who waived a result, and why', () => {
    const [found] = read('sarif', sarif([{ ruleId: 'R', message, suppressions: [external] }])).results;
    expect(found?.message).toBe('waived by the tool outside the source (known): no');
  });

  it('without a finding has passed only where it names rules', () => {
    const rules = [{ id: 'A' }, { id: 'B' }];
    const tool = { driver: { name: 'scanner', rules } };
    expect(told('sarif', sarif([], { tool }))).toEqual(['scanner/run: pass deny']);
    expect(told('sarif', sarif([]))).toEqual(['scanner/run: error deny']);
  });

  it.each([
    ['a run that did not look', sarif(null)],
    ['a run that failed', sarif([], { invocations: [{ executionSuccessful: false }] })],
    ['results in another file', sarif([], { externalPropertyFileReferences: { results: [{}] } })],
  ])('of %s is an error', (_, text) => {
    expect(told('sarif', text)).toEqual(['scanner/run: error deny']);
  });

  it('takes severity, level and words from the rule, and the commit from the run', () => {
    const rule = {
      id: 'R',
      defaultConfiguration: { level: 'error' },
      messageStrings: { m: { text: 'from the rule' } },
      properties: { 'security-severity': '9.8' },
    };
    const location = { physicalLocation: { artifactLocation: { uri: 'a.ts' }, region: { startLine: 3 } } };
    const result = { ruleIndex: 0, message: { id: 'm' }, locations: [location] };
    const run = {
      tool: { driver: { name: 's', rules: [rule] } },
      versionControlProvenance: [{ revisionId: COMMIT }],
    };
    expect(read('sarif', sarif([result], run)).results[0]).toMatchObject({
      rule: 'R',
      severity: 'critical',
      result: 'fail',
      message: 'a.ts:3: from the rule',
      commit: COMMIT,
    });
  });
});

describe('JUnit', () => {
  const suite = (inner: string, attributes = ''): string =>
    `<testsuite name="s" ${attributes}>${inner}</testsuite>`;

  it('tells how each case ended', () => {
    const cases =
      '<testcase classname="a" name="1"/><testcase name="2"><failure message="x &lt; y &#38; &#x7a;">trace</failure></testcase>' +
      '<testcase name="3"><error><![CDATA[<boom> &amp;]]></error></testcase><testcase name="4"><skipped/></testcase>' +
      '<testcase name="5"><flakyFailure message="once"/></testcase><testcase name="6"><skipped/><failure/></testcase>';
    expect(
      read('junit', suite(cases)).results.map(({ rule, result, message }) => [rule, result, message]),
    ).toEqual([
      ['a 1', 'pass', null],
      ['2', 'fail', 'x < y & z'],
      ['3', 'error', '<boom> &amp;'],
      ['4', 'skip', null],
      ['5', 'pass', 'passed only when it was run again'],
      ['6', 'fail', null],
    ]);
  });

  it('that says it has more than it holds is an error', () => {
    expect(told('junit', suite('<testcase name="1"/>', 'tests="3"'))).toContain('s: error deny');
    expect(told('junit', suite('', 'tests="0" errors="1"'))).toEqual(['s: error deny']);
    expect(
      told('junit', `<testsuites tests="1">${suite('<testcase name="1"/>', 'tests="1"')}</testsuites>`),
    ).toEqual(['1: pass deny']);
  });

  it.each([
    [
      'a file of the machine (XXE)',
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="&x;"/>',
    ],
    [
      'entities of entities (billion laughs)',
      '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>',
    ],
    [
      'a document type elsewhere',
      '<?xml version="1.0"?><!-- x --><!DOCTYPE html SYSTEM "https://example.com/x.dtd"><testsuite/>',
    ],
    ['a declaration inside', '<testsuite><!ENTITY a "b"><testcase name="1"/></testsuite>'],
  ])('with %s is refused', (_, text) => {
    expect(() => read('junit', text)).toThrow('document type');
  });

  it('knows no entity but those of every XML, and looks at none twice', () => {
    expect(told('junit', suite('<testcase name="&x; &amp;lt; &__proto__;"/>'))).toEqual([
      '&x; &lt; &__proto__;: pass deny',
    ]);
  });

  it.each([
    ['open elements', '<testsuite><testcase name="1">'],
    ['crossed elements', '<testsuite><testcase name="1"></testsuite></testcase>'],
    ['two of them', '<testsuite/><testsuite/>'],
    ['an attribute twice', '<testsuite name="a" name="b"/>'],
    ['text before', 'ok <testsuite/>'],
    ['nests without end', '<testsuite>'.repeat(200)],
    ['half a comment', '<testsuite><!-- '],
    ['many attributes', `<testsuite ${Array.from({ length: 200 }, (_, i) => `a${i}="1"`).join(' ')}/>`],
  ])('of %s is refused', (_, text) => {
    expect(() => read('junit', text)).toThrow("can't be imported");
  });
});

describe("GitHub's check runs", () => {
  it.each([
    ['success', 'pass'],
    ['failure', 'fail'],
    ['timed_out', 'fail'],
    ['action_required', 'fail'],
    ['neutral', 'skip'],
    ['skipped', 'skip'],
    ['cancelled', 'error'],
    ['stale', 'error'],
    [null, 'error'],
    ['of_tomorrow', 'error'],
  ])('that end with %s: %s', (conclusion, result) => {
    const found = read('github-checks', { total_count: 1, check_runs: [checkRun({ conclusion })] });
    expect(found.results).toMatchObject([
      { rule: 'build', result, commit: COMMIT, source: { tool: 'github-actions' } },
    ]);
  });

  it('still running have said nothing, whatever conclusion the file gives', () => {
    expect(told('github-checks', [checkRun({ status: 'in_progress' })])).toEqual(['build: error deny']);
  });

  it('of one page of several are not all', () => {
    const page = { total_count: 31, check_runs: [checkRun({})] };
    expect(told('github-checks', page)).toEqual(['build: pass deny', 'check-runs: error deny']);
    const pages = [
      { ...page, total_count: 2 },
      { check_runs: [checkRun({ name: 'test' })], total_count: 2 },
    ];
    expect(told('github-checks', pages)).toEqual(['build: pass deny', 'test: pass deny']);
  });
});

describe("GitHub's reviews", () => {
  it('count by the last word of each person, and a comment takes none back', () => {
    const found = read('github-reviews', [
      review('jane', 'CHANGES_REQUESTED'),
      review('Jane', 'APPROVED', { submitted_at: '2026-03-01T11:00:00Z' }),
      review('jane', 'COMMENTED', { submitted_at: '2026-03-01T12:00:00Z' }),
      review('john', 'DISMISSED'),
      review('joe', 'CHANGES_REQUESTED'),
    ]);
    expect(found.approvals).toEqual([
      {
        imported: { format: 'github-reviews', account: 'Jane', at: '2026-03-01T11:00:00.000Z' },
        name: null,
        note: null,
        commit: COMMIT,
      },
    ]);
    expect(found.results.map(({ rule, result }) => [rule, result])).toEqual([
      ['review by Jane', 'pass'],
      ['review by john', 'skip'],
      ['review by joe', 'fail'],
    ]);
  });

  it('by bots and by nobody are no approvals', () => {
    const bots = [
      review('copilot[bot]', 'APPROVED'),
      review('helper', 'APPROVED', { user: { login: 'helper', type: 'Bot' } }),
      review('', 'APPROVED', { user: null }),
    ];
    const found = read('github-reviews', [...bots, review('jane', 'APPROVED')]);
    expect(found.approvals.map(({ imported }) => imported.account)).toEqual(['jane']);
    expect(found.notes).toEqual(['3 reviews by bots or by accounts that are gone were left out']);
    expect(() => read('github-reviews', bots)).toThrow('no result');
  });
});

describe("GitHub's rule suites", () => {
  const source = { type: 'ruleset', id: 1, name: 'main' };
  const suite = { id: 9, after_sha: COMMIT, pushed_at: '2026-03-01T10:00:00Z', actor_name: 'jane' };
  const rule = { rule_source: source, rule_type: 'pull_request', enforcement: 'active', result: 'pass' };

  it('that were bypassed failed, and say by whom', () => {
    const found = read('github-rule-suites', {
      ...suite,
      result: 'bypass',
      rule_evaluations: [{ ...rule, result: 'fail' }],
    });
    expect(found.results.map(({ result, enforce }) => `${result} ${enforce}`)).toEqual([
      'fail deny',
      'fail deny',
    ]);
    expect(found.results[0]).toMatchObject({
      message: 'the rules of the host were bypassed by jane',
      commit: COMMIT,
    });
  });

  it('that were only evaluated are not enforced', () => {
    const evaluations = [rule, { ...rule, enforcement: 'evaluate', result: 'fail' }];
    expect(told('github-rule-suites', [{ ...suite, result: 'pass', rule_evaluations: evaluations }])).toEqual(
      ['main/pull_request: pass deny', 'main/pull_request: fail audit'],
    );
  });

  it('that failed fail also where no rule of theirs says so', () => {
    expect(told('github-rule-suites', { ...suite, result: 'fail', rule_evaluations: [rule] })).toContain(
      'rule suite: fail deny',
    );
    expect(told('github-rule-suites', { ...suite, result: 'unknown' })).toEqual(['rule suite: error deny']);
  });
});

describe('GitLab', () => {
  const jane = { user: { username: 'jane', name: 'Jane Doe', state: 'active' } };
  const whole = { approvals_required: 2, approvals_left: 0, approved: true, approved_by: [jane] };

  it('gives approvals, without the commit they were given to', () => {
    const found = read('gitlab-approvals', {
      ...whole,
      approved_by: [jane, { user: { username: 'project_1_bot', bot: true } }],
    });
    expect(found.approvals).toEqual([
      { imported: { format: 'gitlab-approvals', account: 'jane' }, name: 'Jane Doe', note: null },
    ]);
    expect(found.notes.join()).toContain('does not say which commit');
  });

  it.each([
    [whole, 'approvals: pass deny'],
    [{ ...whole, approvals_left: 1, approved: false }, 'approvals: fail deny'],
    [{ ...whole, approvals_required: 0, approved_by: [] }, 'approvals: skip deny'],
    [{ rules: [{ name: 'sec', approvals_required: 1, approved: true, approved_by: [] }] }, 'sec: fail deny'],
    [
      { rules: [{ name: 'sec', approvals_required: 1, invalid: true, allow_merge_when_invalid: true }] },
      'sec: error deny',
    ],
    [
      { rules: [{ name: 'sec', invalid_rule: true, fallback_behavior: { fail: 'open' } }] },
      'sec: error deny',
    ],
  ])('of %j tells %s', (value, verdict) => {
    expect(told('gitlab-approvals', value)).toEqual([verdict]);
  });

  it('has external checks that passed, failed, or have not answered', () => {
    const checks = ['passed', 'failed', 'pending', 'odd'].map((status, id) => ({ id, name: status, status }));
    expect(told('gitlab-external-status', checks)).toEqual([
      'passed: pass deny',
      'failed: fail deny',
      'pending: error deny',
      'odd: error deny',
    ]);
  });
});

describe('reports of a cluster', () => {
  const report = { kind: 'PolicyReport', metadata: { name: 'r' }, source: 'kyverno' };

  it('are taken one by one, and what is not scored is not enforced', () => {
    const results = [
      {
        policy: 'p',
        rule: 'a',
        result: 'fail',
        severity: 'critical',
        resources: [{ kind: 'Pod', name: 'x' }],
      },
      { policy: 'p', rule: 'b', result: 'fail', scored: false },
      { policy: 'p', rule: 'c', result: 'odd' },
    ];
    const found = read('policy-report', { ...report, results });
    expect(found.results.map(({ result, enforce, severity }) => `${result} ${enforce} ${severity}`)).toEqual([
      'fail deny critical',
      'fail audit medium',
      'error deny medium',
    ]);
    expect(found.results[0]).toMatchObject({ message: 'Pod/x', source: { tool: 'kyverno' } });
  });

  it('with a summary of more than they hold are cut', () => {
    const results = [{ policy: 'p', result: 'pass' }];
    expect(told('policy-report', { ...report, summary: { pass: 1, fail: 2 }, results })).toContain(
      'r: error deny',
    );
  });

  it('of Gatekeeper hold a list that is cut, or was never made', () => {
    const violation = { kind: 'Pod', name: 'x', enforcementAction: 'dryrun', message: 'no' };
    const constraint = { kind: 'K8sLabels', metadata: { name: 'l' }, spec: {} };
    const status = { auditTimestamp: '2026-03-01T10:00:00Z', totalViolations: 25, violations: [violation] };
    expect(told('gatekeeper', { ...constraint, status })).toEqual([
      'K8sLabels/l: fail audit',
      'K8sLabels/l: error deny',
    ]);
    expect(told('gatekeeper', constraint)).toEqual(['K8sLabels/l: error deny']);
    const clean = { ...status, totalViolations: 0, violations: [] };
    expect(told('gatekeeper', { items: [{ ...constraint, status: clean }] })).toEqual([
      'K8sLabels/l: pass deny',
    ]);
  });
});

it("Danger's results have a list each", () => {
  const value = {
    fails: [{ message: 'no', file: 'a.ts', line: 3 }],
    warnings: [{ message: 'w' }],
    messages: [],
    markdowns: [],
  };
  expect(told('danger', value)).toEqual(['danger/fails: fail deny', 'danger/warnings: warn warn']);
  expect(read('danger', value).results[0]?.message).toBe('a.ts:3: no');
});
