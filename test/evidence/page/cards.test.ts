import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../lib/evidence/page/page.ts';
import { evidenceApproval, evidenceDecision, evidenceDocument } from '../../support/evidence-document.ts';

type Document = ReturnType<typeof evidenceDocument>;

const JANE = { name: 'Jane Doe', email: 'jane.doe@example.com' };

/** What a card says, as text. */
function card(document: Document, name: string): string {
  const page = renderPage(document, new Map());
  const [, drawn = ''] = new RegExp(`<dt>${name}</dt><dd>([\\s\\S]*?)</dd>`).exec(page) ?? [];
  return drawn.replaceAll(/<br>|<\/p>/g, ' · ').replaceAll(/<[^>]*>/g, '');
}

describe('What was checked', () => {
  const merge = { stage: 'merge', run: '01JD2Q0Y5V9Z8K7Q3C4N6T1RW0' } as const;

  it('attack: names no stage as signed that has only asserted decisions', () => {
    const decisions = [evidenceDecision({ basis: 'asserted' }), evidenceDecision({}, merge)];
    expect(card(evidenceDocument({ decisions }), 'What was checked')).toBe(
      '1 of 1 rule passed · all signed by a pipeline · at merge',
    );
  });

  it('names each stage whose decisions count', () => {
    const decisions = [
      evidenceDecision({ basis: 'asserted' }, { rule: 'other' }),
      evidenceDecision({}, merge),
    ];
    expect(card(evidenceDocument({ decisions }), 'What was checked')).toBe(
      '2 of 2 rules passed · 1 only asserted · at mr, merge',
    );
  });
});

describe('Who approved', () => {
  const own = evidenceApproval({ signedBy: JANE }, { by: { ...JANE, email: 'Jane.Doe@example.com' } });

  it('names a second person first, and does not count whoever answers for the change', () => {
    const said = card(evidenceDocument({ approvals: [own, evidenceApproval()] }), 'Who approved');
    expect(said).toContain('Marek Novák · signed with a key of this person');
    expect(said).toContain('not counted: 1 person who answers for it or wrote it');
    expect(said).not.toMatch(/other|Jane/);
  });

  it('attack: does not sell the own word as that of a second person', () => {
    expect(card(evidenceDocument({ approvals: [own] }), 'Who approved')).toMatch(
      /^Jane Doe · .*answers for the change or wrote it: not the word of a second person$/,
    );
  });

  it('attack: does not sell the word of whoever wrote it, under whichever address', () => {
    const by = (email: string, known: string): Document =>
      evidenceDocument({ approvals: [evidenceApproval()], authors: [{ name: 'M', email, known }] });
    for (const document of [
      by('Marek.Novak@example.com', 'marek.novak@example.com'),
      by('m@home.example', 'marek.novak@example.com'),
    ])
      expect(card(document, 'Who approved')).toContain('not the word of a second person');
    expect(card(by('a@example.com', 'a@example.com'), 'Who approved')).not.toContain('second person');
  });

  it("attack: an approval told in another name is its signer's", () => {
    const borrowed = evidenceApproval({ signedBy: JANE });
    expect(card(evidenceDocument({ approvals: [borrowed] }), 'Who approved')).toContain(
      'not the word of a second person',
    );
  });

  it('counts others who approved', () => {
    const other = evidenceApproval({}, { by: { name: 'Priya Nair', email: 'priya.nair@example.com' } });
    expect(card(evidenceDocument({ approvals: [evidenceApproval(), other] }), 'Who approved')).toContain(
      'Marek Novák and 1 other',
    );
  });
});
