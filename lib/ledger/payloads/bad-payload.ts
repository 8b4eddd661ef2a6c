import { AgentLogError } from '../../core/errors.ts';

/** What is wrong with a payload, never with anything of what it says. */
export function badPayload(what: string, cause?: unknown): AgentLogError {
  return new AgentLogError('BAD_PAYLOAD', 'integrity', `the stored payload can't be used: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    hints: [
      'The record itself is not touched by that. `git agent-log sync` may bring a whole copy from a remote.',
    ],
  });
}
