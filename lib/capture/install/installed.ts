import type { ScriptPaths } from './scripts/names.ts';

/** A file we changed or made, with what was there before, so that it can be given back byte for byte. */
export interface FileChange {
  readonly path: string;
  /** What was there, in base64; null when there was no file. */
  readonly before: string | null;
  readonly after: string;
  /** Which keys were set or hooks added, for people. */
  readonly what: readonly string[];
  readonly kind: 'hook' | 'script' | 'config' | 'settings' | 'team';
  /** Whose hooks a settings file holds; absent in what an early version wrote: then it is Claude Code's. */
  readonly agent?: string;
  /** The outermost folder that was made for the file; absent when its folder was there. */
  readonly folder?: string;
}

/** What `init` did in this clone: kept so that `uninit` undoes exactly that. */
export interface Installed {
  readonly version: 1;
  readonly hooksDir: string;
  readonly mode: 'direct' | 'forward';
  readonly paths: ScriptPaths;
  readonly agents: readonly string[];
  readonly changes: readonly FileChange[];
  /** Our folder as it was called when `init` ran, where the repository was moved or copied since; never written down. */
  readonly movedFrom?: string;
}
