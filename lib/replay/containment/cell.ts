/** A place in which a recorded command runs: what it may write, and what it sees. */
export interface Cell {
  /** The folder that may be written, on this machine. */
  readonly work: string;
  /** Where the command sees that folder. Nothing of the system lies there: see `placeFor`. */
  readonly at: string;
  /** Where it starts: `at`, or a folder below. */
  readonly cwd: string;
  /** Folders it reads besides those of the system. They are where they are. */
  readonly reads: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Its home: an empty one, gone when it ends. */
export const CELL_HOME = '/home/replay';

/** What programs need of a system, and nothing a person keeps there. What is not on a machine is left out. */
export const SYSTEM_FOLDERS: readonly string[] = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/opt',
  '/nix/store',
  '/etc/alternatives',
  '/etc/ssl',
];
export const SYSTEM_FILES: readonly string[] = [
  '/etc/ld.so.cache',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/passwd',
  '/etc/group',
];

const DEFAULT_PLACE = '/work';
const TAKEN = /^\/(usr|bin|sbin|lib\w*|opt|nix|etc|dev|proc|sys|run)?(\/|$)/;

/**
 * Where a cell shows the worktree: where the agent had it, so that paths in what it ran mean the same. Elsewhere when that is
 * nobody's place for a worktree, or not known (null).
 */
export function placeFor(root: string | null): string {
  const isUsable =
    root !== null && /^(\/[^/\0]+){2,40}$/.test(root) && !TAKEN.test(root) && !/\/\.{1,2}(\/|$)/.test(root);
  return isUsable ? root : DEFAULT_PLACE;
}
