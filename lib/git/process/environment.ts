import type { Heard } from '../repository/heard.ts';
import type { Far } from './runner.ts';
import type { WaitingShells } from './waiting.ts';

/** Where a git process runs, and what it must not inherit. */
export interface GitPlace {
  readonly cwd: string;
  /** Set when another repository than the caller's is meant: the caller's GIT_DIR, GIT_INDEX_FILE and the like are dropped. */
  readonly foreign?: boolean;
  /** What git already said here: asked again, it is not run again. */
  readonly heard?: Heard;
  /** Shells that wait to become git, and are quicker than a process that is started now. */
  readonly waiting?: WaitingShells;
  /** The repository is far away: what answers for it. */
  readonly far?: Far;
  /** Called before git is started or asked here: what it has to see is written then. */
  readonly beforeGit?: () => void;
}

/** Variables that tie a process to one repository (`git rev-parse --local-env-vars`, git 2.39 to 2.54). */
export const LOCAL_VARIABLES: readonly string[] = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_CONFIG_COUNT',
  'GIT_OBJECT_DIRECTORY',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_GRAFT_FILE',
  'GIT_INDEX_FILE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_REPLACE_REF_BASE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_COMMON_DIR',
  'GIT_INTERNAL_SUPER_PREFIX',
];

/**
 * Into a pipe git would write every commit by itself, and wake its reader for each. For what runs no program of somebody
 * else's: whoever talks with such a git would wait for an answer that is held back.
 */
export const IN_BLOCKS: Environment = { GIT_FLUSH: '0' };

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a git process: it answers in English, takes no lock to read, and heeds no replacements. */
export function gitEnvironment(place: GitPlace, extra: Environment = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (place.foreign === true) for (const name of LOCAL_VARIABLES) delete env[name];
  return { ...env, GIT_NO_REPLACE_OBJECTS: '1', LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', ...extra };
}
