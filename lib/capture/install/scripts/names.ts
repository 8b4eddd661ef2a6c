/** First words of every file we install: what does not begin so is not ours to replace or remove. */
export const SCRIPT_MARK = '# git-agent-log 1';

/** git hooks that are ours from the start. */
export const STANDING_HOOKS = [
  'prepare-commit-msg',
  'post-merge',
  'post-applypatch',
  'post-rewrite',
  'pre-push',
] as const;

/**
 * git hooks put in place when an agent's commit needs them, and taken away by the first run that finds nothing to do:
 * so a human's commit starts one shell, not three.
 */
export const ARMED_HOOKS = ['post-commit', 'commit-msg'] as const;

/** Every hook of a user that keeps running when core.hooksPath has to lead to our folder. */
export const CLIENT_HOOKS: readonly string[] = [
  'applypatch-msg',
  'pre-applypatch',
  'post-applypatch',
  'pre-commit',
  'pre-merge-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
  'pre-rebase',
  'post-checkout',
  'post-merge',
  'pre-push',
  'post-rewrite',
  'sendemail-validate',
  'pre-auto-gc',
];

/** Hooks git runs so often that one is forwarded only where the user has it when we come. */
export const HOT_HOOKS: readonly string[] = [
  'reference-transaction',
  'post-index-change',
  'fsmonitor-watchman',
  'push-to-checkout',
];

export interface ScriptPaths {
  /** `<git-common-dir>/agent-log`, absolute. */
  readonly dir: string;
  readonly node: string;
  readonly program: string;
  /** The folder of the user's own hooks when ours stands in its place; null when git runs them itself. */
  readonly userHooks: string | null;
}
