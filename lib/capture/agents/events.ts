import type { ObjectFormat } from '../../core/digest.ts';
import type { Usage } from '../../core/records/usage.ts';
import type { Snapshot } from '../session/snapshot.ts';
import type { Provides } from './provides.ts';

/**
 * What an agent's hook said, in the words of this project. `T` is how texts are held: as strings when they come in, as
 * references once they were redacted and stored.
 */
export interface AgentEvent<T = string> {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly agent: string;
  readonly sessionId: string;
  readonly cwd: string | null;
  /** When the agent says it happened: the same in every delivery of one event. Milliseconds since 1970. */
  readonly stamp?: number;
  /** The sub-agent it comes from, and where that one's own transcript is, if it has one. */
  readonly subagent?: { readonly id: string; readonly type?: string; readonly transcript?: string };
  readonly transcript?: string;
  readonly model?: string;
  /** Whose model it is, where that differs from session to session. */
  readonly provider?: string;
  /** The agent's own version. */
  readonly version?: string;
  /**
   * For an agent with two sets of hooks that tell of the same calls: which one this is. A session that was ever told by
   * the later set counts no call of the earlier one.
   */
  readonly hookSet?: 'earlier' | 'later';
  readonly snapshot?: Snapshot;
  readonly what: EventKind<T>;
}

export type EventKind<T> =
  | { readonly kind: 'start'; readonly source: string }
  | {
      readonly kind: 'prompt';
      readonly id?: string;
      readonly text: T;
      readonly byUser: boolean;
      /** What the user put beside the words. */
      readonly attached?: readonly Retrieved<T>[];
    }
  | CallStart<T>
  | CallEnd<T>
  | { readonly kind: 'context'; readonly items: readonly Retrieved<T>[] }
  | Answer<T>
  /** `said` is what the agent answered, where a hook tells it and no transcript does. */
  | { readonly kind: 'stop'; readonly said?: T }
  | { readonly kind: 'end' };

export interface CallStart<T> {
  readonly kind: 'call-start';
  /** Empty where the agent tells none: then it is named from order and content. */
  readonly callId: string;
  readonly tool: string;
  readonly args: T;
  readonly shell: boolean;
  /** The agent starts the calls of a turn at one moment: what its loop began before has ended, told or not. */
  readonly endsEarlier?: true;
}

export interface CallEnd<T> {
  readonly kind: 'call-end';
  readonly callId: string;
  readonly tool: string;
  readonly args: T;
  readonly result: T | null;
  readonly status: 'ok' | 'error' | 'unknown';
  readonly durationMs?: number;
  readonly shell: boolean;
  readonly writes: readonly Write[];
  /** What it wrote outside this repository: kept on this machine for the repository it lies in. */
  readonly elsewhere?: readonly WriteElsewhere[];
  readonly retrieved: readonly Retrieved<T>[];
}

/** What the model answered, for agents that tell it in hooks. */
export interface Answer<T> {
  readonly kind: 'answer';
  /** The message's id: told twice, it is counted once. */
  readonly id: string;
  readonly usage: Usage | null;
  readonly said: T | null;
}

/** A file an edit tool wrote. `blob` is null when the hook does not tell what the whole file was after. */
export interface Write {
  readonly path: string;
  readonly blob: string | null;
  readonly deleted?: true;
  /** Where it lies on this machine; never part of a record. */
  readonly file?: string;
}

/** The same for a file of another repository, by its absolute path. */
export interface WriteElsewhere {
  readonly file: string;
  readonly blob: string | null;
}

/** Something the agent read. A path outside the repository is a text, so that it never enters a record. */
export interface Retrieved<T> {
  readonly kind: 'file' | 'instructions' | 'url' | 'search' | 'mcp' | 'outside';
  readonly uri?: string;
  readonly uriText?: T;
  readonly blob?: string;
  readonly partial?: boolean;
}

/** What an adapter needs to know about the repository to make paths relative and name blobs. */
export interface AdapterContext {
  readonly format: ObjectFormat;
  /** Path in the repository, `/`-separated; null when the file lies outside every worktree of it. */
  readonly pathInRepository: (path: string, cwd: string | null) => string | null;
}

/** What a transcript adds to the hooks. */
export interface TranscriptReading {
  /** Bytes read so far: where the next reading goes on. */
  readonly offset: number;
  readonly version: string | null;
  readonly model: string | null;
  /** Usage per message id: agents write one message over several lines, each with the whole usage. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** When a message was written, by its id, in milliseconds since 1970; what a fork inherits is older than the fork. */
  readonly writtenAt?: ReadonlyMap<string, number>;
  /** Ids of the tool calls in what was read. */
  readonly calls: ReadonlySet<string>;
  /** How calls ended, for agents whose hooks do not tell it of every call. */
  readonly outcomes?: ReadonlyMap<string, CallOutcome>;
  /** What the agent said last. */
  readonly said: string | null;
  readonly gap: string | null;
}

/** How a call ended, as the transcript has it. */
export interface CallOutcome {
  readonly status: 'ok' | 'error';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Files an edit tool wrote or removed, as the agent names them. */
  readonly files: readonly { readonly path: string; readonly deleted: boolean }[];
}

/** How an event came in, apart from what it says. */
export interface EventOrigin {
  /** The agent the hook was installed for. */
  readonly installedFor: string;
  /** The agent whose variable was in the hook's environment; null when there was none. */
  readonly seen: string | null;
}

/** One agent: from its hook payloads and transcript to events. */
export interface AgentAdapter {
  readonly name: string;
  readonly provider: string | null;
  readonly provides: Provides;
  /**
   * True when an event is this agent's: by the payload's shape, and by who set the hook's environment where shapes are
   * alike. Whose file the hook was installed in is no proof.
   */
  readonly recognises: (payload: Readonly<Record<string, unknown>>, sent: EventOrigin) => boolean;
  readonly parse: (
    payload: Readonly<Record<string, unknown>>,
    at: number,
    context: AdapterContext,
  ) => AgentEvent | null;
  /** True when the environment of a sub-agent's commands names a session that no hook tells of. */
  readonly hidesSubagents?: boolean;
  /** Where a session's transcript lies, for agents whose hooks tell it late. The id is safe as a name. */
  readonly transcriptOf?: (
    sessionId: string,
    home: string,
    env: Readonly<Record<string, string | undefined>>,
  ) => string;
  /** True when the transcript is written with a lag, so that a commit has to wait for the line of the running call. */
  readonly transcriptLags?: boolean;
  readonly readTranscript?: (path: string, offset: number) => Promise<TranscriptReading | null>;
}

/** An event with every text passed through `store`. */
export function mapTexts<A, B>(event: AgentEvent<A>, store: (text: A, kind: string) => B): AgentEvent<B> {
  return { ...event, what: mapKind(event.what, store) };
}

function mapKind<A, B>(what: EventKind<A>, store: (text: A, kind: string) => B): EventKind<B> {
  switch (what.kind) {
    case 'prompt':
      return mapPrompt(what, store);
    case 'call-start':
      return { ...what, args: store(what.args, 'args') };
    case 'call-end':
      return {
        ...what,
        args: store(what.args, 'args'),
        result: what.result === null ? null : store(what.result, 'result'),
        retrieved: what.retrieved.map((item) => mapRetrieved(item, store)),
      };
    case 'answer':
      return { ...what, said: what.said === null ? null : store(what.said, 'reason') };
    case 'context':
      return { ...what, items: what.items.map((item) => mapRetrieved(item, store)) };
    case 'stop':
      return what.said === undefined ? { kind: 'stop' } : { kind: 'stop', said: store(what.said, 'reason') };
    case 'start':
    case 'end':
      return what;
  }
}

function mapPrompt<A, B>(
  what: EventKind<A> & { kind: 'prompt' },
  store: (text: A, kind: string) => B,
): EventKind<B> {
  const { text, attached, ...rest } = what;
  return {
    ...rest,
    text: store(text, 'prompt'),
    ...(attached === undefined ? {} : { attached: attached.map((item) => mapRetrieved(item, store)) }),
  };
}

function mapRetrieved<A, B>(item: Retrieved<A>, store: (text: A, kind: string) => B): Retrieved<B> {
  const { uriText, ...rest } = item;
  return uriText === undefined ? rest : { ...rest, uriText: store(uriText, 'uri') };
}
