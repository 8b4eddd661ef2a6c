import type { ToolCall } from '../../core/generated/execution-v1.types.ts';
import type { Usage } from '../../core/usage.ts';
import type {
  AgentEvent,
  Answer,
  CallEnd,
  CallOutcome,
  EventKind,
  Retrieved,
  TranscriptReading,
} from '../agents/events.ts';
import {
  addGap,
  type BaseState,
  type KnownWrite,
  MAX_REMEMBERED,
  MAX_UNTOLD,
  type OpenCall,
  type PromptState,
  type SessionState,
  type SubagentState,
} from './session.ts';
import { startedCall, withEnd, withRest, withStart } from './shell-call.ts';
import { type Snapshot, UNKNOWN } from './snapshot.ts';
import { endOpenCalls, noteSubagent, unseenEnd } from './subagents.ts';
import type { TextRef } from './texts.ts';

const MAX_LISTED = 200;
/** Paths remembered as written: over it, those written longest ago are forgotten. */
const MAX_WRITTEN = 20_000;

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
      if (what.endsEarlier) endEarlier(state, event);
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
        ...(event.stamp === undefined ? {} : { stamp: event.stamp }),
        ...(event.subagent === undefined ? {} : { agentId: event.subagent.id }),
        ...(what.shell ? { top: event.snapshot?.top ?? null } : {}),
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
      endOpenCalls(state, event.subagent?.id);
      return;
  }
}

/** A call another hook tells of as well: what it wrote and read counts, the call itself does not. False for what is no call. */
function foldWritesOnly(state: SessionState, what: EventKind<TextRef>): boolean {
  if (what.kind === 'call-start') return true;
  if (what.kind !== 'call-end') return false;
  for (const { path, blob } of what.writes)
    noteWrite(state.writes, path, { by: 'agent', blob: blob ?? UNKNOWN });
  addContext(state, what.retrieved);
  return true;
}

/** Adds what the transcript of the session's own loop told, or that of a sub-agent. */
export function foldTranscript(
  state: SessionState,
  reading: TranscriptReading,
  said: TextRef | null,
  agentId: string | null = null,
): void {
  state.version = reading.version ?? state.version;
  const subagent = agentId === null ? undefined : state.subagents.get(agentId);
  if (subagent !== undefined) foldIntoSubagent(state, subagent, reading, said);
  else {
    if (state.transcript !== null) state.transcript.offset = reading.offset;
    state.model = reading.model ?? state.model;
    state.said = said ?? state.said;
  }
  noteUsage(state, reading);
  if (reading.gap !== null) addGap(state, reading.gap);
}

function foldIntoSubagent(
  state: SessionState,
  subagent: SubagentState,
  reading: TranscriptReading,
  said: TextRef | null,
): void {
  const { transcript } = subagent;
  state.subagents.set(subagent.id, {
    ...subagent,
    transcript: transcript === null ? null : { ...transcript, offset: reading.offset },
    model: reading.model ?? subagent.model,
    said: said ?? subagent.said,
  });
}

/** What was written before the session's first event is the history a fork took over: another session's usage. */
function noteUsage(state: SessionState, { usage, writtenAt }: TranscriptReading): void {
  const inherited: string[] = [];
  const own: [string, Usage][] = [];
  for (const [id, used] of usage) {
    const at = writtenAt?.get(id);
    if (at !== undefined && state.startedAt !== null && at < state.startedAt) inherited.push(id);
    else own.push([id, used]);
  }
  state.inherited = [...new Set([...state.inherited, ...inherited])].slice(-MAX_REMEMBERED);
  addUnrecorded(state, own);
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

/**
 * Remembers how calls went, as a transcript told it, and completes what hooks told of them. A transcript may be ahead of
 * the hooks: what it tells of a call waits until they have caught up.
 */
export function foldOutcomes(state: SessionState, told: ReadonlyMap<string, CallOutcome>): void {
  const outcomes = new Map([...(state.outcomes ?? []), ...told]);
  state.calls = state.calls.map((call) => {
    const outcome = outcomes.get(call.id);
    if (outcome === undefined || state.open.has(call.id)) return call;
    outcomes.delete(call.id);
    return call.status === 'unknown' ? { ...call, status: outcome.status } : call;
  });
  state.outcomes = new Map([...outcomes].slice(-MAX_UNTOLD));
}

/** Ends calls by what the transcript told, no hook having done so; one that comes after all finds what it needs. */
export function foldUntold(state: SessionState, ended: readonly AgentEvent<TextRef>[]): void {
  for (const event of ended) {
    const callId = event.what.kind === 'call-end' ? event.what.callId : '';
    const open = state.open.get(callId);
    if (open === undefined) continue;
    state.untold = new Map([...(state.untold ?? []), [callId, open] as const].slice(-MAX_UNTOLD));
    state.outcomes?.delete(callId);
    foldEvent(state, event);
  }
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

/** What the same loop began before ended untold: kept open, it would go on claiming whatever changes. */
function endEarlier(state: SessionState, { at, stamp, subagent }: AgentEvent<TextRef>): void {
  for (const [id, call] of state.open) {
    if (call.agentId !== subagent?.id || stamp === undefined || (call.stamp ?? stamp) >= stamp) continue;
    state.open.delete(id);
    state.shellCalls = withEnd(state.shellCalls, id, at, undefined);
    state.calls.push(unseenEnd(id, call));
  }
}

function foldCallEnd(state: SessionState, event: AgentEvent<TextRef>, what: CallEnd<TextRef>): void {
  const open = state.open.get(what.callId) ?? state.untold?.get(what.callId);
  const agentId = event.subagent?.id;
  state.open.delete(what.callId);
  if (what.shell) state.shellCalls = withEnd(state.shellCalls, what.callId, event.at, event.snapshot);
  const seen = what.shell ? changedByShell(open, event.snapshot) : [];
  const told = what.writes.map(({ path, blob, deleted }) => ({
    path,
    blob: deleted ? null : (blob ?? UNKNOWN),
  }));
  const who = agentId === undefined ? {} : { agentId };
  for (const { path, blob } of seen) noteWrite(state.writes, path, { by: 'shell', blob, ...who });
  for (const { path, blob } of told) noteWrite(state.writes, path, { by: 'agent', blob, ...who });
  for (const { file, blob } of what.shell ? foreignChanges(open, event.snapshot) : [])
    noteWrite(state.elsewhere, file, { by: 'shell', blob, ...who });
  for (const { file, blob } of what.elsewhere ?? [])
    noteWrite(state.elsewhere, file, { by: 'agent', blob: blob ?? UNKNOWN, ...who });
  const changed = [...seen, ...told];
  const startedAt =
    open?.startedAt ?? (isDuration(what.durationMs, event.at) ? time(event.at - what.durationMs) : undefined);
  const already = state.calls.findIndex((call) => call.id === what.callId);
  const known = state.calls[already]?.status ?? 'unknown';
  const call: ToolCall = {
    id: what.callId,
    name: what.tool,
    status: what.status === 'unknown' ? known : what.status,
    args: what.args,
    result: what.result,
    ...(startedAt === undefined ? {} : { startedAt }),
    endedAt: time(event.at),
    ...(agentId === undefined ? {} : { agentId }),
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

/** What a shell call changed in this repository: what differs between the looks before and after it. */
function changedByShell(
  open: OpenCall | undefined,
  after: Snapshot | undefined,
): { path: string; blob: string | null }[] {
  return after?.elsewhere === true ? [] : differences(open, after);
}

/** The same where the looks were at another repository: there, paths are absolute. */
function foreignChanges(
  open: OpenCall | undefined,
  after: Snapshot | undefined,
): { file: string; blob: string | null }[] {
  if (after?.elsewhere !== true || after.top === null) return [];
  const { top } = after;
  return differences(open, after).map(({ path, blob }) => ({ file: `${top}/${path}`, blob }));
}

/** Two looks at different worktrees tell nothing about what changed between them. */
function differences(
  open: OpenCall | undefined,
  after: Snapshot | undefined,
): { path: string; blob: string | null }[] {
  if (open?.before === undefined || after === undefined || open.top !== after.top) return [];
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

function noteWrite(writes: Map<string, KnownWrite[]>, path: string, write: KnownWrite): void {
  writes.set(path, [...(writes.get(path) ?? []), write].slice(-20));
  const [oldest] = writes.keys();
  if (writes.size > MAX_WRITTEN && oldest !== undefined) writes.delete(oldest);
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

function time(ms: number): string {
  return new Date(ms).toISOString();
}
