import type { ToolCall } from '../core/generated/execution-v1.types.ts';
import type { Usage } from '../core/usage.ts';
import type {
  AgentEvent,
  Answer,
  CallEnd,
  CallOutcome,
  EventKind,
  Retrieved,
  TranscriptReading,
} from './agents/events.ts';
import {
  addGap,
  type BaseState,
  type KnownWrite,
  MAX_REMEMBERED,
  type OpenCall,
  type PromptState,
  type SessionState,
} from './session.ts';
import { startedCall, withEnd, withRest, withStart } from './shell-call.ts';
import { type Snapshot, UNKNOWN } from './snapshot.ts';
import type { TextRef } from './texts.ts';

const MAX_LISTED = 200;

/** Takes one event into the session. The state is the caller's own copy and is changed in place. */
export function foldEvent(state: SessionState, event: AgentEvent<TextRef>): void {
  state.lastAt = Math.max(state.lastAt, event.at);
  state.endedAt = event.what.kind === 'end' ? event.at : null;
  if (event.model !== undefined) state.model = event.model;
  if (event.provider !== undefined) state.provider = event.provider;
  if (event.version !== undefined) state.version = event.version;
  if (event.transcript !== undefined && event.subagent === undefined) noteTranscript(state, event.transcript);
  if (event.subagent !== undefined) noteSubagent(state, event.subagent);
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
      state.open = new Map();
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
      if (what.shell)
        state.shellCalls = withStart(
          state.shellCalls,
          startedCall(
            { id: what.callId, ...(event.subagent === undefined ? {} : { agentId: event.subagent.id }) },
            event.at,
            event.snapshot,
            state.promptSeq,
          ),
        );
      state.open.set(what.callId, {
        name: what.tool,
        args: what.args,
        startedAt: time(event.at),
        ...(event.subagent === undefined ? {} : { agentId: event.subagent.id }),
        ...(what.shell && event.snapshot ? { before: event.snapshot.files } : {}),
      });
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
      return;
  }
}

/** A call another hook tells of as well: what it wrote and read counts, the call itself does not. False for what is no call. */
function foldWritesOnly(state: SessionState, what: EventKind<TextRef>): boolean {
  if (what.kind === 'call-start') return true;
  if (what.kind !== 'call-end') return false;
  for (const { path, blob } of what.writes) noteWrite(state, path, { by: 'agent', blob: blob ?? UNKNOWN });
  addContext(state, what.retrieved);
  return true;
}

/** Adds what a transcript told. */
export function foldTranscript(state: SessionState, reading: TranscriptReading, said: TextRef | null): void {
  if (state.transcript !== null) state.transcript.offset = reading.offset;
  state.version = reading.version ?? state.version;
  state.model = reading.model ?? state.model;
  addUnrecorded(state, reading.usage);
  state.said = said ?? state.said;
  if (reading.gap !== null) addGap(state, reading.gap);
}

function foldAnswer(state: SessionState, { id, usage, said }: Answer<TextRef>): void {
  if (usage !== null) addUnrecorded(state, [[id, usage]]);
  state.said = said ?? state.said;
}

function addUnrecorded(state: SessionState, usages: Iterable<readonly [string, Usage]>): void {
  const recorded = new Set(state.recordedUsage);
  for (const [id, usage] of usages) if (!recorded.has(id)) state.usage.set(id, usage);
}

export function noteFolded(state: SessionState, marks: readonly string[]): void {
  state.folded = [...state.folded, ...marks].slice(-MAX_REMEMBERED);
}

/** How calls went that hooks left open: `ended` are those whose end no hook told. */
export function foldOutcomes(
  state: SessionState,
  outcomes: ReadonlyMap<string, CallOutcome>,
  ended: readonly AgentEvent<TextRef>[],
): void {
  state.calls = state.calls.map((call) => {
    const outcome = outcomes.get(call.id);
    return call.status === 'unknown' && outcome !== undefined ? { ...call, status: outcome.status } : call;
  });
  for (const event of ended) foldEvent(state, event);
}

function foldPrompt(
  state: SessionState,
  event: AgentEvent<TextRef>,
  prompt: { text: TextRef; byUser: boolean; id?: string },
): void {
  const { text, ...rest } = prompt;
  const base = baseOf(event.snapshot);
  const entry: PromptState = { ...text, ...rest, at: time(event.at), base };
  state.prompts.push(entry);
  if (!prompt.byUser && state.currentPrompt !== null) return;
  state.promptSeq++;
  state.currentPrompt = entry;
  state.base = base ?? state.base;
}

function foldCallEnd(state: SessionState, event: AgentEvent<TextRef>, what: CallEnd<TextRef>): void {
  const open = state.open.get(what.callId);
  state.open.delete(what.callId);
  if (what.shell) state.shellCalls = withEnd(state.shellCalls, what.callId, event.at, event.snapshot);
  const seen = what.shell ? changedByShell(open, event.snapshot) : [];
  const told = what.writes.map(({ path, blob, deleted }) => ({
    path,
    blob: deleted ? null : (blob ?? UNKNOWN),
  }));
  for (const { path, blob } of seen) noteWrite(state, path, { by: 'shell', blob });
  for (const { path, blob } of told) noteWrite(state, path, { by: 'agent', blob });
  const changed = [...seen, ...told];
  const startedAt =
    open?.startedAt ?? (isDuration(what.durationMs, event.at) ? time(event.at - what.durationMs) : undefined);
  const already = state.calls.findIndex((call) => call.id === what.callId);
  const call: ToolCall = {
    id: what.callId,
    name: what.tool,
    status: what.status,
    args: what.args,
    result: what.result,
    ...(startedAt === undefined ? {} : { startedAt }),
    endedAt: time(event.at),
    ...(event.subagent === undefined ? {} : { agentId: event.subagent.id }),
    ...(changed.length === 0 ? {} : { files: lastPerPath(changed).slice(0, MAX_LISTED).map(writtenFile) }),
  };
  if (already >= 0) state.calls[already] = call;
  else state.calls.push(call);
  addContext(state, what.retrieved);
  if (changed.length > MAX_LISTED)
    addGap(state, `tool call ${what.callId}: ${changed.length - MAX_LISTED} changed files are not listed`);
}

/** A duration is the agent's word: one that began before 1970 tells nothing. */
function isDuration(ms: number | undefined, end: number): ms is number {
  return ms !== undefined && ms <= end;
}

/** What a shell call changed: what differs between the snapshots before and after it. */
function changedByShell(
  open: OpenCall | undefined,
  after: Snapshot | undefined,
): { path: string; blob: string | null }[] {
  if (open?.before === undefined || after === undefined) return [];
  const changed: { path: string; blob: string | null }[] = [];
  for (const [path, blob] of after.files) {
    if (!open.before.has(path) || open.before.get(path) !== blob) changed.push({ path, blob });
  }
  return changed;
}

/** One entry per path: the last tells what was on disk. */
function lastPerPath<T extends { path: string }>(changed: readonly T[]): T[] {
  return [...new Map(changed.map((write) => [write.path, write])).values()];
}

function writtenFile(write: { path: string; blob: string | null }): NonNullable<ToolCall['files']>[number] {
  if (write.blob === null) return { path: write.path, blob: null, deleted: true };
  return { path: write.path, blob: write.blob === UNKNOWN ? null : write.blob };
}

function noteWrite(state: SessionState, path: string, write: KnownWrite): void {
  state.writes.set(path, [...(state.writes.get(path) ?? []), write].slice(-20));
}

function addContext(state: SessionState, items: readonly Retrieved<TextRef>[]): void {
  for (const item of items) {
    const same = state.context.findIndex(
      (known) => known.kind === item.kind && known.uri !== undefined && known.uri === item.uri,
    );
    if (same >= 0 && state.context[same]?.blob === item.blob) continue;
    if (state.context.length < 1000) state.context.push({ ...item });
    else addGap(state, 'context: over 1000 items, the rest is not listed');
  }
}

function noteSubagent(state: SessionState, subagent: { readonly id: string; readonly type?: string }): void {
  if (!state.chain.some(({ id }) => id === subagent.id)) state.chain.push({ ...subagent });
}

function noteTranscript(state: SessionState, path: string): void {
  if (state.transcript?.path !== path) state.transcript = { path, offset: 0 };
}

function baseOf(snapshot: Snapshot | undefined): BaseState | null {
  if (snapshot === undefined || snapshot.top === null) return null;
  const paths = [...snapshot.files.keys()];
  return {
    commit: snapshot.head,
    branch: snapshot.branch,
    dirtyPaths: paths.slice(0, MAX_LISTED),
    dirtyCount: paths.length,
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
