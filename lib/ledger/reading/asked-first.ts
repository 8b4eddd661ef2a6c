import { LEDGER_REF } from '../ledger.ts';
import { candidatePaths } from '../notes/fanout.ts';
import { FIXED_ENTRIES } from '../notes/fixed-entries.ts';
import { KEYS_REF, PAYLOADS_REF } from '../payloads/paths.ts';

/** Names of all that showing a commit asks of git, as far as they are known before git has said anything. */
export function askedFirst(revision: string): string[] {
  const isId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision);
  const format = revision.length === 64 && isId ? 'sha256' : 'sha1';
  const notes = [
    ...(isId ? [revision] : []),
    FIXED_ENTRIES.told[format],
    FIXED_ENTRIES.regroups[format],
    FIXED_ENTRIES.erasures[format],
  ];
  return [
    `${revision}^{commit}`,
    `${revision}^^{commit}`,
    ...[LEDGER_REF, PAYLOADS_REF, KEYS_REF].map((ref) => `${ref}^{commit}`),
    ...notes.flatMap(candidatePaths).map((path) => `${LEDGER_REF}:${path}`),
  ];
}
