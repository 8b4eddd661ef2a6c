import { realpathSync } from 'node:fs';
import { applyInstall, loadInstalled } from '../../capture/install/apply.ts';
import { type InstallOptions, planInstall } from '../../capture/install/plan.ts';
import { placeOf } from '../../capture/place.ts';
import { AgentLogError } from '../../core/errors.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { findTeam, type Team } from '../../identity/recipients/team.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { STARTER_FILES } from '../../policy/rules/starter.ts';
import { openRepository } from '../shared/open.ts';
import { textFlag } from '../shared/open-flags.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderInstall } from '../views/install.ts';

export async function run(io: Io, _args: readonly string[], flags: Flags): Promise<number> {
  const repo = await openRepository(io);
  const installed = await loadInstalled(placeOf(repo));
  const options = optionsOf(flags);
  const team = await teamOf(io, repo);
  const recipients = team.how === 'made' || team.how === 'found' ? team.recipients : [];
  const plan = await planInstall(repo, { ...options, recipients }, installed);
  const done = await applyInstall(repo, plan, installed);
  if (flags['json'] === true)
    io.print(
      `${JSON.stringify({ schema: 'agent-log/init/v1', mode: plan.mode, agents: plan.agents, changes: done, team })}\n`,
    );
  else
    io.print(
      renderInstall(
        {
          done,
          mode: plan.mode,
          agents: plan.agents,
          userHooks: plan.paths.userHooks,
          afterwards: plan.afterwards,
          team,
          cwd: io.cwd,
        },
        io.paint,
      ),
    );
  return 0;
}

async function teamOf(io: Io, repo: Repository): Promise<Team> {
  const ledger = openLedger(repo);
  try {
    return await findTeam(ledger, io.env, io.now);
  } finally {
    ledger.close();
  }
}

function optionsOf(flags: Flags): InstallOptions {
  if (flags['shared'] === true && flags['user'] === true)
    throw new AgentLogError('BAD_ARGUMENT', 'usage', '--shared and --user exclude each other', {
      hints: ['Leave one of them out; without either, the settings are this clone’s alone.'],
    });
  const agents = textFlag(flags, 'agents') ?? 'claude-code';
  return {
    agents: agents
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && name !== 'none'),
    scope: flags['shared'] === true ? 'shared' : flags['user'] === true ? 'user' : 'local',
    gitHooks: flags['hooks'] !== false,
    node: process.execPath,
    program: realpathSync(process.argv[1] ?? ''),
    teamFiles: flags['policy'] === true ? STARTER_FILES : [],
  };
}
