import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../lib/policy/facts.ts';
import { celEngine, reasonOf } from '../../../lib/policy/rules/cel.ts';
import { variablesOf } from '../../../lib/policy/rules/policy.ts';
import { changedFile, factsOf, without } from '../../support/facts.ts';

const engine = celEngine(variablesOf({ models: ['claude-*', 'gpt-5*'] }));

const FACTS = factsOf({
  commits: 3,
  files: [
    changedFile('infra/prod.tf', { classes: ['iac'], added: 10, kind: 'file' }),
    changedFile('src/pay.ts', { by: 'human', added: 0 }),
  ],
  classes: ['iac'],
});

/** yes, no, `error: …` where there is no answer, `refused: …` where it does not load. */
function ask(text: string, facts: Facts = FACTS): string {
  const { expression, problems } = engine.compile(text);
  if (expression === null) return `refused: ${problems.map(({ message }) => message).join('; ')}`;
  const typed = engine.typed({ ...facts, lists: { models: ['claude-*', 'gpt-5*'] } });
  try {
    return expression.evaluate(typed) ? 'yes' : 'no';
  } catch (error) {
    return `error: ${reasonOf(error)}`;
  }
}

/** In the subset any engine of CEL shares, so that each has to answer the same. */
const CONFORMANCE: readonly (readonly [expression: string, answer: string])[] = [
  ['true', 'yes'],
  ['!true', 'no'],
  ['1 + 2 * 3 == 7', 'yes'],
  ['-(7 / 2) == -3 && 7 % 2 == 1', 'yes'],
  ['change.commits > 2', 'yes'],
  ['change.commits == 3 && change.commits != 4', 'yes'],
  ['change.commits >= 3 && change.commits <= 3', 'yes'],
  ['change.size.added + change.size.deleted == 4', 'yes'],
  ['double(change.size.added) / 2.0 == 1.5', 'yes'],
  ['int("12") == 12 && string(12) == "12"', 'yes'],
  ['"a" + "b" == "ab" && "a" < "b"', 'yes'],
  ["'single' == \"single\" && r'\\d' == '\\\\d'", 'yes'],
  ['change.target.startsWith("refs/heads/") && change.target.endsWith("main")', 'yes'],
  ['change.target.contains("master")', 'no'],
  ['"iac" in change.classes', 'yes'],
  ['change.stage in ["commit", "mr"]', 'yes'],
  ['!("ci-cd" in change.classes)', 'yes'],
  ['size(change.files) == 2 && change.files.size() == 2', 'yes'],
  ['size("ä€") == 2', 'yes'],
  ['change.files.all(f, f.added >= 0)', 'yes'],
  ['change.files.exists(f, f.by == "human")', 'yes'],
  ['change.files.exists_one(f, f.by == "human")', 'yes'],
  ['change.files.filter(f, f.added > 0).size() == 1', 'yes'],
  ['change.files.map(f, f.path) == ["infra/prod.tf", "src/pay.ts"]', 'yes'],
  ['change.files.map(f, f.added > 0, f.path).size() == 1', 'yes'],
  ['change.files[1].path == "src/pay.ts"', 'yes'],
  ['[].all(x, false) && ![].exists(x, true)', 'yes'],
  ['change.files.all(f, f.classes.exists(c, c == "iac") || f.by == "human")', 'yes'],
  ['change.by_agent ? change.agents.size() > 0 : true', 'yes'],
  ['{"high": 2, "low": 10}["low"] == 10', 'yes'],
  ['has(change.sponsor) && change.sponsor.verified', 'yes'],
  ['timestamp(change.evaluated_at) < timestamp("2026-03-05T00:00:00Z")', 'yes'],
  ['timestamp(change.evaluated_at).getDayOfWeek() == 3', 'yes'],
  ['timestamp(change.evaluated_at).getHours() == 10', 'yes'],
  ['timestamp(change.evaluated_at).getHours("Europe/Zurich") == 11', 'yes'],
  ['timestamp(change.evaluated_at) - timestamp("2026-03-04T09:00:00Z") == duration("1h")', 'yes'],
  ['false && 1 / 0 == 1', 'no'],
  ['true || 1 / 0 == 1', 'yes'],
  ['1 / 0 == 1 || true', 'yes'],
  ['1 / 0 == 1 && false', 'no'],
  ['1 / 0 == 1 || false', 'error: division by zero'],
  ['[1, 0].exists(x, 6 / x == 6)', 'yes'],
  ['[0, 1].all(x, 6 / x == 5)', 'no'],
  ['[0, 6].all(x, 6 / x == 1)', 'error: division by zero'],
  ['1 / 0 == 1', 'error: division by zero'],
  ['9223372036854775807 + 1 > 0', 'error: integer overflow: 9223372036854775808'],
  ['change.files[7].path == ""', "error: the fact 'index out of bounds, index 7 >= size 2' is not there"],
];

describe('an expression in the common subset', () => {
  it.each(CONFORMANCE)('%s', (expression, answer) => {
    expect(ask(expression)).toBe(answer);
  });

  it('answers the same when it is asked again', () => {
    const { expression } = engine.compile('change.files.map(f, f.path).size() == 2');
    const typed = engine.typed(FACTS);
    expect([1, 2, 3].map(() => expression?.evaluate(typed))).toEqual([true, true, true]);
  });
});

describe('a glob in a rule', () => {
  it('is matched, alone or from a list', () => {
    expect(ask('change.files.exists(f, glob(f.path, "infra/**"))')).toBe('yes');
    expect(ask('change.files.all(f, glob(f.path, "**/*.{tf,tfvars}"))')).toBe('no');
    expect(ask('change.models.all(m, glob_any(m, lists.models))')).toBe('yes');
    expect(ask('change.models.all(m, glob_any(m, ["o3"]))')).toBe('no');
  });

  it('that is none gives no answer', () => {
    expect(ask('glob("a", "{a")')).toMatch(/^error: a brace of a glob is not closed/);
  });
});

describe('a fact that is not there', () => {
  it('gives no answer', () => {
    expect(ask('change.sponsor.email != ""', without(FACTS, 'sponsor'))).toBe(
      "error: the fact 'sponsor' is not there",
    );
    expect(ask('change.unrecorded_agent_commits == 0', without(FACTS, 'unrecorded_agent_commits'))).toMatch(
      /^error/,
    );
    expect(ask('change.approvals.all(a, a.verified)', without(FACTS, 'approvals'))).toMatch(/^error/);
  });

  it('is what a null, a number with a point, and a list with a hole are', () => {
    const odd = (more: object): Facts => ({ change: { ...FACTS.change, ...more } });
    expect(ask('change.records_ok', odd({ records_ok: null }))).toMatch(/^error/);
    expect(ask('change.commits > 0', odd({ commits: 1.5 }))).toMatch(/^error/);
    expect(ask('change.commits > 0', odd({ commits: Number.NaN }))).toMatch(/^error/);
    expect(ask('change.classes.all(c, c != "iac")', odd({ classes: ['x', null] }))).toMatch(/^error/);
    expect(ask('has(change.sponsor)', odd({ sponsor: null }))).toBe('no');
  });

  it('can be asked after, by a name that exists', () => {
    expect(ask('has(change.sponsor)', without(FACTS, 'sponsor'))).toBe('no');
    expect(ask('has(change.sponser)')).toBe("refused: there is no fact called 'change.sponser'");
  });
});

describe('what is refused when a policy is loaded', () => {
  it.each([
    ['change.target.matches("(a+)+$")', /'matches' is refused/],
    ['cel.bind(x, 1, x == 1)', /no function called 'bind'/],
    ['change.?sponsor.verified == true', /./],
    ['dyn(change).anything == 1', /no function called 'dyn'/],
    ['change["stage"] == "mr"', /in brackets/],
    ['change[change.stage] == "mr"', /in brackets/],
    ['b"x" == b"x"', /bytes/],
    ['1u == 1u', /unsigned/],
    ['google.protobuf.Timestamp == google.protobuf.Timestamp', /no variable called 'google'/],
    ['change.target.split("/").size() > 1', /no function called 'split'/],
    ['timestamp(change.evaluated_at).getDayOfYear() > 1', /no function/],
    ['change.spons == 1', /no fact called 'change.spons'/],
    ['change.__proto__ == 1', /./],
    ['change.constructor == 1', /no fact called 'change.constructor'/],
    ['chnage.commits > 1', /no variable called 'chnage'/],
    ['lists.nope.size() > 0', /no fact called 'lists.nope'/],
    ['change.commits', /yes or no/],
    ['change.sponsor', /yes or no/],
    ['change.sponsor == null', /has\(…\)/],
    ['change.commits > "3"', /int > string/],
    ['1 +', /./],
    ['', /./],
    [`${'('.repeat(100)}true${')'.repeat(100)}`, /./],
  ])('%s', (expression, reason) => {
    const answer = ask(expression);
    expect(answer).toMatch(/^refused: ./);
    expect(answer).toMatch(reason);
  });

  it('is told all at once, each where it is', () => {
    const text = 'change.spons == 1 && change.files.all(f, f.pth == "" || f.sze > 1) && change.commits > "3"';
    const { problems } = engine.compile(text);
    expect(problems.map(({ start, end }) => text.slice(start, end))).toEqual([
      'spons',
      'pth',
      'sze',
      'change.commits > "3"',
    ]);
  });

  it('does not take long over filters of filters', () => {
    const text = `change.files${'.filter(f, f.added > 0)'.repeat(40)}.size() > 0`;
    expect(ask(text)).toMatch(/yes|refused/);
  });
});

describe('what an expression reads', () => {
  it.each([
    ['change.sponsor.email != change.target', ['change.sponsor.email', 'change.target']],
    [
      'change.files.all(f, f.added > 0 && f.classes.exists(c, c == "iac"))',
      ['change.files[].added', 'change.files[].classes'],
    ],
    ['change.classes.exists(c, c in ["a"])', ['change.classes']],
    [
      'change.files.filter(f, f.by == "agent").exists(f, f.path == "")',
      ['change.files[].by', 'change.files[].path'],
    ],
    ['size(change.files) > 1', ['change.files']],
    ['change.approvals.exists(a, true)', ['change.approvals']],
    ['change.files[0].path == "x"', ['change.files[].path']],
    ['has(change.sponsor)', ['change.sponsor']],
    ['glob_any(change.models[0], lists.models)', ['change.models', 'lists.models']],
  ])('%s', (expression, reads) => {
    expect(engine.compile(expression).expression?.reads).toEqual(reads);
  });
});
