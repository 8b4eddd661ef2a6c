import { anything, assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { parsePolicy, readPolicy } from '../../../lib/policy/rules/policy-file.ts';
import { STARTER_POLICY } from '../../../lib/policy/rules/starter.ts';

const RULE = '  - id: r\n    require: [{expr: "true"}]\n';
const policy = (rules: string, before = ''): string => `version: 1\n${before}rules:\n${rules}`;

/** `line:column: message` of each. */
function problemsOf(text: string): string[] {
  return readPolicy(text).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('a policy file', () => {
  it('is read, with what a rule leaves out', () => {
    const text = policy(
      `${RULE}    controls: SOC2:CC8.1\n`,
      'lists: {models: [a, b]}\nclasses: {pay: ["pay/**"]}\n',
    );
    expect(parsePolicy(text)).toEqual({
      lists: { models: ['a', 'b'] },
      classes: [{ name: 'pay', globs: ['pay/**'] }],
      rules: [
        {
          id: 'r',
          description: null,
          severity: 'medium',
          stages: ['commit', 'mr', 'pipeline', 'merge', 'deploy'],
          enforce: 'deny',
          classes: [],
          when: null,
          require: [{ id: '1', expr: 'true', message: null }],
          controls: ['SOC2:CC8.1'],
        },
      ],
      closedBy: 'person',
    });
  });

  it('says who closes what a rule opened, once the rule passes again', () => {
    const closedBy = (more: string) => readPolicy(policy(RULE, more));
    expect(closedBy('exceptions: {close: check}\n').policy?.closedBy).toBe('check');
    expect(closedBy('exceptions: {close: person}\n').policy?.closedBy).toBe('person');
    expect(closedBy('exceptions: {close: nobody}\n').problems.map(({ message }) => message)).toEqual([
      'it has to be one of person, check',
    ]);
    expect(closedBy('exceptions: {closed: check}\n').policy).toBeNull();
  });

  it('that is the starter has no mistake, and names controls in each rule', () => {
    expect(readPolicy(STARTER_POLICY).problems).toEqual([]);
    const { rules } = parsePolicy(STARTER_POLICY);
    expect(rules.filter(({ controls }) => controls.length === 0)).toEqual([]);
    expect(rules.length).toBeGreaterThan(5);
  });

  it('tells all its mistakes at once, each by line and column, in block texts too', () => {
    const text = `version: 1
facts: v2
rules:
  - id: one
    severity: hihg
    stage: [mr, merg]
    when: change.sponser.verified
    require:
      - id: a
        expr: change.files.all(f, f.pth == "x") && change.commits > "3"
      - id: a
        expr: |-
          change.by_agent &&
            change.target.matches("x")
      - expr: >-
          change.by_agent
          && change.nope
  - id: one
    enforced: deny
    classes: [iac, dependencies]
    require:
      - expr: "\\"a\\" == change.stage && change.zzz"
      - expr: 'change.stage == ''mr'' && yyy'
      - message: x
`;
    expect(problemsOf(text).map((line) => line.replace(/; there are: .*/, ''))).toEqual([
      '2:8: these facts are called v1',
      '5:15: it has to be one of critical, high, medium, low, info',
      "6:17: there is no stage 'merg'",
      "7:18: there is no fact called 'change.sponser'",
      "10:37: there is no fact called 'change.files[].pth'",
      '10:52: no such overload: int > string',
      "11:9: there are two clauses called 'a'",
      "14:13: 'matches' is refused: a hostile text can keep a regular expression busy for ever. Use glob(text, pattern)",
      "17:21: there is no fact called 'change.nope'",
      "18:5: there are two rules called 'one'",
      "19:5: there is no key 'enforced' here",
      "20:20: there is no risk class 'dependencies'",
      "22:48: there is no fact called 'change.zzz'",
      "23:42: there is no variable called 'yyy'",
      '24:9: a clause needs `expr`',
    ]);
  });

  it('says where in a block text a mistake is, and not in what announces the block', () => {
    expect(problemsOf(policy('  - id: r\n    require:\n      - expr: |-\n\n          -1\n'))).toEqual([
      '7:11: it has to be yes or no (bool), and is int',
    ]);
  });

  it('that does not load is one error with every mistake and a hint', () => {
    let error: unknown;
    try {
      parsePolicy(policy('  - id: r\n    require: [{expr: "chnage == 1"}, {expr: "1 +"}]\n'));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AgentLogError);
    expect(error).toMatchObject({ code: 'BAD_POLICY', kind: 'usage' });
    expect(error).toMatchObject({
      summary: 'the policy has 2 mistakes',
      mistakes: [
        expect.stringMatching(/^\.agent-log\/policy\.yaml:4:23: /),
        expect.stringMatching(/^\.agent-log\/policy\.yaml:4:/),
      ],
    });
    expect(String(error)).toContain('the policy has 2 mistakes: .agent-log/policy.yaml:4:23: ');
    expect((error as AgentLogError).hints.length).toBeGreaterThan(0);
  });

  it.each([
    ['', /empty/],
    ['rules: []\nversion: 1', /there have to be rules/],
    ['version: 1', /there have to be rules/],
    [policy('  - id: r\n    require: []\n'), /there have to be `require`/],
    ['- a', /has to be a map/],
    [policy(RULE).replace('1', '2'), /version: 1/],
    [policy(RULE.replace('id: r', 'id: coverage')), /results of the program itself/],
    ['a: [', /./],
    ['{}', /version/],
    ['version: 1\nrules: text', /has to be a map/],
    [policy(RULE, 'lists: {__proto__: [a]}\n'), /a list is called/],
    [policy(RULE, 'classes: {x: ["{a"]}\n'), /brace/],
    [policy('  - id: r\n    require: [{expr: 12}]\n'), /has to be a text/],
    [policy(`  - id: r\n    require: [{expr: "${'1 + '.repeat(3000)}1 == 1"}]\n`), /longer than 10000/],
  ])('is refused (%#)', (text, reason) => {
    const { policy, problems } = readPolicy(text);
    expect(policy).toBeNull();
    expect(problems.map(({ message }) => message).join('\n')).toMatch(reason);
  });
});

describe('a hostile policy file', () => {
  it.each([
    [
      'with an alias bomb',
      policy(`${RULE}    controls: *x\n`, 'lists: {a: &x [b]}\n'),
      /an anchor is not allowed[\s\S]*an alias is not allowed/,
    ],
    ['with a key twice', policy(`${RULE}    enforce: deny\n    enforce: audit\n`), /there twice/],
    ['with a tag', policy(`${RULE}    controls: !!js/function x\n`), /tag/i],
    ['nested deeply', `version: ${'['.repeat(5000)}`, /nested/],
    ['that is huge', `# ${'x'.repeat(3_000_000)}`, /larger/],
    ['with a prototype key', policy(`${RULE}    __proto__: {enforce: audit}\n`), /no key '__proto__'/],
    ['with two documents', `${policy(RULE)}---\nversion: 1\n`, /./],
    ['with too many rules', policy('- a\n'.repeat(2001)), /more than 2000 rules/],
    [
      'with too many clauses',
      policy(`  - id: r\n    require: [${'{expr: "true"},'.repeat(201)}]\n`),
      /more than 199/,
    ],
    ['with a map for a key', policy(`${RULE}    ? {a: b}\n    : c\n`), /key has to be a text/],
  ])('%s is refused', (_, text, reason) => {
    const { policy, problems } = readPolicy(text);
    expect(policy).toBeNull();
    expect(problems.map(({ message }) => message).join('\n')).toMatch(reason);
    expect(({} as { enforce?: string }).enforce).toBeUndefined();
  });

  it('gives a policy or problems, whatever it is', () => {
    const holds = (text: string): void => {
      const { policy, problems } = readPolicy(text);
      expect(policy === null).toBe(problems.length > 0);
      expect(problems.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true);
    };
    assert(property(string({ maxLength: 200 }), holds), { numRuns: 60 });
    assert(
      property(anything({ maxDepth: 4 }), (value) =>
        holds(JSON.stringify({ version: 1, rules: [value], lists: value }) ?? ''),
      ),
      { numRuns: 40 },
    );
  });
});
