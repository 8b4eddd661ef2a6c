import type { Repository } from '../../git/repository/repository.ts';
import type { AdapterContext, AgentEvent, CallOutcome, Write } from '../agents/events.ts';
import type { OpenCall, SessionState } from './session.ts';
import type { TextRef } from './texts.ts';
import { withWrittenContent } from './written.ts';

/**
 * Ends of calls that no hook told, as events. Agents wait for their hooks: so none is to come once something later was
 * told, and until then one may be on its way, with the look at the worktree that says what the call changed.
 */
export function endedUntold(
  repo: Repository,
  context: AdapterContext,
  state: SessionState,
): Promise<AgentEvent<TextRef>[]> {
  const ended = [...state.open].flatMap(([callId, open]) => {
    const outcome = state.outcomes?.get(callId);
    const isDue = outcome !== undefined && state.lastAt > outcome.at;
    return isDue ? [untoldEnd(context, state, callId, open, outcome)] : [];
  });
  return Promise.all(ended.map((event) => withWrittenContent(repo, event)));
}

function untoldEnd(
  context: AdapterContext,
  state: SessionState,
  callId: string,
  open: OpenCall,
  { status, at, files }: CallOutcome,
): AgentEvent<TextRef> {
  const { agent, sessionId } = state;
  const writes = files.flatMap(({ path: file, deleted }): Write[] => {
    const path = context.pathInRepository(file, null);
    return path === null ? [] : [{ path, blob: null, ...(deleted ? { deleted } : {}) }];
  });
  return {
    at,
    agent,
    sessionId,
    cwd: null,
    ...(open.agentId === undefined ? {} : { subagent: { id: open.agentId } }),
    what: {
      kind: 'call-end',
      callId,
      tool: open.name,
      args: open.args,
      result: null,
      status,
      shell: open.before !== undefined,
      writes,
      retrieved: [],
    },
  };
}
