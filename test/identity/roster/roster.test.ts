import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMailmap } from '../../../lib/identity/roster/mailmap.ts';
import { type ParsedRoster, parseRoster } from '../../../lib/identity/roster/parse.ts';
import { notTheirs, personOf, personWithAccount, whoIs } from '../../../lib/identity/roster/roster.ts';
import { ed25519Key } from '../../support/ssh-keys.ts';

const KEY = ed25519Key().text;
const OTHER = ed25519Key().text;
const FROM = { commit: 'c'.repeat(40), file: 'f'.repeat(40), mailmap: parseMailmap('') };

function parse(text: string, mailmap = ''): ParsedRoster {
  return parseRoster(text, { ...FROM, mailmap: parseMailmap(mailmap) });
}

const GOOD = `version: 1
people:
  - name: Jane Doe
    email: Jane@Example.com
    emails: [jane.doe@corp.example]
    accounts: {github: JaneD, gitlab: jdoe}
    keys:
      - ${KEY} jane@laptop
      - {key: "${OTHER}", from: 2026-01-01, until: 2026-06-30, revoked: 2026-03-01T10:00:00Z}
    sponsors: [dependency-manifest, unclassified, "docs/**"]
  - name: John Roe
    email: john@example.com
    roles: [audit]
services: [deploy@example.com, "*@bots.example.com"]
teams: {"@org/Core": [jane@example.com]}
`;

describe('the roster', () => {
  it('knows people by any of their addresses, keys and accounts', () => {
    const { roster, problems } = parse(GOOD, 'Jane Doe <jane@example.com> <old@example.com>\n');
    expect(problems).toEqual([]);
    const jane = personOf(roster, 'JANE.doe@corp.example');
    expect(jane?.email).toBe('Jane@Example.com');
    for (const email of [
      'jane@example.com',
      'Old@example.com',
      '77+janed@users.noreply.github.com',
      'janed@users.noreply.github.com',
      '5-jdoe@users.noreply.gitlab.com',
    ])
      expect(personOf(roster, email), email).toBe(jane);
    expect(personOf(roster, 'jane@example.org')).toBeNull();
    expect(personWithAccount(roster, '@janed')).toBe(jane);
    expect(roster.byKey.get(KEY)).toMatchObject({ kind: 'person', key: { from: null, revoked: null } });
    expect(roster.byKey.get(OTHER)?.key).toMatchObject({
      from: Date.parse('2026-01-01T00:00:00Z'),
      until: Date.parse('2026-07-01T00:00:00Z'),
      revoked: Date.parse('2026-03-01T10:00:00Z'),
    });
    expect(roster.teams.get('@org/core')).toEqual(['jane@example.com']);
  });

  it('tells people from what is none', () => {
    const { roster } = parse(GOOD, 'Build <x9@bots.example.com> <person@example.com>\n');
    const human = (email: string): boolean => whoIs(roster, { name: 'x', email }).isHuman;
    expect(human('jane@example.com')).toBe(true);
    for (const email of [
      'Deploy@example.com',
      'a@bots.example.com',
      'noreply@anthropic.com',
      '1+x[bot]@users.noreply.github.com',
      'person@example.com',
    ])
      expect(human(email), email).toBe(false);
  });

  it('says what a person may not sponsor', () => {
    const { roster } = parse(GOOD);
    const [jane, john] = roster.people;
    const files = [
      { path: 'package.json', classes: ['dependency-manifest'] },
      { path: 'a.js', classes: [] },
      { path: 'docs/deep/x.tf', classes: ['iac'] },
      { path: 'main.tf', classes: ['iac'] },
      { path: 'both', classes: ['dependency-manifest', 'iac'] },
    ];
    expect(jane && notTheirs(jane, files)).toEqual(['main.tf', 'both']);
    expect(john && notTheirs(john, files)).toHaveLength(files.length);
  });

  it('tells all that is wrong at once, each with what to do', () => {
    const { problems } = parse(`version: 1
people:
  - {name: Jane, email: nobody, role: [x]}
  - {name: Bot, email: noreply@anthropic.com}
  - {name: A, email: a@example.com, keys: ["ssh-ed25519 AAAA"], roles: [king], sponsors: [dependency-manifests]}
  - {name: B, email: b@example.com, keys: ["${KEY}", {key: "${KEY}", until: 2026-02-30}]}
  - {name: B2, email: c@example.com, emails: [B@example.com]}
ci: [{name: main}]
services: ["*"]
teams: {core: [a@example.com]}
extra: 1
`);
    expect(problems.map(({ where }) => where).sort()).toEqual(
      [
        'ci[0].keys',
        'people[0].email',
        'people[0].role',
        'people[1]',
        'people[2].keys[0]',
        'people[2].roles[0]',
        'people[2].sponsors[0]',
        'person b@example.com',
        'people[3].keys[1].until',
        'person c@example.com',
        'services[0]',
        'teams.core',
        'the file.extra',
      ].sort(),
    );
    for (const { hint } of problems) expect(hint).toMatch(/\.$/);
  });

  it('does not take two people for two whom the mailmap makes one', () => {
    const text = 'version: 1\npeople: [{name: A, email: a@x.example}, {name: B, email: b@x.example}]\n';
    expect(parse(text).problems).toEqual([]);
    expect(parse(text, '<a@x.example> <b@x.example>').problems).toHaveLength(1);
  });

  it('refuses YAML that is no plain one, and what has no prototype to lend', () => {
    for (const text of ['a: &x 1\nb: *x', '[', 'version: 1\npeople: {__proto__: 1}', '- 1', ''])
      expect(parse(text).problems.length, text).toBeGreaterThan(0);
  });

  it('whatever spelling of an address it is, the person is the same', () => {
    const { roster } = parse(GOOD);
    const spelling = fc
      .constantFrom('jane@example.com', 'jane.doe@corp.example')
      .chain((email) =>
        fc
          .array(fc.boolean(), { minLength: email.length, maxLength: email.length })
          .map((upper) => [...email].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join('')),
      );
    fc.assert(
      fc.property(spelling, spelling, (a, b) => {
        expect(whoIs(roster, { name: 'x', email: a }).id).toBe(whoIs(roster, { name: 'y', email: b }).id);
      }),
    );
  });
});

it('the roster that the guide shows is one', async () => {
  const guide = await readFile(new URL('../../../docs/identity.md', import.meta.url), 'utf8');
  const shown = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  const { roster, problems } = parse(shown.replaceAll(/ssh-ed25519 \S+?…/g, () => ed25519Key().text));
  expect(problems).toEqual([]);
  expect(roster.people[0]?.keys).toHaveLength(3);
});

describe('a mailmap', () => {
  it('is read as git reads it', () => {
    const map = 'Proper <p@x.example>\n# <no@x.example> <p@x.example>\n<p@x.example> Odd <o@x.example>\n';
    const { roster } = parse('version: 1\n', map);
    const at = (name: string, email: string): string[] => {
      const { name: called, id } = whoIs(roster, { name, email });
      return [called, id];
    };
    expect(at('other', 'P@x.example')).toEqual(['Proper', 'p@x.example']);
    expect(at('odd', 'o@x.example')).toEqual(['odd', 'p@x.example']);
    expect(at('even', 'o@x.example')).toEqual(['even', 'o@x.example']);
  });
});
