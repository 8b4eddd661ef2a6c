import { describe, expect, it } from 'vitest';
import { parseCodeOwners } from '../../../lib/identity/owners/code-owners.ts';
import { ownerApprovals } from '../../../lib/identity/owners/owner-approval.ts';
import { parseMailmap } from '../../../lib/identity/roster/mailmap.ts';
import { parseRoster } from '../../../lib/identity/roster/parse.ts';
import { type KnownAs, whoIs } from '../../../lib/identity/roster/roster.ts';

const { roster } = parseRoster(
  `version: 1
people:
  - {name: Jane Doe, email: jane@example.com, emails: [jd@example.com], accounts: {github: jane, gitlab: jdoe}}
  - {name: John Roe, email: john@example.com}
teams: {"@org/web": [JD@example.com]}
`,
  { commit: 'c'.repeat(40), file: null, mailmap: parseMailmap('') },
);
const who = (email: string): KnownAs => whoIs(roster, { name: 'x', email });
const JANE = [who('jd@example.com')];

function approved(text: string, approvers: readonly KnownAs[], place = 'CODEOWNERS'): unknown {
  const owners = { place, passedOver: [], sections: parseCodeOwners(text, place) };
  return ownerApprovals(owners, roster, ['a'], approvers).map((one) => one.approved);
}

describe('the approval of code owners', () => {
  it.each([
    ['a jane@example.com', 'CODEOWNERS', true],
    ['a @Jane', '.github/CODEOWNERS', true],
    ['a @jdoe', '.github/CODEOWNERS', false],
    ['a @jdoe', '.gitlab/CODEOWNERS', true],
    ['a @org/Web', '.github/CODEOWNERS', true],
    ['a @org/other', '.github/CODEOWNERS', false],
    ['a @@maintainer', '.gitlab/CODEOWNERS', false],
    ['a john@example.com', 'CODEOWNERS', false],
  ])('%s in %s: %s by Jane', (text, place, expected) => {
    expect(approved(text, JANE, place)).toEqual([expected]);
  });

  it('is asked of every section that is not optional, and of as many as it says', () => {
    const both = [...JANE, who('john@example.com')];
    const text = 'a jane@example.com\n[Web]\na john@example.com\n^[Style]\na nobody@example.com\n';
    expect([approved(text, JANE), approved(text, both)]).toEqual([[false], [true]]);
    const two = '[Web][2]\na jane@example.com jd@example.com john@example.com\n';
    expect([approved(two, JANE), approved(two, both)]).toEqual([[false], [true]]);
  });

  it('is asked for no path that nobody owns', () => {
    expect(approved('b @jane', JANE)).toEqual([]);
  });
});
