import { LEDGER_REF } from '../ledger.ts';
import { candidatePaths } from '../notes/fanout.ts';
import { FIXED_ENTRIES } from '../notes/fixed-entries.ts';
import { KEYS_REF, PAYLOADS_REF } from '../payloads/paths.ts';

/**
 * Names of all that showing a commit asks of git, as far as they are known before git has said anything. `commit` is its id,
 * where that is known already.
 */
export function askedFirst(
  revision: string,
  commit: string | null = isId(revision) ? revision : null,
): string[] {
  const format = commit?.length === 64 ? 'sha256' : 'sha1';
  const notes = [
    FIXED_ENTRIES.told[format],
    FIXED_ENTRIES.regroups[format],
    FIXED_ENTRIES.erasures[format],
    ...(commit === null ? [] : [commit]),
  ];
  return [
    `${revision}^{commit}`,
    `${revision}^^{commit}`,
    ...[LEDGER_REF, PAYLOADS_REF, KEYS_REF].map((ref) => `${ref}^{commit}`),
    ...notes.flatMap(candidatePaths).map((path) => `${LEDGER_REF}:${path}`),
  ];
}

/** A whole id in lower case, as git writes it. */
export function isId(revision: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision);
}
