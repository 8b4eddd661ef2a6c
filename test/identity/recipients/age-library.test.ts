import { once } from 'node:events';
import { expect, it } from 'vitest';
import { loadAge } from '../../../lib/identity/recipients/age-library.ts';

it('keeps to itself that X25519 is new in WebCrypto, and passes on every other warning', async () => {
  await loadAge();
  const said: string[] = [];
  const hear = ({ message }: Error): void => void said.push(message);
  process.on('warning', hear);
  const last = once(process, 'warning');
  process.emitWarning(
    'The X25519 Web Crypto API algorithm is an experimental feature and might change at any time',
    'ExperimentalWarning',
  );
  process.emitWarning('X448 is an experimental feature', 'ExperimentalWarning');
  await last;
  process.off('warning', hear);
  expect(said).toEqual(['X448 is an experimental feature']);
});
