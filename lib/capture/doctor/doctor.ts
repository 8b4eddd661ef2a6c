import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../../git/process/runner.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { claimsProblem } from '../../identity/ci-identity.ts';
import { listPending } from '../../ledger/binding/pending.ts';
import { LEDGER_REF, type Ledger, ledgerTip } from '../../ledger/ledger.ts';
import { sponsorNow } from '../commit/context.ts';
import type { HookFile, HookPlace, HookScope } from '../install/agents/hooks.ts';
import { hooksOf } from '../install/agents/index.ts';
import { loadInstalled } from '../install/apply.ts';
import type { Installed } from '../install/installed.ts';
import { effectiveHooksDir, hookPlace, ledgerRefspec } from '../install/plan.ts';
import { gitHookScript } from '../install/scripts/git-hook.ts';
import { STANDING_HOOKS } from '../install/scripts/names.ts';
import { type Place, placeOf } from '../place.ts';
import { readJournal } from '../spool/journal.ts';
import { isSpoolSafe } from '../spool/spool.ts';
import { anchorFindings } from './doctor-anchor.ts';
import { identityFindings } from './doctor-identities.ts';
import { payloadFindings } from './doctor-payloads.ts';
import { remoteFindings } from './doctor-remote.ts';
import type { Finding } from './finding.ts';
import { squashFindings } from './squash-setting.ts';

const AGAIN = 'Run `git agent-log init` again.';

/** Looks at everything recording depends on. Changes nothing. */
export async function examine(
  ledger: Ledger,
  config: GitConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  const { repo } = ledger;
  const place = placeOf(repo);
  const installed = await loadInstalled(place);
  if (installed === null) {
    return [
      {
        check: 'installation',
        state: 'bad',
        says: 'git-agent-log is not installed in this repository',
        hint: 'Run `git agent-log init`.',
      },
      await ledgerFinding(ledger),
      ...(await remoteFindings(ledger)),
      ...(await anchorFindings(ledger)),
    ];
  }
  return [
    await hooksFinding(repo, installed),
    await programFinding(installed),
    ...(await agentsFindings(repo, place, installed)),
    ...(await folderFindings(place)),
    sponsorFinding(config, env),
    ...claimsFindings(env),
    await ledgerFinding(ledger),
    ...(await refspecFindings(repo)),
    ...(await squashFindings(repo)),
    ...(await remoteFindings(ledger)),
    ...(await anchorFindings(ledger)),
    ...(await payloadFindings(ledger)),
    ...(await identityFindings(env)),
    await pendingFinding(ledger),
    await spoolFinding(place),
    await journalFinding(place),
  ];
}

async function hooksFinding(repo: Repository, installed: Installed): Promise<Finding> {
  const check = 'git hooks';
  if (installed.movedFrom !== undefined)
    return {
      check,
      state: 'bad',
      says: `the repository was moved or copied: hooks name ${installed.movedFrom}`,
      hint: AGAIN,
    };
  const effective = await effectiveHooksDir(repo);
  if (effective !== installed.hooksDir) {
    return {
      check,
      state: 'bad',
      says: `git takes its hooks from ${effective} now, not from ${installed.hooksDir}`,
      hint: `core.hooksPath was changed after us (husky does on npm install). ${AGAIN}`,
    };
  }
  const states = await Promise.all(STANDING_HOOKS.map((name) => hookState(installed, name)));
  const missing = STANDING_HOOKS.filter((_, i) => states[i] !== 'ours');
  if (missing.length > 0)
    return { check, state: 'bad', says: `not in place: ${missing.join(', ')}`, hint: AGAIN };
  const chained =
    installed.mode === 'forward' ? `, your own in ${installed.paths.userHooks ?? ''} run first` : '';
  return { check, state: 'ok', says: `in ${installed.hooksDir}${chained}` };
}

async function hookState(installed: Installed, name: string): Promise<'ours' | 'other'> {
  const path = join(installed.hooksDir, name);
  const content = await readFile(path, 'utf8').catch(() => null);
  const runs = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return runs && content === gitHookScript(name, installed.paths) ? 'ours' : 'other';
}

async function programFinding({ paths }: Installed): Promise<Finding> {
  const check = 'program';
  const missing: string[] = [];
  for (const path of [paths.node, paths.program]) await access(path).catch(() => missing.push(path));
  return missing.length === 0
    ? { check, state: 'ok', says: paths.program }
    : { check, state: 'bad', says: `not there any more: ${missing.join(', ')}`, hint: AGAIN };
}

/** Says nothing while all is well: that the folders of ours can be written is nothing anybody expects to read. */
async function folderFindings(place: Place): Promise<Finding[]> {
  const folders = [place.dir, place.spool, place.sessions, place.txns, join(place.dir, 'pending')];
  const closed: string[] = [];
  for (const folder of folders)
    await access(folder, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') closed.push(folder);
    });
  if (closed.length === 0) return [];
  return [
    {
      check: 'folders',
      state: 'bad',
      says: `can't be written, so commits go through unrecorded: ${closed.join(', ')}`,
      hint: 'Give yourself the right to write there, and space on the disk.',
    },
  ];
}

async function agentsFindings(repo: Repository, place: Place, installed: Installed): Promise<Finding[]> {
  const found = installed.agents.map((agent) => agentFindings(repo, place, installed, agent));
  return (await Promise.all(found)).flat();
}

/** An agent may have our hooks in several of its files: it is wired when one of them has them all. */
async function agentFindings(
  repo: Repository,
  place: Place,
  installed: Installed,
  agent: string,
): Promise<Finding[]> {
  const spool = await access(join(place.bin, 'spool'), constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!spool)
    return [{ check: agent, state: 'bad', says: 'the script its hooks run is not there', hint: AGAIN }];
  const hooks = hooksOf(agent);
  const scopes = HOOK_SCOPES.map((scope) => hookPlace(repo, scope));
  const written = new Set(installed.changes.map(({ path }) => path));
  const candidates = scopes.map((where) => ({ where, files: hooks.files(where) }));
  const used = candidates.filter(({ files }) => files.some(({ path }) => written.has(path)));
  if (repo.top === null && !used.some(({ where }) => where.scope === 'user')) return [elsewhere(agent)];
  // Where init had nothing to write the hooks were there: in the files the team commits, or in the home.
  const looked = await Promise.all((used.length === 0 ? candidates : used).map(lookAtFiles));
  const best = looked.sort((a, b) => a.missing.length - b.missing.length)[0];
  if (best === undefined) return [];
  const paths = best.files.map(({ path }) => path).join(', ');
  if (best.missing.length > 0)
    return [
      { check: agent, state: 'bad', says: `no hook for ${best.missing.join(', ')} in ${paths}`, hint: AGAIN },
    ];
  const more = (await hooks.examine?.(best.where, best.files)) ?? [];
  return [{ check: agent, state: 'ok', says: `hooks in ${paths}` }, ...more];
}

/** Asked in a git directory: an agent's hooks are those of the worktree it works in. */
function elsewhere(agent: string): Finding {
  return {
    check: agent,
    state: 'warn',
    says: 'its hooks lie in worktrees, and here is none',
    hint: 'Run it in a worktree the agent works in; `git worktree list` shows them.',
  };
}

const HOOK_SCOPES: readonly HookScope[] = ['local', 'shared', 'user'];

async function lookAtFiles({ where, files }: { where: HookPlace; files: readonly HookFile[] }): Promise<{
  where: HookPlace;
  files: readonly HookFile[];
  missing: readonly string[];
}> {
  const missing = await Promise.all(
    files.map(async (file) => missingIn(file, await readFile(file.path, 'utf8').catch(() => null))),
  );
  return { where, files, missing: missing.flat() };
}

function missingIn(file: HookFile, text: string | null): readonly string[] {
  try {
    return file.missing(text);
  } catch {
    return ['any event (the file can not be parsed)'];
  }
}

function sponsorFinding(config: GitConfig, env: Readonly<Record<string, string | undefined>>): Finding {
  const sponsor = sponsorNow({ config, env });
  const check = 'sponsor';
  if (sponsor !== null) return { check, state: 'ok', says: `${sponsor.name} <${sponsor.email}>` };
  return {
    check,
    state: 'bad',
    says: 'nobody: agent commits will name no accountable human',
    hint: 'git config user.name "…" and user.email "…", or git config agentLog.sponsor "Name <email>".',
  };
}

/** The sponsor is then somebody weaker sources name, or nobody. */
function claimsFindings(env: Readonly<Record<string, string | undefined>>): Finding[] {
  const problem = claimsProblem(env);
  if (problem === null) return [];
  const hint =
    'Write the claims of the token there as JSON, before the agent starts: its payload, without the token.';
  return [{ check: 'pipeline claims', state: 'bad', says: problem, hint }];
}

async function ledgerFinding(ledger: Ledger): Promise<Finding> {
  const tip = await ledgerTip(ledger);
  return {
    check: 'ledger',
    state: 'ok',
    says: tip === null ? 'empty: nothing was recorded yet' : `${LEDGER_REF} at ${tip.slice(0, 10)}`,
  };
}

async function refspecFindings(repo: Repository): Promise<Finding[]> {
  const { stdout } = await runGit(repo, {
    args: ['config', '-z', '--get-regexp', '^remote\\..*\\.fetch$'],
    okCodes: [1],
  });
  const remotes = new Map<string, string[]>();
  for (const entry of stdout.toString('utf8').split('\0').filter(Boolean)) {
    const [key = '', value = ''] = entry.split('\n', 2);
    const remote = key.slice('remote.'.length, -'.fetch'.length);
    remotes.set(remote, [...(remotes.get(remote) ?? []), value]);
  }
  const without = [...remotes]
    .filter(([remote, values]) => !values.includes(ledgerRefspec(remote)))
    .map(([remote]) => remote);
  return without.map((remote) => ({
    check: 'fetch',
    state: 'warn',
    says: `git fetch ${remote} does not bring the ledger along`,
    hint: AGAIN,
  }));
}

async function pendingFinding(ledger: Ledger): Promise<Finding> {
  const waiting = await listPending(ledger.repo);
  const unused = await readdir(join(placeOf(ledger.repo).dir, 'unused')).catch(() => []);
  const aside = unused.length === 0 ? '' : `; ${unused.length} kept whose commit never came`;
  if (waiting.length === 0) return { check: 'waiting records', state: 'ok', says: `none${aside}` };
  return {
    check: 'waiting records',
    state: 'warn',
    says: `${waiting.length} sealed, whose commit is not there (an aborted commit, or one in another clone)${aside}`,
  };
}

async function spoolFinding(place: Place): Promise<Finding> {
  if (!(await isSpoolSafe(place)))
    return {
      check: 'events',
      state: 'bad',
      says: `${place.spool} is no folder of its own, so nothing goes in or out`,
      hint: `Remove what is there. ${AGAIN}`,
    };
  const names = await readdir(place.spool).catch(() => []);
  const rejected = await readdir(place.rejected).catch(() => []);
  const events = names.filter((name) => name.endsWith('.json')).length;
  if (rejected.length > 0)
    return {
      check: 'events',
      state: 'warn',
      says: `${rejected.length} that could not be read are in ${place.rejected}`,
    };
  return {
    check: 'events',
    state: 'ok',
    says: events === 0 ? 'none waits' : `${events} taken in at the next commit or stop`,
  };
}

async function journalFinding(place: Place): Promise<Finding> {
  const entries = await readJournal(place, 3);
  if (entries.length === 0) return { check: 'hook problems', state: 'ok', says: 'none' };
  return {
    check: 'hook problems',
    state: 'warn',
    says: entries.map(({ at, hook, problem }) => `${at} ${hook}: ${problem}`).join('\n'),
    hint: `All of them are in ${place.journal}.`,
  };
}
