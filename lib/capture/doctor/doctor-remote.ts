import { AgentLogError } from '../../core/errors.ts';
import { diffEntries } from '../../git/diffs/entry-diff.ts';
import { runGit } from '../../git/process/runner.ts';
import { remoteNames } from '../../git/refs/remote.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { type Ledger, ledgerTip } from '../../ledger/ledger.ts';
import { newNotes } from '../../ledger/sync/merge.ts';
import { groupEntries } from '../../ledger/sync/merge-sides.ts';
import { defaultRemote, rememberedRefs, remoteLedger } from '../../ledger/sync/remote-ledger.ts';
import type { Finding } from './finding.ts';

const SYNC = 'git agent-log sync';

/** Whether the remote has our records, as far as this clone knows: nobody is asked. Nothing without a remote. */
export async function remoteFindings(ledger: Ledger): Promise<Finding[]> {
  const { repo } = ledger;
  const name = await defaultRemote(repo).catch((error: unknown) => {
    if (error instanceof AgentLogError && error.code === 'NO_REMOTE') return null;
    throw error;
  });
  if (name === null) return [];
  const [tip, known] = await Promise.all([ledgerTip(ledger), rememberedRefs(repo)]);
  const side = remoteLedger(name, await remoteNames(repo));
  const check = 'remote ledger';
  if (tip === null)
    return [
      {
        check,
        state: 'ok',
        says: `no records here yet; ${side.name} may have some`,
        hint: `\`${SYNC}\` fetches them.`,
      },
    ];
  const pushed = known.get(side.pushed);
  if (pushed === tip) return [{ check, state: 'ok', says: `${side.name} has all of it` }];
  const diff = await groupEntries(diffEntries(repo, pushed ?? emptyTree(repo.format), tip), tip.length);
  const says = `${newNotes(diff, 'to').length} note(s) are not known to be at ${side.name}`;
  if (known.get(side.refused) === tip)
    return [
      {
        check,
        state: 'warn',
        says: `${says}: it refused them`,
        hint: `\`${SYNC}\` tries again and says why.`,
      },
    ];
  const off = (await isOff(ledger, 'agentLog.push')) || (await isOff(ledger, `remote.${name}.agentLogPush`));
  const why = off ? ', and pushes do not take them along (agentLog.push)' : '';
  return [
    {
      check,
      state: 'warn',
      says: `${says}${why}`,
      hint: `The next \`git push\` takes them along, or \`${SYNC}\`.`,
    },
  ];
}

async function isOff(ledger: Ledger, key: string): Promise<boolean> {
  const args = ['config', '--type=bool', '--get', key];
  const { stdout } = await runGit(ledger.repo, { args, okCodes: [1, 128] });
  return stdout.toString('utf8').trim() === 'false';
}
