import { withoutCredentials } from '../../core/address.ts';
import { AgentLogError, messageOf } from '../../core/errors.ts';
import { LEDGER_REF } from '../ledger.ts';

export function unreachable(name: string, cause: unknown): AgentLogError {
  return new AgentLogError(
    'UNREACHABLE',
    'system',
    `${name} could not be asked: ${withoutCredentials(messageOf(cause))}`,
    {
      hints: ['Look at the network and your rights there. Nothing is lost: run `git agent-log sync` later.'],
    },
  );
}

export function notPushed(name: string, said: string): AgentLogError {
  return new AgentLogError(
    'NOT_PUSHED',
    'system',
    `${name} does not take the ledger: ${withoutCredentials(firstWords(said))}`,
    {
      hints: [
        `Look at what the server says of ${LEDGER_REF}, and at your rights there. Nothing is lost: run \`git agent-log sync\` again.`,
      ],
    },
  );
}

/** The ledger is there by then: only its texts are not. */
export function payloadsNotPushed(name: string, said: string): AgentLogError {
  return new AgentLogError(
    'NOT_PUSHED',
    'system',
    `${name} has the records, and does not take their texts: ${withoutCredentials(firstWords(said))}`,
    {
      hints: [
        'refs/agent-log/payloads and refs/agent-log/keys have no history, so each push replaces them: allow that there for these two, or set `git config agentLog.payloadRemote none`.',
      ],
    },
  );
}

export function noLedger(name: string): AgentLogError {
  return new AgentLogError('BAD_RECORD', 'integrity', `${LEDGER_REF} of ${name} is no commit`, {
    hints: ['Somebody put something else there. Ask who can write to that repository.'],
  });
}

/** What a server's own hook says stands first, and what git makes of it comes after. */
function firstWords(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^remote: */, '').trim())
    .filter((line) => line !== '' && !/^(To |hint:)/.test(line));
  return lines.slice(0, 3).join(' / ').slice(0, 500) || 'it does not say why';
}
