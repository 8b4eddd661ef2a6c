/**
 * Where a part of a record comes from: `hooks` the agent's own hooks, `transcript` its file, `later` its file, complete
 * only after the commit or the session's end, `environment` the variables of a git hook, `derived` made here, stable, because
 * the agent tells none, `none` nowhere.
 */
export type Source = 'hooks' | 'transcript' | 'later' | 'environment' | 'derived' | 'none';

/** What one agent tells about its work, and where. Beside each adapter, so that the table and the code change together. */
export interface Provides {
  /** As people call it. */
  readonly title: string;
  /** The version whose unmodified client our tests run; null when only its documented formats were tested. */
  readonly ranWith: string | null;
  readonly prompts: Source;
  readonly model: Source;
  readonly usage: Source;
  readonly callIds: Source;
  readonly subagents: Source;
  readonly mcp: Source;
  /** How a commit's hook learns which session made it. */
  readonly sessionAtCommit: Source;
  /** Where the transcript lies; null when there is none on this machine. */
  readonly transcript: string | null;
  /** What a team has to know, in a sentence each. */
  readonly notes: readonly string[];
}

/** Columns of the table, in order. */
export const PROVIDED: readonly (readonly [
  keyof Omit<Provides, 'title' | 'ranWith' | 'transcript' | 'notes'>,
  string,
])[] = [
  ['prompts', 'prompts'],
  ['model', 'model'],
  ['usage', 'usage'],
  ['callIds', 'tool-call ids'],
  ['subagents', 'sub-agents'],
  ['mcp', 'MCP calls'],
  ['sessionAtCommit', 'session at the commit'],
];
