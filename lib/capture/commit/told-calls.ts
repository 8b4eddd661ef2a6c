import type { ExecutionRecord, Prompt } from '../../core/generated/execution-v1.types.ts';
import type { SessionState } from '../session/session.ts';
import type { TxnState } from '../transaction/transaction.ts';

/** Prompts no bound record holds yet, and always the one in force. */
export function promptsOf(session: SessionState | null): Prompt[] {
  if (session === null) return [];
  const { currentPrompt } = session;
  const listed = session.prompts.some(({ digest }) => digest === currentPrompt?.digest);
  const all = listed || currentPrompt === null ? session.prompts : [currentPrompt, ...session.prompts];
  return all.map(({ byUser: _byUser, seq: _seq, base: _base, ...prompt }) => ({ ...prompt }));
}

export function toolCallsOf(
  session: SessionState | null,
  txn: TxnState,
  seq: number,
): ExecutionRecord['toolCalls'] {
  const running = [...(session?.open ?? [])].map(([id, call]) => ({
    id,
    name: call.name,
    status: 'running' as const,
    args: { ...call.args },
    result: null,
    startedAt: call.startedAt,
    endedAt: null,
    ...(call.agentId === undefined ? {} : { agentId: call.agentId }),
  }));
  const command = txn.command && seq === 1 ? [commandCall(txn, txn.command)] : [];
  return [...command, ...(session?.calls ?? []).map((call) => ({ ...call })), ...running];
}

/** A command run as an agent is one call of a shell, still running when it commits. */
function commandCall(
  txn: TxnState,
  command: NonNullable<TxnState['command']>,
): ExecutionRecord['toolCalls'][number] {
  return {
    id: 'run',
    name: 'run',
    status: 'running',
    args: { ...command.args },
    result: null,
    startedAt: txn.openedAt,
    endedAt: null,
  };
}
