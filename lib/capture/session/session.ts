import type { ContextItem, Redaction, ToolCall } from '../../core/generated/execution-v1.types.ts';
import type { Usage } from '../../core/records/usage.ts';
import type { CallOutcome } from '../agents/events.ts';
import type { Occurrence } from '../spool/dedupe.ts';
import { type CallNames, noCallNames } from './call-names.ts';
import type { ShellCall } from './shell-call.ts';
import type { TextRef } from './texts.ts';
import type { OnlyTranscript } from './transcript-gap.ts';

/** What is known of one agent session and not yet in a bound record. Kept as JSON between hooks. */
export interface SessionState {
  readonly key: string;
  readonly agent: string;
  readonly sessionId: string;
  /** When its first event came, in milliseconds since 1970. */
  startedAt: number | null;
  /** Forked from another session, which is not known yet. */
  isFork: boolean;
  /** The session this one was forked from. */
  parentSessionId: string | null;
  /** Ids of messages in its transcript that are older than the session: another session's. */
  inherited: string[];
  version: string | null;
  model: string | null;
  /** Whose model it is, where the agent told. Absent in what an early version wrote. */
  provider?: string;
  transcript: { path: string; offset: number } | null;
  /** Where the session's own loop was last seen. */
  home: { readonly top: string; readonly branch: string | null } | null;
  /** Counts what users asked: on the default branch each question is a transaction of its own. */
  promptSeq: number;
  prompts: PromptState[];
  /** The last thing a user asked, recorded or not. */
  currentPrompt: PromptState | null;
  base: BaseState | null;
  calls: ToolCall[];
  open: Map<string, OpenCall>;
  /** Shell calls the sweep has not looked into yet. */
  shellCalls: ShellCall[];
  writes: Map<string, KnownWrite[]>;
  /** The same outside this repository, by absolute path: never part of a record here. */
  elsewhere: Map<string, KnownWrite[]>;
  context: ContextItem[];
  subagents: Map<string, SubagentState>;
  usage: Map<string, Usage>;
  recordedUsage: string[];
  /** Usage ids each record sealed and not yet bound covers. */
  sealedUsage: Map<string, string[]>;
  /** The newest record that has its commit: what becomes known of it later is added there. */
  lastRecord: LastRecord | null;
  said: TextRef | null;
  redactions: Redaction[];
  gaps: string[];
  /** Its hooks report to another clone; what is here was read there. */
  isBorrowed: boolean;
  /** Calls and prompts of a borrowed session that records here hold. */
  taken: string[];
  /** Transaction by boundary: a topic branch, or a prompt on the default branch. */
  txns: Map<string, string>;
  /** Milliseconds since 1970: the last event, and the session's end; null while it goes on. */
  lastAt: number;
  endedAt: number | null;
  /** Spool files already taken in: a crash between saving and clearing must not count an event twice. */
  folded: string[];
  /** What hooks have told lately, and by which routes. Absent in what an early version wrote, as is the next. */
  told?: readonly Occurrence[];
  callNames?: CallNames;
  /** Ends a transcript told of calls whose own hook may still be on its way. Absent in what an early version wrote. */
  outcomes?: Map<string, CallOutcome>;
  /** Calls that ended by the transcript alone: should a hook tell the end after all, its look at the worktree counts. */
  untold?: Map<string, OpenCall>;
  /** True once the later of an agent's two sets of hooks told of a call. */
  laterHooks?: boolean;
}

export interface PromptState extends TextRef {
  readonly id?: string;
  readonly at: string;
  readonly byUser: boolean;
  /** Which of the user's questions it is, or came after. */
  readonly seq: number;
  /** The repository when it was asked. */
  readonly base: BaseState | null;
}

export interface BaseState {
  readonly commit: string | null;
  readonly branch: string | null;
  readonly dirtyPaths: readonly string[];
  readonly dirtyCount: number;
}

/** What a record that has its commit left unsaid. */
export interface LastRecord {
  readonly digest: string;
  readonly commit: string;
  readonly txn: string;
  /** Ids of the calls it knew as running. */
  readonly running: readonly string[];
  readonly hasModel: boolean;
  /** What it names as unknown because no transcript was there. Absent in what an early version wrote. */
  readonly untold?: readonly OnlyTranscript[];
}

export interface OpenCall {
  readonly name: string;
  readonly args: TextRef;
  readonly startedAt: string;
  /** The moment the agent gave, where it gives one. */
  readonly stamp?: number;
  readonly agentId?: string;
  /** For a shell tool: what differed from HEAD when it started. Absent when nobody looked. */
  readonly before?: ReadonlyMap<string, string | null>;
  /** For a shell tool: the worktree that was looked at; null when nobody looked. */
  readonly top?: string | null;
}

export interface KnownWrite {
  readonly by: 'agent' | 'shell';
  /** Blob id, null for a deletion, 'unknown' when the content was not seen. */
  readonly blob: string | null;
  /** The sub-agent that wrote it. */
  readonly agentId?: string;
}

/** A loop of its own that the session started. */
export interface SubagentState {
  readonly id: string;
  readonly type?: string;
  /** What had been asked, and the branch the session stood on, when the sub-agent was first heard of. */
  readonly promptSeq: number;
  readonly branch: string | null;
  readonly transcript: { readonly path: string; readonly offset: number } | null;
  readonly model: string | null;
  readonly said: TextRef | null;
}

/** Marks of what was taken in or recorded that a session remembers, so that nothing is counted twice. */
export const MAX_REMEMBERED = 5000;
/** Ends told by a transcript that are kept for a hook to come: an agent runs few calls at once. */
export const MAX_UNTOLD = 200;

export function newSession(key: string, agent: string, sessionId: string): SessionState {
  return {
    key,
    agent,
    sessionId,
    startedAt: null,
    isFork: false,
    parentSessionId: null,
    inherited: [],
    version: null,
    model: null,
    transcript: null,
    home: null,
    promptSeq: 0,
    prompts: [],
    currentPrompt: null,
    base: null,
    calls: [],
    open: new Map(),
    shellCalls: [],
    writes: new Map(),
    elsewhere: new Map(),
    context: [],
    subagents: new Map(),
    usage: new Map(),
    recordedUsage: [],
    sealedUsage: new Map(),
    lastRecord: null,
    said: null,
    redactions: [],
    gaps: [],
    isBorrowed: false,
    taken: [],
    txns: new Map(),
    lastAt: 0,
    endedAt: null,
    folded: [],
    told: [],
    callNames: noCallNames(),
  };
}

export function addGap(state: SessionState, gap: string): void {
  if (!state.gaps.includes(gap) && state.gaps.length < 50) state.gaps.push(gap);
}

/** Tells a prompt from another in whichever clone it was taken in: its digest is salted there. */
export function promptMark({ id, at }: { readonly id?: string; readonly at: string }): string {
  return id ?? at;
}

/** False when nothing but the environment told of the session: its hooks were not wired, or did not run. */
export function wasSeen(state: SessionState): boolean {
  return state.folded.length > 0;
}
