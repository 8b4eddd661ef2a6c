import { expect, it } from 'vitest';
import { callEssence } from '../../../lib/core/records/call-essence.ts';

it.each([
  ['{"description":"runs tests","command":"npm test"}', 'npm test'],
  ['{"path":"src","pattern":"TODO"}', 'TODO'],
  ['{"file_path":"a.ts","old_string":"x"}', 'a.ts'],
  ['{"count":3}', '{"count":3}'],
  ['null', 'null'],
  ['{"command":', '{"command":'],
])('the essence of %s is %s', (args, essence) => {
  expect(callEssence(args)).toBe(essence);
});
