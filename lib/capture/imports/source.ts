import type { Usage } from '../../core/records/usage.ts';

/** Tools whose records can be imported. */
export const IMPORT_FORMATS = ['git-ai', 'entire', 'gitvow', 'agent-trace', 'whogitit'] as const;

export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** Why a source could not be read, as a closed list. What can't be read stays where it is and is named. */
export type SourceProblemCode =
  | 'too-large'
  | 'too-deep'
  | 'too-many'
  | 'not-text'
  | 'not-json'
  | 'invalid'
  | 'unknown-version'
  | 'unresolved'
  | 'no-commit'
  | 'other-files'
  | 'second-note'
  | 'missing';

export interface SourceProblem {
  readonly code: SourceProblemCode;
  readonly detail: string;
}

/** Lines of a file at the commit, by who wrote them. What the source does not say is not there. */
export interface LineCounts {
  readonly agent?: number;
  /** Written by an agent, then changed by a person. */
  readonly mixed?: number;
  readonly human?: number;
  readonly unknown?: number;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: LineCounts;
}

/** A text the source holds. It goes into no record: its digest and size do. */
export interface SourceText {
  readonly kind: 'prompt' | 'reason' | 'args';
  readonly text: string;
  /** Of the tool that was called, for `args`. */
  readonly name?: string;
  readonly at: string | null;
}

/** Texts no record points at one by one: how many there are, and how long they are together. */
export interface SourceBulk {
  readonly kind: 'answers' | 'transcript' | 'context';
  readonly count: number;
  /** Bytes. */
  readonly size: number;
}

/** What a source says of one session's part in one commit, in words of our own. */
export interface SourceSession {
  /** What the source calls it: a prompt id, a folder, a trace. */
  readonly id: string;
  readonly agent: { readonly name: string | null; readonly version: string | null };
  readonly session: string | null;
  readonly model: { readonly provider: string | null; readonly name: string | null };
  /** The human the source names, as it writes one. */
  readonly author: string | null;
  /** RFC 3339, UTC. */
  readonly at: string | null;
  /** Position in the session where the source counts. */
  readonly step: number | null;
  readonly files: readonly SourceFile[];
  readonly counts: ReadonlyMap<string, number>;
  readonly usage: SourceUsage | null;
  readonly texts: readonly SourceText[];
  readonly bulk: readonly SourceBulk[];
  /** What this source leaves open. */
  readonly gaps: readonly string[];
}

export interface SourceUsage {
  readonly tokens: Required<Usage>;
  /** Counted from the session's start, not since its last commit. */
  readonly cumulative: boolean;
}

/** A field that entered no record, and how often it was there. */
export interface UnreadField {
  readonly field: string;
  readonly count: number;
}

/** One note, checkpoint or trace. */
export interface SourceDocument {
  /** The version of the format, as the source writes it; null when it writes none. */
  readonly format: string | null;
  readonly toolVersion: string | null;
  readonly sessions: readonly SourceSession[];
  readonly unread: readonly UnreadField[];
  readonly problems: readonly SourceProblem[];
}

/** What became of a source. Parsers give this for any input and throw for none. */
export type ParsedSource = { readonly document: SourceDocument } | { readonly problem: SourceProblem };

export const NO_SESSION: Omit<SourceSession, 'id'> = {
  agent: { name: null, version: null },
  session: null,
  model: { provider: null, name: null },
  author: null,
  at: null,
  step: null,
  files: [],
  counts: new Map(),
  usage: null,
  texts: [],
  bulk: [],
  gaps: [],
};

export function problem(code: SourceProblemCode, detail: string): { readonly problem: SourceProblem } {
  return { problem: { code, detail } };
}

export function isProblem<T extends object>(value: T): value is T & { readonly problem: SourceProblem } {
  return 'problem' in value;
}
