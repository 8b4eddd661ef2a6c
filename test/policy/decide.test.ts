import { array, assert, boolean, constantFrom, property, record, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validate as validateDecision } from '../../lib/core/generated/decision-v1.validate.ts';
import {
  type DecideOptions,
  decide,
  type RuleResult,
  type Verdict,
  type WaiverInForce,
} from '../../lib/policy/decide.ts';
import { cut } from '../../lib/policy/fact-texts.ts';
import type { Facts } from '../../lib/policy/facts.ts';
import { judgedFacts, judgeRule } from '../../lib/policy/judge.ts';
import { type CelEngine, celEngine } from '../../lib/policy/rules/cel.ts';
import { withOwnClasses } from '../../lib/policy/rules/own-classes.ts';
import {
  type Enforcement,
  type Policy,
  type Rule,
  STAGES,
  variablesOf,
} from '../../lib/policy/rules/policy.ts';
import { parsePolicy } from '../../lib/policy/rules/policy-file.ts';
import { STARTER_POLICY } from '../../lib/policy/rules/starter.ts';
import { approvalBy, changedFile, factsOf, JANE, without } from '../support/facts.ts';

const engines = new Map<string, CelEngine>();

/** Making one takes longer than all that is asked of it here. */
function engineFor({ lists }: Policy): CelEngine {
  const key = JSON.stringify(lists);
  const engine = engines.get(key) ?? celEngine(variablesOf(lists));
  engines.set(key, engine);
  return engine;
}

/** What evaluatePolicy does, without a thread. */
function evaluate(
  policy: Policy,
  given: Facts,
  { stage = 'mr', waivers = [] }: Partial<DecideOptions> = {},
): Verdict {
  const engine = engineFor(policy);
  const facts = withOwnClasses(policy, given);
  const judged = judgedFacts(engine, policy.lists, facts);
  const outcomes = new Map(policy.rules.map((rule) => [rule.id, judgeRule(rule, engine, judged)]));
  return decide(policy, facts, { stage, waivers }, outcomes);
}

function rule(id: string, exprs: readonly string[], more: Partial<Rule> = {}): Rule {
  return {
    id,
    description: null,
    severity: 'high',
    stages: STAGES,
    enforce: 'deny',
    classes: [],
    when: null,
    require: exprs.map((expr, at) => ({ id: `c${at}`, expr, message: `message ${at}` })),
    controls: [],
    ...more,
  };
}

const policyOf = (...rules: Rule[]): Policy => ({ rules, lists: {}, classes: [], closedBy: 'person' });
const starter = parsePolicy(STARTER_POLICY);

/** Why a rule of the starter denies, clause by clause. */
function refusals(facts: Facts, id = 'agent.dependencies'): string[] {
  const { clauses } = evaluate(starter, facts).results.find(({ rule }) => rule === id) as RuleResult;
  return clauses.filter(({ result }) => result !== 'pass').map((clause) => `${clause.id} ${clause.result}`);
}

describe('a rule', () => {
  it('is judged by all of its clauses, each with the facts it read', () => {
    const clauses = ['change.commits == 7', 'change.sponsor.email == "x"', 'change.by_agent'];
    const { verdict, results } = evaluate(policyOf(rule('r', clauses)), without(factsOf(), 'sponsor'));
    expect(verdict).toBe('deny');
    expect(results).toMatchObject([
      {
        rule: 'r',
        result: 'error',
        denies: true,
        message: "message 0; message 1: could not be evaluated (the fact 'sponsor' is not there)",
        clauses: [
          { id: 'c0', result: 'fail', message: 'message 0', facts: { 'change.commits': '2' } },
          { id: 'c1', result: 'error', facts: { 'change.sponsor.email': 'null' } },
          { id: 'c2', result: 'pass', message: null, facts: { 'change.by_agent': 'true' } },
        ],
      },
    ]);
  });

  it('that fails denies only where it is enforced', () => {
    const enforced = (enforce: Enforcement): RuleResult | undefined =>
      evaluate(policyOf(rule('r', ['false'], { enforce })), factsOf()).results[0];
    expect(enforced('deny')).toMatchObject({ result: 'fail', denies: true });
    expect(enforced('warn')).toMatchObject({ result: 'warn', denies: false });
    expect(enforced('audit')).toMatchObject({ result: 'warn', denies: false });
  });

  it('whose `when` is not so is passed over, and one whose `when` has no answer denies', () => {
    const facts = without(factsOf(), 'records_ok');
    expect(
      evaluate(policyOf(rule('r', ['false'], { when: 'change.commits > 9' })), facts).results[0],
    ).toMatchObject({
      result: 'skip',
      denies: false,
      clauses: [],
    });
    const [result] = evaluate(policyOf(rule('r', ['true'], { when: 'change.records_ok' })), facts).results;
    expect(result).toMatchObject({ result: 'error', denies: true });
    expect(result?.clauses.map(({ id, result }) => [id, result])).toEqual([
      ['when', 'error'],
      ['c0', 'pass'],
    ]);
  });

  it('of another stage has no result; that no rule is for the stage denies', () => {
    const policy = policyOf(
      rule('a', ['true'], { stages: ['mr'] }),
      rule('b', ['false'], { stages: ['deploy'] }),
    );
    expect(evaluate(policy, factsOf()).results.map((one) => one.rule)).toEqual(['a']);
    expect(evaluate(policy, factsOf(), { stage: 'commit' })).toMatchObject({
      verdict: 'deny',
      results: [{ rule: 'stage', result: 'error', denies: true }],
    });
  });

  it('that nobody evaluated denies', () => {
    const policy = policyOf(rule('r', ['true', 'true']));
    const { verdict, results } = decide(policy, factsOf(), { stage: 'mr', waivers: [] }, new Map());
    expect(verdict).toBe('deny');
    expect(results[0]?.clauses.map(({ result }) => result)).toEqual(['error', 'error', 'error']);
  });

  it('of which it is not known whether it applies denies, whatever its clauses came to', () => {
    const clauses = [{ id: 'c0', result: 'pass', error: null, facts: {} }] as const;
    const outcomes = new Map([['r', { applies: null, error: null, clauses }]]);
    const { results } = decide(
      policyOf(rule('r', ['true'])),
      factsOf(),
      { stage: 'mr', waivers: [] },
      outcomes,
    );
    expect(results[0]).toMatchObject({ result: 'error', denies: true });
  });

  it('shows facts as text of limited length', () => {
    const files = Array.from({ length: 500 }, (_, at) => changedFile(`src/${at}/😀😀😀.ts`));
    const [result] = evaluate(
      policyOf(rule('r', ['change.files.all(f, f.path != "x")'])),
      factsOf({ files }),
    ).results;
    const text = result?.clauses[0]?.facts['change.files[].path'] ?? '';
    expect(text.length).toBeLessThanOrEqual(1001);
    expect(text).toMatch(/^\["src\/0\/😀.*…$/);
    const halves = ['', 'a'].map((first) => cut(first + '😀'.repeat(600)));
    expect(halves.filter((one) => /[\ud800-\udbff](?![\udc00-\udfff])/.test(one))).toEqual([]);
  });
});

describe('a waiver', () => {
  const failing = policyOf(rule('r', ['false']));
  const waiver: WaiverInForce = {
    id: '01JD2M0Y5V9Z8K7Q3C4N6T1RWE',
    rule: 'r',
    paths: [],
    until: '2026-04-01T00:00:00Z',
  };
  const withWaiver = (more: Partial<WaiverInForce>, policy = failing): Verdict =>
    evaluate(policy, factsOf(), { waivers: [{ ...waiver, ...more }] });

  it('lets a failed rule pass, which stays failed and names it', () => {
    const { verdict, results } = withWaiver({});
    expect(verdict).toBe('allow');
    expect(results[0]).toMatchObject({ result: 'fail', denies: false, waiver: waiver.id });
  });

  it('of another rule, of other paths, or whose time is over does nothing', () => {
    expect(withWaiver({ rule: 'q' }).verdict).toBe('deny');
    expect(withWaiver({ paths: ['docs/**'] }).verdict).toBe('deny');
    expect(withWaiver({ paths: ['docs/**', '*.json'] }).verdict).toBe('allow');
    expect(withWaiver({ until: '2026-03-04T10:00:00Z' }).verdict).toBe('deny');
    expect(withWaiver({ until: 'always' }).verdict).toBe('deny');
  });

  it('never lets an error pass', () => {
    const { verdict, results } = withWaiver({}, policyOf(rule('r', ['1 / 0 == 1'])));
    expect([verdict, results[0]?.result, results[0]?.waiver]).toEqual(['deny', 'error', undefined]);
  });
});

describe('risk classes', () => {
  const iac = { files: [changedFile('a.tf', { classes: ['iac'] })], classes: ['iac'] };

  it('that no rule applied to are warned of', () => {
    const policy = policyOf(rule('d', ['true'], { classes: ['dependency-manifest'] }));
    const { verdict, results } = evaluate(policy, factsOf(iac));
    expect(verdict).toBe('allow');
    expect(results.map((one) => [one.rule, one.result])).toEqual([
      ['d', 'skip'],
      ['coverage', 'warn'],
    ]);
    expect(results[1]?.message).toMatch(/: iac$/);
    expect(evaluate(policy, factsOf()).results.map((one) => one.rule)).toEqual(['d']);
  });

  it('of the policy itself are given to the files its globs fit, before or after a rename', () => {
    const policy: Policy = {
      ...policyOf(rule('p', ['change.files.exists(f, "payments" in f.classes)'], { classes: ['payments'] })),
      classes: [{ name: 'payments', globs: ['pay/**'] }],
    };
    const files = [changedFile('elsewhere.ts', { old_path: 'pay/a.ts', status: 'renamed' })];
    const { verdict, facts } = evaluate(policy, factsOf({ files, classes: [] }));
    expect(verdict).toBe('allow');
    expect(facts.change.classes).toEqual(['payments']);
    expect(withOwnClasses(policy, facts)).toEqual(facts);
  });
});

describe('the starter policy', () => {
  it('lets through what is in order, and what agents have no part in', () => {
    expect(evaluate(starter, factsOf()).verdict).toBe('allow');
    expect(evaluate(starter, factsOf({ by_agent: false, agent_commits: 0, approvals: [] })).verdict).toBe(
      'allow',
    );
  });

  it.each([
    ['an agent commit without a record', { unrecorded_agent_commits: 1 }, ['recorded fail']],
    ['no task', { tasks_missing: 1 }, ['task fail']],
    ['a model that is not allowed', { models: ['llama-3'] }, ['model fail']],
    ['no model', { models: [], models_missing: 1 }, ['model fail']],
    ['no sponsor', { sponsors: [], sponsors_missing: 1 }, ['sponsor fail']],
    ['a service for a sponsor', { sponsors: [{ ...JANE, is_person: false }] }, ['sponsor fail']],
    ['a sponsor who did not sign', { sponsors: [{ ...JANE, verified: false }] }, ['sponsor-signed fail']],
    ['a sponsor who may not', { sponsors: [{ ...JANE, may_sponsor: false }] }, ['sponsor-signed fail']],
    ['no approval', { approvals: [] }, ['owner fail']],
    ["the author's own approval", { approvals: [approvalBy('x', { is_author: true })] }, ['owner fail']],
    ["the sponsor's own approval", { approvals: [approvalBy('x', { is_sponsor: true })] }, ['owner fail']],
    ['an approval of something else', { approvals: [approvalBy('x', { holds: false })] }, ['owner fail']],
    ['an approval that only says so', { approvals: [approvalBy('x', { verified: false })] }, ['owner fail']],
    ['an approval by no owner', { approvals: [approvalBy('x', { owner: false })] }, ['owner fail']],
    [
      'a path its owner did not approve',
      { owner_approvals: [{ path: 'package.json', owners: ['x'], approved: false, by: [] }] },
      ['all-owners fail'],
    ],
  ])('denies a dependency change with %s', (_, more, expected) => {
    expect(evaluate(starter, factsOf(more)).verdict).toBe('deny');
    expect(refusals(factsOf(more))).toEqual(expected);
  });

  it('denies an agent that changes the policy by itself', () => {
    const file = changedFile('.agent-log/policy.yaml', { classes: ['audit-policy'] });
    const facts = factsOf({ files: [file], classes: ['audit-policy'], approvals: [] });
    expect(evaluate(starter, facts).verdict).toBe('deny');
    expect(refusals(facts, 'agent.audit-policy')).toEqual(['owner fail']);
  });

  it('denies whatever fact is missing of those it asks for', () => {
    const read = [
      'approvals',
      'sponsors',
      'models',
      'tasks_missing',
      'records_ok',
      'by_agent',
      'classes',
    ] as const;
    for (const name of read) {
      const facts = without(factsOf(), name);
      const engine = engineFor(starter);
      const judged = judgedFacts(engine, starter.lists, facts);
      const outcomes = new Map(starter.rules.map((one) => [one.id, judgeRule(one, engine, judged)]));
      expect([name, decide(starter, facts, { stage: 'mr', waivers: [] }, outcomes).verdict]).toEqual([
        name,
        'deny',
      ]);
    }
  });
});

describe('whatever the rules', () => {
  const ERRORS = ['1 / 0 == 1', 'change.sponsor.verified', 'change.files[99].path == ""', 'glob("a", "{")'];
  const exprs = constantFrom('true', 'false', 'change.by_agent', 'change.commits > 5', ...ERRORS);
  const rules = array(
    record({
      exprs: array(exprs, { minLength: 1, maxLength: 4 }),
      enforce: constantFrom<Enforcement>('deny', 'warn', 'audit'),
      when: constantFrom(null, 'true', 'false', ...ERRORS),
      waived: boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const facts = without(factsOf(), 'sponsor');
  const made = rules.map((all) => ({
    rules: all.map(({ exprs, enforce, when }, at) => rule(`r${at}`, exprs, { enforce, when })),
    waivers: all.flatMap(({ waived }, at): WaiverInForce[] =>
      waived
        ? [{ id: `01JD2M0Y5V9Z8K7Q3C4N6T1RW${at}`, rule: `r${at}`, paths: [], until: '2027-01-01T00:00:00Z' }]
        : [],
    ),
  }));
  const byId = (results: readonly RuleResult[]): Map<string, RuleResult> =>
    new Map(results.map((result) => [result.rule, result]));

  it('their order changes nothing', () => {
    const shuffled = made.chain(({ rules, waivers }) =>
      shuffledSubarray(rules, { minLength: rules.length }).map((other) => ({ rules, other, waivers })),
    );
    assert(
      property(shuffled, ({ rules, other, waivers }) => {
        const one = evaluate(policyOf(...rules), facts, { waivers });
        const two = evaluate(policyOf(...other), facts, { waivers: [...waivers].reverse() });
        expect(two.verdict).toBe(one.verdict);
        expect(byId(two.results)).toEqual(byId(one.results));
      }),
      { numRuns: 60 },
    );
  });

  it('an error never passes, no clause is left out, and what denies says why', () => {
    assert(
      property(made, ({ rules, waivers }) => {
        const { verdict, results } = evaluate(policyOf(...rules), facts, { waivers });
        for (const one of rules) {
          const result = byId(results).get(one.id) as RuleResult;
          if (result.result === 'skip') {
            expect(one.when).toBe('false');
            continue;
          }
          expect(result.clauses.filter(({ id }) => id !== 'when').map(({ id }) => id)).toEqual(
            one.require.map(({ id }) => id),
          );
          const broken = [one.when ?? 'true', ...one.require.map(({ expr }) => expr)].some((expr) =>
            ERRORS.includes(expr),
          );
          expect(result.result === 'error').toBe(broken);
          if (broken) expect(result.denies).toBe(one.enforce === 'deny');
          if (result.denies) expect(result.message).not.toBe('');
        }
        expect(verdict === 'deny').toBe(results.some(({ denies }) => denies));
      }),
      { numRuns: 100 },
    );
  });

  it('results fit a decision record', () => {
    assert(
      property(made, ({ rules, waivers }) => {
        for (const { denies: _, ...result } of evaluate(policyOf(...rules), facts, { waivers }).results)
          expect(validateDecision(decisionOf(result)), JSON.stringify(validateDecision.errors)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

function decisionOf(result: object): unknown {
  const oid = 'a'.repeat(40);
  const ulid = '01JD2M0Y5V9Z8K7Q3C4N6T1RWE';
  return {
    schema: 'agent-log/decision/v1',
    id: ulid,
    run: ulid,
    stage: 'mr',
    subject: { base: oid, head: oid, tree: oid, patchId: oid, target: 'refs/heads/main', targetCommit: oid },
    txns: [],
    classes: [],
    policy: null,
    inputs: `sha256:${'a'.repeat(64)}`,
    source: { kind: 'rules', tool: 'git-agent-log', version: null },
    prev: null,
    by: null,
    recordedAt: '2026-03-04T10:00:00.000Z',
    ...result,
  };
}
