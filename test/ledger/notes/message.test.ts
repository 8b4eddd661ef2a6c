import { expect, it } from 'vitest';
import { fillMessage } from '../../../lib/ledger/notes/message.ts';

it.each([
  ['OPS-1: %s', 'subject\n\nbody\n', 'OPS-1: subject\n\nbody\n'],
  ['OPS-1', 'subject\n', 'OPS-1 subject\n'],
  ['%s (%s) $&', 'a', 'a (a) $&'],
  ['  ', 'subject\n', 'subject\n'],
  ['', '', ''],
])('%j makes of %j %j', (template, message, expected) => {
  expect(fillMessage(template, message)).toBe(expected);
});
