import type { Finding } from '../../doctor/finding.ts';

/** Where an agent's own hooks are put: this clone only, the committed configuration, or the user's home. */
export type HookScope = 'local' | 'shared' | 'user';

export interface HookPlace {
  readonly scope: HookScope;
  /** Top of the worktree; the git directory of a bare repository. */
  readonly top: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One configuration file of an agent, and what our part in it is. Text in, text out; nothing here touches a disk. */
export interface HookFile {
  readonly path: string;
  /**
   * The file with our hooks in and everything else as it was; the same text when they are in already. `spool` is the
   * script they run: absolute in configuration of this clone, null where it has to be found through git.
   */
  readonly withHooks: (text: string | null, spool: string | null) => string;
  /** The file without our hooks; null when nothing else is left and the file may go. */
  readonly withoutHooks: (text: string) => string | null;
  /** What our hooks in this text do not cover, in words; nothing when all is wired. */
  readonly missing: (text: string | null) => readonly string[];
  /** True where an agent has one file for the team and for this clone: only one we made is kept out of commits. */
  readonly mayBeCommitted?: true;
}

/** How one agent's hooks are installed and looked at. One object per agent, in a file of its own. */
export interface AgentHooks {
  readonly agent: string;
  readonly files: (place: HookPlace) => readonly HookFile[];
  /** What else decides whether the client runs our hooks: its trust in them, its version. */
  readonly examine?: (place: HookPlace, files: readonly HookFile[]) => Promise<readonly Finding[]>;
  /** What the user has to do yet before the client runs them; said after `init`. */
  readonly afterwards?: string;
}
