import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPerson, parsePerson } from '../../lib/core/person.ts';

describe('parsePerson', () => {
  it('reads what it writes', () => {
    const word = fc.stringMatching(/^[A-Za-zé.,'-]{1,12}$/);
    fc.assert(
      fc.property(word, word, word, word, (first, last, user, host) => {
        const person = { name: `${first} ${last}`, email: `${user}@${host}` };
        expect(parsePerson(formatPerson(person))).toEqual(person);
      }),
    );
  });

  it.each([
    '',
    'Jane',
    'jane@example.com',
    '<jane@example.com>',
    'Jane <jane>',
    'Jane <a@b> <c@d>',
    'Jane\nEve <e@x>',
    'Jane <a b@c>',
  ])('takes %j for no person', (text) => expect(parsePerson(text)).toBeNull());

  it('takes space around it', () => {
    expect(parsePerson('  Jane Doe  <jane@example.com> ')).toEqual({
      name: 'Jane Doe',
      email: 'jane@example.com',
    });
  });

  it('answers quickly on a long text that is none', () => {
    const start = performance.now();
    expect(parsePerson(`${' '.repeat(200_000)}x`)).toBeNull();
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
