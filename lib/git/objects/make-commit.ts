import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLogError, messageOf } from '../../core/errors.ts';
import { type GitCall, gitText, runGit } from '../process/runner.ts';
import type { GitConfig } from '../repository/config.ts';
import type { Repository } from '../repository/repository.ts';
import { DURABLE } from './fast-import.ts';

/** A commit that is to be made of a tree, without touching index or worktree. */
export interface NewCommit {
  readonly tree: string;
  readonly parent: string;
  readonly message: string;
  /** A folder of our own, where the message and an index of the tree lie while the user's hooks read them. */
  readonly folder: string;
  /** HEAD is not at the parent, and hooks are to see it there. */
  readonly isAhead?: boolean;
  /** What hooks find in their environment besides. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Settings that decide how a commit is made. */
export const COMMIT_CONFIG: readonly string[] = ['commit.gpgsign'];

const ANY_CODE = [...Array(255).keys()].map((i) => i + 1);

/**
 * Makes a commit as the user's git would: as the user, signed where commits are signed, after the prepare-commit-msg and
 * commit-msg hooks, which see its tree staged. Moves no branch. Throws REFUSED_BY_HOOK when one of them refuses, NOT_SIGNED when
 * it can't be signed.
 */
export async function makeCommit(repo: Repository, commit: NewCommit, config: GitConfig): Promise<string> {
  const { tree, parent, message, folder } = commit;
  const file = join(folder, 'message');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, message, { flag: 'wx', mode: 0o600 });
    const env = await hookEnvironment(repo, commit);
    await runGit(repo, { args: ['read-tree', tree], env });
    // As git itself does it for a revert. A recorder of agents seals the message there.
    await runMessageHook(repo, 'prepare-commit-msg', [file, 'message'], env);
    await runMessageHook(repo, 'commit-msg', [file], env);
    return await commitTree(repo, ['-p', parent, '-F', file, tree], config);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the user's post-commit hook, as after any commit. What it says, or that it fails, changes nothing. */
export async function runPostCommit(repo: Repository): Promise<void> {
  const args = ['hook', 'run', '--ignore-missing', 'post-commit'];
  await runGit(repo, { args, env: usersOwn(), okCodes: ANY_CODE });
}

async function commitTree(repo: Repository, args: readonly string[], config: GitConfig): Promise<string> {
  if (!/^(true|yes|on|1)$/i.test(config.get('commit.gpgsign') ?? ''))
    return gitText(repo, ...DURABLE, 'commit-tree', ...args);
  try {
    return await gitText(repo, ...DURABLE, 'commit-tree', '-S', ...args);
  } catch (cause) {
    throw new AgentLogError('NOT_SIGNED', 'system', 'your commits are signed, and this one could not be', {
      hints: [messageOf(cause), 'Nothing was changed. `git commit` would fail here in the same way.'],
    });
  }
}

/** git runs hooks with the index of the commit, and names `:` as the editor where none is opened. */
async function hookEnvironment(
  { commonDir, top }: Repository,
  { parent, folder, isAhead, env }: NewCommit,
): Promise<NonNullable<GitCall['env']>> {
  const seen = { ...usersOwn(), ...env, GIT_INDEX_FILE: join(folder, 'index'), GIT_EDITOR: ':' };
  if (isAhead !== true) return seen;
  const dir = join(folder, 'git');
  await mkdir(dir);
  await writeFile(join(dir, 'commondir'), `${commonDir}\n`);
  await writeFile(join(dir, 'HEAD'), `${parent}\n`);
  return { ...seen, GIT_DIR: dir, ...(top === null ? {} : { GIT_WORK_TREE: top }) };
}

/** A hook is the user's program: language and replacements are theirs, not what we read git with. */
function usersOwn(): Record<string, string | undefined> {
  const names = ['LC_ALL', 'GIT_NO_REPLACE_OBJECTS', 'GIT_OPTIONAL_LOCKS'];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

async function runMessageHook(
  repo: Repository,
  name: string,
  words: readonly string[],
  env: NonNullable<GitCall['env']>,
): Promise<void> {
  const args = ['hook', 'run', '--ignore-missing', name, '--', ...words];
  const { code, stderr } = await runGit(repo, { args, env, okCodes: ANY_CODE });
  if (code === 0) return;
  throw new AgentLogError('REFUSED_BY_HOOK', 'answer', `your ${name} hook refused the message`, {
    hints: [stderr.trim().split('\n')[0] ?? '', 'Nothing was changed.'].filter(Boolean),
  });
}
