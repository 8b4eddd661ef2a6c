import { AgentLogError } from '../../core/errors.ts';
import { readConfig } from '../../git/repository/config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { anchorLosses, seenAnchorBranch } from '../../ledger/told/anchor-branch.ts';
import type { Finding } from './finding.ts';

const PROTECT = 'Protect it at the host: no force pushes, no deletion, and only the pipeline pushes there.';

/** Whether the ledger has all that the last checkpoint kept, as this clone last saw it: nobody is asked. Nothing where no branch is set. */
export async function anchorFindings(ledger: Ledger): Promise<Finding[]> {
  const name = (await readConfig(ledger.repo, ['agentlog'])).get('agentlog.anchorbranch') ?? '';
  if (name === '') return [];
  const check = 'anchor branch';
  try {
    const branch = await seenAnchorBranch(ledger, name);
    if (branch.tip === null)
      return [
        { check, state: 'warn', says: `this clone knows of no checkpoint on ${name} yet`, hint: PROTECT },
      ];
    const losses = await anchorLosses(ledger, branch);
    if (losses.length === 0)
      return [{ check, state: 'ok', says: `the ledger has all that ${name} keeps`, hint: PROTECT }];
    return [
      {
        check,
        state: 'bad',
        says: `the ledger lacks lines of ${losses.length} note(s) that ${name} keeps`,
        hint: `\`git agent-log sync --fetch\`; if they are still gone, the ledger was rewritten: the tree of ${name} has them under ledger/.`,
      },
    ];
  } catch (error) {
    if (!(error instanceof AgentLogError)) throw error;
    return [{ check, state: 'bad', says: error.message, hint: error.hints[0] ?? PROTECT }];
  }
}
