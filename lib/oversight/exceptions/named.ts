import { AgentLogError } from '../../core/errors.ts';
import type { Exception } from '../../core/events/exceptions.ts';
import type { EvidenceRequest } from '../../core/events/requests.ts';
import type { Waiver } from '../../core/events/waivers.ts';

const SHORTEST = 8;

/** The exception whose fingerprint begins so. Throws NOT_FOUND, AMBIGUOUS. */
export function exceptionNamed(all: readonly Exception[], name: string): Exception {
  return named(all, name, name.toLowerCase(), ({ fingerprint }) => fingerprint, {
    what: 'exception',
    hint: '`git agent-log exception list --all` shows them all.',
  });
}

/** The waiver whose id begins so. Throws NOT_FOUND, AMBIGUOUS. */
export function waiverNamed(all: readonly Waiver[], name: string): Waiver {
  return named(all, name, name.toUpperCase(), ({ id }) => id, {
    what: 'waiver',
    hint: '`git agent-log exception waivers` shows them all.',
  });
}

/** The request whose id begins so. Throws NOT_FOUND, AMBIGUOUS. */
export function requestNamed(all: readonly EvidenceRequest[], name: string): EvidenceRequest {
  return named(all, name, name.toUpperCase(), ({ id }) => id, {
    what: 'request for evidence',
    hint: '`git agent-log evidence requests` shows them all.',
  });
}

function named<T>(
  all: readonly T[],
  name: string,
  start: string,
  idOf: (one: T) => string,
  { what, hint }: { readonly what: string; readonly hint: string },
): T {
  const found = name.length < SHORTEST ? [] : all.filter((one) => idOf(one).startsWith(start));
  const [first, ...more] = found;
  if (first === undefined)
    throw new AgentLogError('NOT_FOUND', 'answer', `no ${what} is called '${name}'`, {
      hints: [`Name it by ${SHORTEST} or more of its first characters; ${hint}`],
    });
  if (more.length > 0)
    throw new AgentLogError('AMBIGUOUS', 'answer', `several begin with '${name}': which ${what}?`, {
      hints: found.slice(0, 5).map(idOf),
    });
  return first;
}
