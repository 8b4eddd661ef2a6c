import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestRepo, writeScript } from './repo.ts';

/** One way in which people have hooks of their own. */
export interface HookSetup {
  readonly name: string;
  /** Puts the hooks in place; gives what the environment needs for git to find them. */
  readonly setUp: (repo: TestRepo) => Promise<Record<string, string>>;
}

const HOOKS = [
  'pre-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-commit',
  'post-checkout',
  'pre-merge-commit',
  'post-merge',
  'pre-rebase',
  'post-rewrite',
  'pre-push',
  'reference-transaction',
];

/**
 * Writes down what it was called as, with what arguments and what on standard input: all in one write, as our own work
 * goes on in the background. That the ledger's ref moves (and that git fast-import ends with an empty transaction) is no
 * part of the user's work.
 */
const WITNESS = `#!/bin/sh
in=$(cat)
case $0:$in in *refs/notes/agent-log* | *reference-transaction:) exit 0 ;; esac
line=$0
for a; do line="$line [$a]"; done
printf '%s\\n' "$line" \${in:+"$in"} >>"$HOME/witness"
`;

async function witnesses(folder: string): Promise<void> {
  for (const hook of HOOKS) await writeScript(join(folder, hook), WITNESS);
}

/** What husky 9 writes: a dispatcher that finds the user's script by the name and the folder it was called by. */
const HUSKY_DISPATCHER = `#!/usr/bin/env sh
[ "$HUSKY" = "2" ] && set -x
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n
[ ! -f "$s" ] && exit 0
export PATH="node_modules/.bin:$PATH"
sh -e "$s" "$@"
c=$?
[ $c != 0 ] && echo "husky - $n script failed (code $c)"
exit $c
`;

export const HOOK_SETUPS: readonly HookSetup[] = [
  { name: 'no hooks at all', setUp: () => Promise.resolve({}) },
  {
    name: 'hooks in .git/hooks',
    setUp: async (repo) => {
      await witnesses(repo.path('.git/hooks'));
      return {};
    },
  },
  {
    name: 'a hook in .git/hooks that does not meet ours',
    setUp: async (repo) => {
      await writeScript(repo.path('.git/hooks/pre-commit'), WITNESS);
      return {};
    },
  },
  {
    name: 'husky',
    setUp: async (repo) => {
      await mkdir(repo.path('.husky/_'), { recursive: true });
      await writeFile(repo.path('.husky/_/.gitignore'), '*');
      await writeFile(repo.path('.husky/_/h'), HUSKY_DISPATCHER);
      for (const hook of HOOKS) {
        await writeScript(repo.path('.husky/_', hook), '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n');
        await writeFile(repo.path('.husky', hook), WITNESS);
      }
      await repo.git('config', 'core.hooksPath', '.husky/_');
      await repo.commit('Use husky');
      return {};
    },
  },
  {
    name: 'a tracked .githooks folder',
    setUp: async (repo) => {
      await witnesses(repo.path('.githooks'));
      await repo.commit('Use hooks');
      await repo.git('config', 'core.hooksPath', '.githooks');
      return {};
    },
  },
  {
    name: 'a hooksPath in the global configuration',
    setUp: async (repo) => {
      const config = join(repo.home, 'gitconfig');
      await witnesses(join(repo.home, 'hooks'));
      await writeFile(config, `[core]\n\thooksPath = ${join(repo.home, 'hooks')}\n`);
      return { GIT_CONFIG_GLOBAL: config };
    },
  },
  {
    name: 'a hooksPath with a tilde in the global configuration',
    setUp: async (repo) => {
      const config = join(repo.home, 'gitconfig');
      await witnesses(join(repo.home, 'hooks'));
      await writeFile(config, '[core]\n\thooksPath = ~/hooks\n');
      return { GIT_CONFIG_GLOBAL: config };
    },
  },
];

/** What the witnesses saw, without what differs from one repository to the next. */
export async function witnessed(repo: TestRepo): Promise<string[]> {
  const text = await readFile(join(repo.home, 'witness'), 'utf8').catch(() => '');
  return (
    text
      .replaceAll(dirname(repo.dir), 'ROOT')
      // git itself calls .git/hooks by either name: absolute from a linked worktree.
      .replaceAll('ROOT/repo/.git/hooks/', '.git/hooks/')
      .replaceAll(/\b[0-9a-f]{40}\b/g, (oid) => (/^0+$/.test(oid) ? 'NULL' : 'OID'))
      .split('\n')
      .filter(Boolean)
  );
}
