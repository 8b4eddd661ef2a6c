import type { ToolCall } from '../../core/generated/execution-v1.types.ts';
import type { AgentEvent, CallEnd, CallStart, EventKind } from '../agents/events.ts';
import { addContext, MAX_LISTED, noteWrite, time } from './notes.ts';
import { addGap, type OpenCall, type SessionState } from './session.ts';
import { startedCall, withEnd, withStart } from './shell-call.ts';
import { type Snapshot, UNKNOWN } from './snapshot.ts';
import { unseenEnd } from './subagents.ts';
import type { TextRef } from './texts.ts';

/** Takes the begin of a call into the session. */
export function foldCallStart(
  state: SessionState,
  event: AgentEvent<TextRef>,
  what: CallStart<TextRef>,
): void {
  const { at, stamp, snapshot } = event;
  const who = event.subagent === undefined ? {} : { agentId: event.subagent.id };
  if (what.endsEarlier) endEarlier(state, event);
  if (what.shell) {
    const started = startedCall({ id: what.callId, ...who }, at, snapshot, state.promptSeq);
    state.shellCalls = withStart(state.shellCalls, started);
  }
  state.open.set(what.callId, {
    name: what.tool,
    args: what.args,
    startedAt: time(at),
    ...(stamp === undefined ? {} : { stamp }),
    ...who,
    ...(what.shell ? { top: snapshot?.top ?? null } : {}),
    ...(what.shell && snapshot ? { before: snapshot.files } : {}),
  });
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

/** Takes the end of a call, with what it changed. */
export function foldCallEnd(state: SessionState, event: AgentEvent<TextRef>, what: CallEnd<TextRef>): void {
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

/** A call another hook tells of as well: what it wrote and read counts, the call itself does not. False for what is no call. */
export function foldWritesOnly(state: SessionState, what: EventKind<TextRef>): boolean {
  if (what.kind === 'call-start') return true;
  if (what.kind !== 'call-end') return false;
  for (const { path, blob } of what.writes)
    noteWrite(state.writes, path, { by: 'agent', blob: blob ?? UNKNOWN });
  addContext(state, what.retrieved);
  return true;
}
