/** What some of Node 22 to 24 say of X25519 in WebCrypto, once for each process. It became stable without a change. */
const SAID = /^The X25519 Web Crypto API algorithm is an experimental feature/;

let isHushed = false;

/**
 * Age's own library. It asks WebCrypto for X25519 first, and some versions of Node say on stderr that this might change:
 * nothing a user could do anything about. All other warnings are said as ever.
 */
export function loadAge(): Promise<typeof import('age-encryption')> {
  if (!isHushed) hush();
  return import('age-encryption');
}

function hush(): void {
  isHushed = true;
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]): void => {
    if (typeof args[0] !== 'string' || !SAID.test(args[0])) emit(...args);
  };
}
