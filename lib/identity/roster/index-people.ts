import type { Fields } from './fields.ts';
import { mapped } from './mailmap.ts';
import { addressKey, type KeyHolder, type Roster, type RosterKey, type RosterPerson } from './roster.ts';

type Listed = Pick<Roster, 'people' | 'ci' | 'mailmap'>;

/** Who has an address, and who a key. Two who share one can't be told apart, which is an error of the file. */
export function indexPeople(listed: Listed, fields: Fields): Pick<Roster, 'byAddress' | 'byKey'> {
  return { byAddress: addressesOf(listed, fields), byKey: keysOf(listed, fields) };
}

function addressesOf({ people, mailmap }: Listed, fields: Fields): Map<string, RosterPerson> {
  const found = new Map<string, RosterPerson>();
  for (const person of people) {
    const names = [...person.emails, ...accountAddresses(person)];
    const meant = names.map((email) => mapped(mailmap, { name: person.name, email }).email);
    for (const key of new Set([...names, ...meant].map(addressKey))) {
      const other = found.get(key);
      if (other === undefined) found.set(key, person);
      else
        fields.fail(
          `person ${person.email}`,
          `is ${other.email} as well, by ${key}`,
          'Make them one entry, with the other address under `emails`; .mailmap counts as well.',
        );
    }
  }
  return found;
}

/** What a host writes into commits made in its web pages. */
function accountAddresses({ accounts: { github, gitlab } }: RosterPerson): string[] {
  return [
    ...(github === null ? [] : [`${github}@users.noreply.github.com`]),
    ...(gitlab === null ? [] : [`${gitlab}@users.noreply.gitlab.com`]),
  ];
}

function keysOf({ people, ci }: Listed, fields: Fields): Map<string, KeyHolder> {
  const found = new Map<string, KeyHolder>();
  const add = (where: string, keys: readonly RosterKey[], holder: (key: RosterKey) => KeyHolder): void => {
    for (const key of keys) {
      if (found.has(key.key))
        fields.fail(
          where,
          'has a key that is there twice',
          "A key is one person's, or one pipeline's, and listed once.",
        );
      else found.set(key.key, holder(key));
    }
  };
  for (const person of people)
    add(`person ${person.email}`, person.keys, (key) => ({ kind: 'person', person, key }));
  for (const one of ci) add(`ci ${one.name}`, one.keys, (key) => ({ kind: 'ci', ci: one, key }));
  return found;
}
