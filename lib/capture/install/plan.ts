import { existsSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { Repository } from '../../git/repository.ts';
import { gitText, runGit } from '../../git/runner.ts';
import { type Place, placeOf } from '../place.ts';
import { withClaudeHooks } from './claude-settings.ts';
import type { Installed } from './installed.ts';
import {
  ARMED_HOOKS,
  CLIENT_HOOKS,
  gitHookScript,
  HOT_HOOKS,
  SCRIPT_MARK,
  type ScriptPaths,
  STANDING_HOOKS,
  spoolScript,
} from './scripts.ts';

export interface InstallOptions {
  readonly agents: readonly string[];
  /** Which of the agent's settings files get its hooks. */
  readonly scope: 'local' | 'shared' | 'user';
  readonly gitHooks: boolean;
  readonly node: string;
  readonly program: string;
}

/** One file as it will be. */
export interface PlannedFile {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
  readonly kind: 'hook' | 'script' | 'settings' | 'exclude';
  readonly what: readonly string[];
}

/** One git setting as it will be. `add` keeps other values of the key. */
export interface PlannedSetting {
  readonly key: string;
  readonly value: string;
  readonly add: boolean;
}

/** Everything `init` would do, as data. */
export interface InstallPlan {
  readonly hooksDir: string;
  readonly mode: Installed['mode'];
  readonly paths: ScriptPaths;
  readonly agents: readonly string[];
  readonly files: readonly PlannedFile[];
  readonly settings: readonly PlannedSetting[];
}

/** Agents whose hooks `init` can install. */
export const INSTALLABLE_AGENTS: readonly string[] = ['claude-code'];

export async function planInstall(
  repo: Repository,
  options: InstallOptions,
  installed: Installed | null,
): Promise<InstallPlan> {
  const place = placeOf(repo);
  const hooks = await planHooks(repo, place, options, installed);
  const settings = [...hooks.settings, ...(await fetchRefspecs(repo))];
  const spool: PlannedFile = {
    path: join(place.bin, 'spool'),
    content: spoolScript(hooks.paths),
    executable: true,
    kind: 'script',
    what: ['spool'],
  };
  const agents = await Promise.all(options.agents.map((agent) => planAgent(repo, place, agent, options)));
  return {
    hooksDir: hooks.hooksDir,
    mode: hooks.mode,
    paths: hooks.paths,
    agents: options.agents,
    files: [...hooks.files, spool, ...agents.flat()],
    settings,
  };
}

/** Where git looks for hooks now, as it would say itself. */
export async function effectiveHooksDir(repo: Repository): Promise<string> {
  const path = await gitText(repo, 'rev-parse', '--git-path', 'hooks');
  return resolve(repo.cwd, path);
}

interface HookPlan extends Pick<InstallPlan, 'hooksDir' | 'mode' | 'paths'> {
  readonly files: PlannedFile[];
  readonly settings: PlannedSetting[];
}

async function planHooks(
  repo: Repository,
  place: Place,
  options: InstallOptions,
  installed: Installed | null,
): Promise<HookPlan> {
  const standard = join(repo.commonDir, 'hooks');
  const effective = await effectiveHooksDir(repo);
  const paths = (userHooks: string | null): ScriptPaths => ({
    dir: place.dir,
    node: options.node,
    program: options.program,
    userHooks,
  });
  const direct: HookPlan = {
    hooksDir: standard,
    mode: 'direct',
    paths: paths(null),
    files: [],
    settings: [],
  };
  if (!options.gitHooks) return direct;
  const isOurFolder = effective === place.hooks;
  if (!isOurFolder && effective === standard && (await usersHooks(standard)).length === 0) {
    return { ...direct, files: STANDING_HOOKS.map((name) => hookFile(standard, name, direct.paths)) };
  }
  const userHooks = isOurFolder
    ? (installed?.paths.userHooks ?? standard)
    : await hooksPathAsSet(repo, effective, standard);
  const forwarded = [
    ...CLIENT_HOOKS,
    ...HOT_HOOKS.filter((name) => existsSync(join(resolve(repo.top ?? repo.gitDir, userHooks), name))),
  ];
  return {
    hooksDir: place.hooks,
    mode: 'forward',
    paths: paths(userHooks),
    files: forwarded.map((name) => hookFile(place.hooks, name, paths(userHooks))),
    settings: [{ key: 'core.hooksPath', value: place.hooks, add: false }],
  };
}

/** Hooks of the user's own in a folder, among those we need. */
async function usersHooks(folder: string): Promise<string[]> {
  const found = await Promise.all(
    [...STANDING_HOOKS, ...ARMED_HOOKS].map(async (name) =>
      (await isUsers(join(folder, name))) ? name : null,
    ),
  );
  return found.filter((name) => name !== null);
}

async function isUsers(path: string): Promise<boolean> {
  if ((await lstat(path).catch(() => null)) === null) return false;
  const content = await readFile(path, 'utf8').catch(() => '');
  return !content.includes(`\n${SCRIPT_MARK} `);
}

/** The user's hooks folder as they set it: a relative one means each worktree's own. */
async function hooksPathAsSet(repo: Repository, effective: string, standard: string): Promise<string> {
  if (effective === standard) return standard;
  const { stdout } = await runGit(repo, { args: ['config', '--get', 'core.hooksPath'], okCodes: [1] });
  const set = stdout.toString('utf8').replace(/\n$/, '');
  return set === '' || set.startsWith('~') || set.startsWith('%(') ? effective : set;
}

function hookFile(folder: string, name: string, paths: ScriptPaths): PlannedFile {
  return {
    path: join(folder, name),
    content: gitHookScript(name, paths),
    executable: true,
    kind: 'hook',
    what: [name],
  };
}

/** `git fetch` brings the ledger along, into a namespace of ours; the pattern form keeps a remote without one from failing. */
async function fetchRefspecs(repo: Repository): Promise<PlannedSetting[]> {
  const remotes = (await gitText(repo, 'remote')).split('\n').filter(Boolean);
  const { stdout } = await runGit(repo, {
    args: ['config', '--local', '-z', '--get-regexp', '^remote\\..*\\.fetch$'],
    okCodes: [1],
  });
  const present = stdout.toString('utf8');
  const wanted = remotes.map((remote) => ({
    key: `remote.${remote}.fetch`,
    value: ledgerRefspec(remote),
    add: true,
  }));
  return wanted.filter(({ value }) => !present.includes(`\n${value}\0`));
}

export function ledgerRefspec(remote: string): string {
  return `+refs/notes/agent-log*:refs/agent-log/remotes/${remote}/agent-log*`;
}

async function planAgent(
  repo: Repository,
  place: Place,
  agent: string,
  options: InstallOptions,
): Promise<PlannedFile[]> {
  if (agent !== 'claude-code') throw unknownAgent(agent);
  const { path, spool } = claudeSettings(repo, place, options.scope);
  const before = await readFile(path, 'utf8').catch(() => null);
  const settings: PlannedFile = {
    path,
    content: withClaudeHooks(before, spool),
    executable: false,
    kind: 'settings',
    what: ['hooks'],
  };
  const exclude =
    options.scope === 'local' ? await planExclude(repo, '/.claude/settings.local.json', path) : [];
  return [settings, ...exclude];
}

function claudeSettings(
  repo: Repository,
  place: Place,
  scope: InstallOptions['scope'],
): { path: string; spool: string | null } {
  const top = repo.top ?? repo.gitDir;
  if (scope === 'user')
    return {
      path: join(process.env['CLAUDE_CONFIG_DIR'] || join(homedir(), '.claude'), 'settings.json'),
      spool: null,
    };
  if (scope === 'shared') return { path: join(top, '.claude', 'settings.json'), spool: null };
  return { path: join(top, '.claude', 'settings.local.json'), spool: join(place.bin, 'spool') };
}

/** Local settings name paths of this machine: an agent's `git add -A` must not commit them. */
async function planExclude(repo: Repository, pattern: string, path: string): Promise<PlannedFile[]> {
  const file = join(repo.commonDir, 'info', 'exclude');
  const before = await readFile(file, 'utf8').catch(() => '');
  if (before.split('\n').includes(pattern))
    return [{ path: file, content: before, executable: false, kind: 'exclude', what: [pattern] }];
  const { code } = await runGit(repo, { args: ['check-ignore', '-q', '--', path], okCodes: [1, 128] });
  if (code === 0) return [];
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  return [
    { path: file, content: `${start}${pattern}\n`, executable: false, kind: 'exclude', what: [pattern] },
  ];
}

function unknownAgent(agent: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `no hooks are known for the agent '${agent}'`, {
    hints: [
      `Known: ${INSTALLABLE_AGENTS.join(', ')}. Any other agent is recorded with \`git agent-log run --task … -- CMD\`.`,
    ],
  });
}
