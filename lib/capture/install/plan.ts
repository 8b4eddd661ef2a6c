import { existsSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import { gitText, runGit } from '../../git/process/runner.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { type Place, placeAt, placeOf } from '../place.ts';
import type { HookPlace, HookScope } from './agents/hooks.ts';
import { hooksOf } from './agents/index.ts';
import type { Installed } from './installed.ts';
import { gitHookScript } from './scripts/git-hook.ts';
import {
  ARMED_HOOKS,
  CLIENT_HOOKS,
  HOT_HOOKS,
  SCRIPT_MARK,
  type ScriptPaths,
  STANDING_HOOKS,
} from './scripts/names.ts';
import { spoolScript } from './scripts/spool.ts';
import { planTeamFiles, type TeamFile } from './team-files.ts';

export interface InstallOptions {
  readonly agents: readonly string[];
  /** Which of the agent's settings files get its hooks. */
  readonly scope: HookScope;
  readonly gitHooks: boolean;
  readonly node: string;
  readonly program: string;
  /** Whom texts are to be sealed for from now on, where configuration does not say yet. */
  readonly recipients?: readonly string[];
  /** Files for the team to commit, such as a first policy. */
  readonly teamFiles?: readonly TeamFile[];
}

/** One file as it will be. */
export interface PlannedFile {
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
  readonly kind: 'hook' | 'script' | 'settings' | 'exclude' | 'team';
  /** Whose hooks a settings file holds. */
  readonly agent?: string;
  /** True for a file that is to be kept out of commits. */
  readonly keptOut?: boolean;
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
  /** Files that were asked for and are there already. */
  readonly kept: readonly string[];
  /** What is left for the user to do, agent by agent. */
  readonly afterwards: readonly string[];
}

export async function planInstall(
  repo: Repository,
  options: InstallOptions,
  installed: Installed | null,
): Promise<InstallPlan> {
  const place = placeOf(repo);
  const hooks = await planHooks(repo, place, options, installed);
  const recipients = (options.recipients ?? []).map((value) => ({
    key: 'agentLog.recipient',
    value,
    add: true,
  }));
  const settings = [...hooks.settings, ...(await fetchRefspecs(repo)), ...recipients];
  const spool: PlannedFile = {
    path: join(place.bin, 'spool'),
    content: spoolScript(hooks.paths),
    executable: true,
    kind: 'script',
    what: ['spool'],
  };
  const team = await planTeamFiles(repo, options.teamFiles ?? [], installed);
  const agents = await Promise.all(options.agents.map((agent) => planAgent(repo, place, agent, options)));
  return {
    hooksDir: hooks.hooksDir,
    mode: hooks.mode,
    paths: hooks.paths,
    agents: options.agents,
    files: [
      ...hooks.files,
      spool,
      ...agents.flat(),
      ...(await planExclude(repo, options, agents.flat())),
      ...team.files,
    ],
    settings,
    kept: team.kept,
    afterwards: [...options.agents.flatMap((agent) => hooksOf(agent).afterwards ?? []), ...team.afterwards],
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
  const isOurFolder = effective === place.hooks || effective === hooksBefore(installed);
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

/** Our folder under the name it had before the repository was moved or copied: what lies there is no user's. */
function hooksBefore(installed: Installed | null): string | null {
  return installed?.movedFrom === undefined ? null : placeAt(installed.movedFrom).hooks;
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
  { scope }: InstallOptions,
): Promise<PlannedFile[]> {
  const spool = scope === 'local' ? join(place.bin, 'spool') : null;
  const files = hooksOf(agent).files(hookPlace(repo, scope));
  if (repo.top === null && scope !== 'user' && files.length > 0) throw noWorktree(agent);
  const planned = files.map(async ({ path, withHooks, missing, mayBeCommitted }): Promise<PlannedFile[]> => {
    const before = await readFile(path, 'utf8').catch(() => null);
    if (scope === 'local' && (await isTracked(repo, path))) {
      if (missing(before).length === 0) return [];
      throw committedSettings(repo, agent, path);
    }
    const content = withHooks(before, spool);
    const keptOut = before === null || mayBeCommitted !== true;
    return [{ path, content, executable: false, kind: 'settings', agent, keptOut, what: ['hooks'] }];
  });
  return (await Promise.all(planned)).flat();
}

/** Whether git's index has a file. */
export async function isTracked(repo: Repository, path: string): Promise<boolean> {
  const args = ['ls-files', '--error-unmatch', '--', path];
  return (await runGit(repo, { args, okCodes: [1, 128] })).code === 0;
}

/** This clone's hooks name paths of this machine: they have no place in a file the team shares. */
function committedSettings(repo: Repository, agent: string, path: string): AgentLogError {
  const file = relative(repo.top ?? repo.gitDir, path);
  return new AgentLogError(
    'BAD_ARGUMENT',
    'answer',
    `${file} is committed, so this clone can't have its own`,
    {
      hints: [
        `\`git agent-log init --agents ${agent} --user\` puts the hooks into your home; with --shared they go into ${file}, for the team.`,
      ],
    },
  );
}

/** Nobody's agent works in a git directory: hooks there would be read by none, and `init` would call it recording. */
function noWorktree(agent: string): AgentLogError {
  return new AgentLogError('BAD_ARGUMENT', 'usage', `there is no worktree here for the hooks of ${agent}`, {
    hints: [
      'Go into a worktree that agents work in; `git worktree list` shows them.',
      'Or `git agent-log init --user` puts the hooks into your home, and `--agents none` installs those of git alone.',
    ],
  });
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
  { scope }: InstallOptions,
  settings: readonly PlannedFile[],
): Promise<PlannedFile[]> {
  if (scope !== 'local') return [];
  const path = join(repo.commonDir, 'info', 'exclude');
  const before = await readFile(path, 'utf8').catch(() => '');
  const lines = before.split('\n');
  const wanted = await Promise.all(
    settings.map(async (file) => {
      const pattern = ignorePattern(repo, file.path);
      if (lines.includes(pattern)) return [pattern];
      return file.keptOut && !(await isIgnored(repo, file.path)) ? [pattern] : [];
    }),
  );
  const what = wanted.flat();
  const missing = what.filter((pattern) => !lines.includes(pattern));
  if (what.length === 0) return [];
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  const content = missing.length === 0 ? before : `${start}${missing.join('\n')}\n`;
  return [{ path, content, executable: false, kind: 'exclude', what }];
}

async function isIgnored(repo: Repository, path: string): Promise<boolean> {
  const { code } = await runGit(repo, { args: ['check-ignore', '-q', '--', path], okCodes: [1, 128] });
  return code === 0;
}
