import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../../lib/cli/terminal/io.ts';
import { checkJunit } from '../../../../lib/cli/views/check/junit.ts';
import { checkMarkdown } from '../../../../lib/cli/views/check/markdown.ts';
import { checkSarif } from '../../../../lib/cli/views/check/sarif.ts';
import { checkText } from '../../../../lib/cli/views/check/text.ts';
import type { CheckDecision, CheckDocument } from '../../../../lib/core/generated/check-v1.types.ts';
import { importResults } from '../../../../lib/policy/imports/import.ts';
import { checkDocument, decision, EVERYTHING, HOSTILE } from '../../../support/check-document.ts';
import { schemaProblems } from '../../../support/schema.ts';

const OPTIONS = { paint: PLAIN, columns: 80, full: false };
const ALL = checkDocument(EVERYTHING);

const hostile = checkDocument(
  (['fail', 'warn', 'error', 'skip', 'pass'] as const).flatMap((result) =>
    [true, false].map((denies) =>
      decision({ rule: HOSTILE, result, denies, message: HOSTILE, controls: [HOSTILE], hint: HOSTILE }),
    ),
  ),
);

it('the document of the tests is one that check prints', () => {
  expect(schemaProblems(ALL)).toEqual([]);
  expect(schemaProblems(hostile)).toEqual([]);
});

describe('for people', () => {
  it('what denies comes first, worst first, with why and what mends it', () => {
    expect(checkText(ALL, OPTIONS)).toBe(`DENIED at mr: 3 of 8 decisions
change: 4b825dc642..4b825dc642 to refs/heads/main
policy: .agent-log/policy.yaml of 4b825dc642

Denies (3)
  freeze (critical, could not be evaluated)
      no time was given
  dep.sponsor (high, failed)
      a person must sponsor the change
      other could not be evaluated
      mend: git agent-log sponsor 01JD2M0Y5V9Z8K7Q3C4N6T1RWE --sign
  js/xss (high, failed, by CodeQL, imported)
      src/a.ts:3: unsafe

Waived (1)
  iac.owner (high, failed)
      no owner said yes
      waived by 01JD2M0Y5V9Z8K7Q3C4N6T1RWE

Warns (2)
  model (high, failed)
      unknown model
  size (low, failed)
      over 400 lines

Does not apply (1)
  iam

Passed (1)
  coverage

Recorded in the ledger at 4b825dc642.
`);
  });

  it('--full has every clause and the facts it saw, of what passed, too', () => {
    const full = checkText(
      checkDocument([
        ...EVERYTHING,
        decision({
          rule: 'tasks',
          clauses: [{ id: 'ref', result: 'pass', message: null, facts: { 'change.tasks_missing': '0' } }],
        }),
      ]),
      { ...OPTIONS, full: true },
    );
    for (const line of [
      '      clause named: fail\n        change.sponsors = []\n',
      '      clause task: pass\n',
      '  tasks (high, pass)\n      clause ref: pass\n        change.tasks_missing = 0\n',
    ])
      expect(full).toContain(line);
    expect(checkText(ALL, OPTIONS)).not.toContain('clause ');
  });

  it('a pass is short, and a dry run says that nothing was recorded', () => {
    const passed: CheckDocument = { ...checkDocument([decision({})]), recorded: false, ledger: null };
    expect(checkText(passed, OPTIONS)).toContain('Passed at mr: 1 decision\n');
    expect(checkText(passed, OPTIONS)).toContain('Nothing was recorded.');
  });

  it('fits a terminal, sends it no escape, and counts what is too much', () => {
    for (const line of checkText(hostile, OPTIONS).split('\n')) {
      expect([...line].length).toBeLessThanOrEqual(80);
      expect(line).not.toMatch(/[\u0000-\u001f\u202e]/);
    }
    const many = checkDocument(Array.from({ length: 200 }, () => decision({ result: 'fail', denies: true })));
    expect(checkText(many, OPTIONS)).toContain('… and 150 more');
  });
});

describe('SARIF', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../../fixtures/sarif/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8'),
  ) as Record<string, unknown>;
  const { id: _, $schema: __, ...rest } = schema;
  const valid = new Ajv.default({ strict: false, unicodeRegExp: false, validateFormats: false }).compile(
    rest,
  );

  it.each([
    ['everything', ALL],
    ['hostile text', hostile],
    ['a pass', checkDocument([decision({})])],
  ])('of %s is valid', (_, document) => {
    expect(valid(JSON.parse(checkSarif(document, '1.0.0'))), JSON.stringify(valid.errors)).toBe(true);
  });

  it('holds what denies and what warns, and nothing that passed, was waived or does not apply', () => {
    const { results } = (
      JSON.parse(checkSarif(ALL, '1.0.0')) as { runs: { results: { ruleId: string; level: string }[] }[] }
    ).runs[0] ?? { results: [] };
    expect(results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
      'freeze error',
      'dep.sponsor error',
      'js/xss error',
      'model note',
      'size warning',
    ]);
  });

  it('has no link of somebody else in its messages', () => {
    expect(checkSarif(hostile, '1.0.0')).not.toContain('](');
  });

  it('is read by the importer as what it was', () => {
    const { results } = importResults('sarif', Buffer.from(checkSarif(ALL, '1.0.0')));
    expect(
      results.filter(({ enforce }) => enforce === 'deny').map(({ rule, severity }) => `${rule} ${severity}`),
    ).toEqual(['freeze critical', 'dep.sponsor high', 'js/xss high']);
  });
});

/** Those that XML, HTML or a terminal take for something else, or can't hold. */
const LETTERS = [
  '<',
  '>',
  '&',
  '"',
  "'",
  ']]>',
  '\u0000',
  '\u001b',
  '\n',
  '\ufffe',
  '\ud800',
  '\udc00',
  '\u202e',
  'a',
  'é',
  '😀',
];

describe('JUnit', () => {
  it('fails where the check denies, and nowhere else', () => {
    const { results } = importResults('junit', Buffer.from(checkJunit(ALL)));
    expect(results.map(({ rule, result }) => `${rule}: ${result}`)).toEqual([
      'git-agent-log coverage: pass',
      'git-agent-log dep.sponsor: fail',
      'git-agent-log freeze: error',
      'git-agent-log size: skip',
      'git-agent-log model: skip',
      'git-agent-log iac.owner: skip',
      'git-agent-log iam: skip',
      'CodeQL js/xss: fail',
    ]);
  });

  it('is XML with as many cases as decisions, whatever text is in them', () => {
    const text = fc.oneof(fc.string({ unit: fc.constantFrom(...LETTERS) }), fc.constant(HOSTILE));
    const any = fc
      .record({
        rule: text,
        message: text,
        result: fc.constantFrom<CheckDecision['result']>('pass', 'fail', 'error', 'skip'),
        denies: fc.boolean(),
      })
      .map(decision);
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), (decisions) => {
        const xml = checkJunit(checkDocument(decisions));
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        expect(importResults('junit', Buffer.from(xml)).results).toHaveLength(decisions.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('Markdown', () => {
  it('has a table of what denies', () => {
    const page = checkMarkdown(ALL);
    expect(page).toContain('## Agent work: denied at mr');
    expect(page).toContain(
      '| dep.sponsor | high | a person must sponsor the change<br>other could not be evaluated | <code>git agent-log sponsor 01JD2M0Y5V9Z8K7Q3C4N6T1RWE --sign</code> |',
    );
    expect(page).toContain('<summary>Passed (1)</summary>');
  });

  it('holds no markup, HTML, link, mention or cell of somebody else', () => {
    const page = checkMarkdown(hostile);
    const ours = page.replaceAll(/<\/?(?:code|br|details|summary)>/g, '');
    expect(ours).not.toMatch(/[<`]|\]\(|https:|\bwww\.|@|\u001b|\u202e/);
    expect(
      page
        .split('\n')
        .filter((line) => line.startsWith('| '))
        .every((line) => line.split('|').length === 6),
    ).toBe(true);
  });
});
