import { loadInstalled, removeInstall } from '../../capture/install/apply.ts';
import { placeOf } from '../../capture/place.ts';
import { AgentLogError } from '../../core/errors.ts';
import { escapeTerminal } from '../../core/escape.ts';
import { identitiesFolder } from '../../identity/recipients/identities.ts';
import { withLedger } from '../shared/open.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderDone } from '../views/install.ts';

export async function run(io: Io, _args: readonly string[], flags: Flags): Promise<number> {
  return withLedger(io, async ({ repo }) => {
    const installed = await loadInstalled(placeOf(repo));
    if (installed === null) {
      throw new AgentLogError('NOT_FOUND', 'answer', 'git-agent-log is not installed in this repository', {
        hints: ['`git agent-log init` installs it.'],
      });
    }
    const done = await removeInstall(repo, installed);
    if (flags['json'] === true)
      io.print(`${JSON.stringify({ schema: 'agent-log/uninit/v1', changes: done })}\n`);
    else
      io.print(
        `${renderDone(done, io.cwd, io.paint)}Records stay in refs/notes/agent-log, their texts under refs/agent-log,\nand private keys in ${escapeTerminal(identitiesFolder(io.env))}.\n`,
      );
    return 0;
  });
}
