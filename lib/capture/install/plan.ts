import { existsSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import type { Repository } from '../../git/repository.ts';
import { gitText, runGit } from '../../git/runner.ts';
import { type Place, placeOf } from '../place.ts';
import type { HookPlace, HookScope } from './agents/hooks.ts';
import { hooksOf } from './agents/index.ts';
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
  readonly scope: HookScope;
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
  /** Whose hooks a settings file holds. */
  readonly agent?: string;
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
  const agents = (
    await Promise.all(options.agents.map((agent) => planAgent(repo, place, agent, options)))
  ).flat();
  return {
    hooksDir: hooks.hooksDir,
    mode: hooks.mode,
    paths: hooks.paths,
    agents: options.agents,
    files: [...hooks.files, spool, ...agents, ...(await planExclude(repo, agents, options))],
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
  const { scope } = options;
  const spool = scope === 'local' ? join(place.bin, 'spool') : null;
  const planned = hooksOf(agent)
    .files(hookPlace(repo, scope))
    .map(async ({ path, withHooks }): Promise<PlannedFile> => {
      const before = await readFile(path, 'utf8').catch(() => null);
      const content = withHooks(before, spool);
      if (scope === 'local' && before !== null && content !== before) await refuseTracked(repo, agent, path);
      return { path, content, executable: false, kind: 'settings', agent, what: ['hooks'] };
    });
  return Promise.all(planned);
}

/** No tracked file is edited unless asked: an agent with one file for team and user has none for this clone alone. */
async function refuseTracked(repo: Repository, agent: string, path: string): Promise<void> {
  const args = ['ls-files', '--error-unmatch', '--', path];
  const { code } = await runGit(repo, { args, okCodes: [1, 128] });
  if (code !== 0) return;
  throw new AgentLogError(
    'BAD_ARGUMENT',
    'answer',
    `${agent} reads its hooks from ${path}, which is committed`,
    {
      hints: ['--shared puts our hooks into the committed file, --user into your home instead.'],
    },
  );
}

/** What an agent's hooks depend on in this repository, for this user. */
export function hookPlace(repo: Repository, scope: HookScope): HookPlace {
  return { scope, top: repo.top ?? repo.gitDir, home: homedir(), env: process.env };
}

function ignorePattern(repo: Repository, path: string): string {
  return `/${relative(repo.top ?? repo.gitDir, path)
    .split(sep)
    .join('/')}`;
}

/** Local settings name paths of this machine: an agent's `git add -A` must not commit them. */
async function planExclude(
  repo: Repository,
  settings: readonly PlannedFile[],
  { scope }: InstallOptions,
): Promise<PlannedFile[]> {
  if (scope !== 'local') return [];
  const path = join(repo.commonDir, 'info', 'exclude');
  const before = await readFile(path, 'utf8').catch(() => '');
  const lines = new Set(before.split('\n'));
  const wanted: string[] = [];
  for (const file of settings) {
    const pattern = ignorePattern(repo, file.path);
    if (lines.has(pattern) || !(await isIgnored(repo, file.path))) wanted.push(pattern);
  }
  if (wanted.length === 0) return [];
  const added = wanted.filter((pattern) => !lines.has(pattern)).map((pattern) => `${pattern}\n`);
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  const content = added.length === 0 ? before : start + added.join('');
  return [{ path, content, executable: false, kind: 'exclude', what: wanted }];
}

async function isIgnored(repo: Repository, path: string): Promise<boolean> {
  const { code } = await runGit(repo, { args: ['check-ignore', '-q', '--', path], okCodes: [1, 128] });
  return code === 0;
}
