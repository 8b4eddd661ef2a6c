import { expect, it } from 'vitest';
import { withoutCredentials } from '../../lib/core/address.ts';

it.each([
  ['https://jane:secret@host.example/x.git', 'https://host.example/x.git'],
  ["unable to access 'https://token@host/x.git/': no", "unable to access 'https://host/x.git/': no"],
  ['ssh://git@host:22/x http://a:b@c', 'ssh://host:22/x http://c'],
  ['git@host:x.git', 'git@host:x.git'],
  ['https://host/@scope/x.git', 'https://host/@scope/x.git'],
])('%s keeps no credentials', (text, expected) => {
  expect(withoutCredentials(text)).toBe(expected);
});
