import { AgentLogError } from '../../core/errors.ts';
import { runGit } from '../../git/process/runner.ts';
import { takeBackBound } from '../binding/pending.ts';
import { LEDGER_REF, type Ledger } from '../ledger.ts';

/** What the ledger's ref pointed at, and where it was put back to. */
export interface Mended {
  readonly was: string;
  readonly now: string;
}

const STEPS_BACK = 200;

/**
 * Puts the ledger back to its newest whole state where its ref leads to objects that are not there: a prune of
 * everything (`git gc --prune=now`) may take what is being written, as it may take anybody's new commit, and a disk may
 * fail. What was bound within a day waits again. Null when nothing is wrong. Throws LEDGER_DAMAGED where no whole state is known.
 */
export async function mendLedger(ledger: Ledger): Promise<Mended | null> {
  const was = await brokenTip(ledger);
  if (was === null) return null;
  for (let back = 1; back <= STEPS_BACK; back++) {
    const oid = await nameOf(ledger, `${LEDGER_REF}@{${back}}`);
    if (oid === null) break;
    if (oid === was || !(await isWhole(ledger, oid))) continue;
    // Else somebody was faster.
    if (!(await moveBack(ledger, oid, was))) return null;
    await takeBackBound(ledger.repo);
    return { was, now: oid };
  }
  throw damaged(was);
}

/** The commit the ref names where it, or its tree, is not there; null when all is well, or there is no ledger. */
async function brokenTip(ledger: Ledger): Promise<string | null> {
  if ((await ledger.reader.read(`${LEDGER_REF}^{tree}`)) !== null) return null;
  return nameOf(ledger, LEDGER_REF);
}

/** What a ref or a step of its log says, whether that object is there or not: `git log -g` ends at the first that is not. */
async function nameOf({ repo }: Ledger, revision: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', revision];
  const { code, stdout } = await runGit(repo, { args, okCodes: [1, 128] });
  return code === 0 ? stdout.toString('utf8').trim() : null;
}

/** The commit with its whole tree: git says so by its exit code. */
async function isWhole({ repo }: Ledger, oid: string): Promise<boolean> {
  const args = ['rev-list', '--objects', '--no-walk', '--quiet', '--end-of-options', oid, '--'];
  return (await runGit(repo, { args, okCodes: [128] })).code === 0;
}

async function moveBack({ repo }: Ledger, to: string, from: string): Promise<boolean> {
  const args = ['update-ref', '-m', 'agent-log: mend', '--end-of-options', LEDGER_REF, to, from];
  return (await runGit(repo, { args, okCodes: [1, 128] })).code === 0;
}

function damaged(oid: string): AgentLogError {
  return new AgentLogError(
    'LEDGER_DAMAGED',
    'integrity',
    `${LEDGER_REF} leads to objects that are not there (${oid})`,
    {
      hints: [
        'Fetch the ledger from a clone that has it: `git fetch <remote> refs/notes/agent-log`.',
        `Or, where none has, put it aside: \`git update-ref -d ${LEDGER_REF}\`; records of the last day are bound again.`,
      ],
    },
  );
}
