import type { AgentEvent, Answer } from '../agents/events.ts';
import { foldCallEnd, foldCallStart, foldWritesOnly } from './fold-call.ts';
import { addContext, addUsage, MAX_LISTED, time } from './notes.ts';
import { type BaseState, MAX_REMEMBERED, type PromptState, type SessionState } from './session.ts';
import { withRest } from './shell-call.ts';
import type { Snapshot } from './snapshot.ts';
import { endOpenCalls, noteSubagent } from './subagents.ts';
import type { TextRef } from './texts.ts';

/** Takes one event into the session. The state is the caller's own copy and is changed in place. */
export function foldEvent(state: SessionState, event: AgentEvent<TextRef>): void {
  state.lastAt = Math.max(state.lastAt, event.at);
  state.endedAt = event.what.kind === 'end' ? event.at : null;
  state.startedAt ??= event.at;
  if (event.provider !== undefined) state.provider = event.provider;
  state.version = event.version ?? state.version;
  if (event.subagent === undefined) noteLoop(state, event);
  else noteSubagent(state, event.subagent, event.model);
  if (event.hookSet === 'later') state.laterHooks = true;
  const { what } = event;
  if (event.hookSet === 'earlier' && state.laterHooks === true && foldWritesOnly(state, what)) return;
  if (
    what.kind !== 'context' &&
    what.kind !== 'call-start' &&
    what.kind !== 'call-end' &&
    event.subagent === undefined
  )
    state.shellCalls = withRest(state.shellCalls, event.at, what.kind === 'end' || what.kind === 'start');
  switch (what.kind) {
    case 'start':
      // A compaction starts the session anew while its sub-agents work on.
      if (what.source !== 'compact') state.open = new Map();
      if (what.source === 'fork' && state.parentSessionId === null) state.isFork = true;
      state.base ??= baseOf(event.snapshot);
      return;
    case 'prompt':
      foldPrompt(state, event, {
        text: what.text,
        byUser: what.byUser,
        ...(what.id === undefined ? {} : { id: what.id }),
      });
      addContext(state, what.attached ?? []);
      return;
    case 'call-start':
      foldCallStart(state, event, what);
      return;
    case 'call-end':
      foldCallEnd(state, event, what);
      return;
    case 'context':
      addContext(state, what.items);
      return;
    case 'answer':
      foldAnswer(state, what);
      return;
    case 'stop':
      state.said = what.said ?? state.said;
      return;
    case 'end':
      endOpenCalls(state, event.subagent?.id);
      return;
  }
}

/** Marks events as taken in, so that none counts twice. */
export function noteFolded(state: SessionState, marks: readonly string[]): void {
  state.folded = [...state.folded, ...marks].slice(-MAX_REMEMBERED);
}

function foldPrompt(
  state: SessionState,
  event: AgentEvent<TextRef>,
  prompt: { text: TextRef; byUser: boolean; id?: string },
): void {
  const { text, ...rest } = prompt;
  const base = baseOf(event.snapshot);
  const asked = prompt.byUser || state.currentPrompt === null;
  if (asked) state.promptSeq++;
  const entry: PromptState = { ...text, ...rest, at: time(event.at), base, seq: state.promptSeq };
  state.prompts.push(entry);
  if (!asked) return;
  state.currentPrompt = entry;
  state.base = base ?? state.base;
}

function foldAnswer(state: SessionState, { id, usage, said }: Answer<TextRef>): void {
  if (usage !== null) addUsage(state, [[id, usage]]);
  state.said = said ?? state.said;
}

/** What an event of the session's own loop tells about it. */
function noteLoop(state: SessionState, { model, transcript, snapshot }: AgentEvent<TextRef>): void {
  state.model = model ?? state.model;
  if (transcript !== undefined && state.transcript?.path !== transcript)
    state.transcript = { path: transcript, offset: 0 };
  if (snapshot !== undefined && snapshot.top !== null && snapshot.elsewhere !== true)
    state.home = { top: snapshot.top, branch: snapshot.branch };
}

function baseOf(snapshot: Snapshot | undefined): BaseState | null {
  if (snapshot === undefined || snapshot.top === null || snapshot.elsewhere === true) return null;
  const paths = [...snapshot.files.keys()];
  return {
    commit: snapshot.head,
    branch: snapshot.branch,
    dirtyPaths: paths.slice(0, MAX_LISTED),
    dirtyCount: paths.length,
  };
}
