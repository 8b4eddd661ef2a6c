import type { SessionState } from '../session/session.ts';

/**
 * A session as it was when a commit was made, as far as times tell: what came later belongs to a later record. `at` is
 * in milliseconds since 1970.
 */
export function sessionAt(state: SessionState, at: number): SessionState {
  const asked = state.prompts.filter((prompt) => Date.parse(prompt.at) <= at);
  const later = state.prompts.filter(({ byUser, at: time }) => byUser && Date.parse(time) > at).length;
  const current = asked.findLast(({ byUser }) => byUser);
  return {
    ...state,
    prompts: asked,
    currentPrompt: current ?? (later === 0 ? state.currentPrompt : null),
    promptSeq: state.promptSeq - later,
    calls: state.calls.filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) <= at),
    // What runs now did not run then.
    open: new Map([...state.open].filter(([, call]) => Date.parse(call.startedAt) <= at)),
  };
}
