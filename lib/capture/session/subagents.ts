import type { ChangedFile, ToolCall } from '../../core/generated/execution-v1.types.ts';
import type { AgentEvent } from '../agents/events.ts';
import type { OpenCall, SessionState, SubagentState } from './session.ts';
import type { TextRef } from './texts.ts';

const MAX_SUBAGENTS = 200;

/** Remembers a sub-agent, and where its session stood when it was first heard of: that is whose task it works on. */
export function noteSubagent(
  state: SessionState,
  subagent: NonNullable<AgentEvent<TextRef>['subagent']>,
  model: string | undefined,
): void {
  const { id, type, transcript } = subagent;
  const known = state.subagents.get(id);
  const path = transcript ?? known?.transcript?.path;
  const offset = path === known?.transcript?.path ? (known?.transcript?.offset ?? 0) : 0;
  state.subagents.set(id, {
    id,
    promptSeq: known?.promptSeq ?? state.promptSeq,
    branch: known === undefined ? (state.home?.branch ?? null) : known.branch,
    transcript: path === undefined ? null : { path, offset },
    model: model ?? known?.model ?? null,
    said: known?.said ?? null,
    ...(type === undefined && known?.type === undefined ? {} : { type: type ?? known?.type ?? '' }),
  });
  const [oldest] = state.subagents.keys();
  if (state.subagents.size > MAX_SUBAGENTS && oldest !== undefined) state.subagents.delete(oldest);
}

/** Who of a session makes the commit at hand. */
export interface Committer {
  /** The sub-agent; null for the session's own loop. */
  readonly subagent: SubagentState | null;
  /** Commands of other loops that run at the same moment: theirs it may be as well. */
  readonly unsure: boolean;
}

/** The loop whose command is running in this worktree: the environment of a git hook does not tell it. */
export function committerOf(state: SessionState, top: string | null): Committer {
  const running = [...state.open.values()].filter(({ top: where }) => where !== undefined);
  const here = running.filter((call) => call.top === top);
  const candidates = here.length > 0 ? here : running;
  const ids = [...new Set(candidates.map(({ agentId }) => agentId ?? null))];
  const [only = null] = ids;
  if (ids.length > 1) return { subagent: null, unsure: true };
  return { subagent: only === null ? null : (state.subagents.get(only) ?? null), unsure: false };
}

/** The sub-agents with a part in a commit: those that wrote one of its files, and those whose command runs right now. */
export function chainOf(
  state: SessionState,
  files: readonly ChangedFile[],
  committer: Committer,
): { id: string; type?: string; model?: string }[] {
  const own = files.filter(({ sessionId }) => sessionId === undefined);
  const writers = own.flatMap(({ path }) => (state.writes.get(path) ?? []).map(({ agentId }) => agentId));
  const running = committer.unsure ? [...state.open.values()].map(({ agentId }) => agentId) : [];
  const atWork = new Set([...writers, ...running, committer.subagent?.id]);
  return [...state.subagents.values()]
    .filter(({ id }) => atWork.has(id))
    .map(({ id, type, model }) => ({
      id,
      ...(type === undefined ? {} : { type }),
      ...(model === null ? {} : { model }),
    }));
}

/** A loop that stopped runs no command any more: one that nobody saw end, ended unseen. */
export function endOpenCalls(state: SessionState, agentId: string | undefined): void {
  for (const [id, call] of state.open) {
    if (call.agentId !== agentId || call.top === undefined) continue;
    state.open.delete(id);
    state.calls.push(unseenEnd(id, call));
  }
}

/** A call as it is known when nobody told its end. */
export function unseenEnd(id: string, call: OpenCall): ToolCall {
  const { name, args, startedAt, agentId } = call;
  return {
    id,
    name,
    status: 'unknown',
    args: { ...args },
    result: null,
    startedAt,
    endedAt: null,
    ...(agentId === undefined ? {} : { agentId }),
  };
}
