import { AgentLogError } from '../../core/errors.ts';
import { pathFromTop } from '../../git/repository/path-from-top.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { txnNamed } from '../../ledger/reading/txn.ts';
import type { Flags } from '../table/table.ts';

/** What a command line names: transactions, and paths seen from the top of the worktree. */
export interface Named {
  readonly txns: readonly string[];
  readonly paths: readonly string[];
}

/**
 * Tells transactions from paths. `--path` takes every word that follows it, so where no transaction is named elsewhere the
 * last of two or more is one, if it names one and no file. Throws BAD_ARGUMENT.
 */
export async function namedIn(ledger: Ledger, args: readonly string[], given: Flags[string]): Promise<Named> {
  const words = Array.isArray(given) ? given : [];
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  const isMissing = args.length === 0;
  if (isMissing && last === '') throw needsTxn(words);
  const isLast = isMissing && !(await isFile(ledger, last)) && (await isTxn(ledger, last));
  if (isMissing && !isLast) throw needsTxn(words);
  const paths = await pathsFrom(ledger, isLast ? words.slice(0, -1) : words);
  return { txns: isLast ? [last] : args, paths };
}

export function needsTxn(words: readonly string[]): AgentLogError {
  const name = 'Name it by its id, by 8 or more of its first characters, or by a commit that belongs to it.';
  const taken =
    words.length === 0 ? [] : ['--path takes all words that follow: put the transaction before it.'];
  return new AgentLogError('BAD_ARGUMENT', 'usage', 'agent-revert needs a transaction', {
    hints: [name, ...taken],
  });
}

async function isTxn(ledger: Ledger, word: string): Promise<boolean> {
  try {
    await txnNamed(ledger, word);
    return true;
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

/** Whether the branch has a file or folder of that name. */
async function isFile(ledger: Ledger, word: string): Promise<boolean> {
  const path = await pathFromTop(ledger.repo, word);
  return path !== null && (await ledger.reader.read(`HEAD:${path}`)) !== null;
}

async function pathsFrom({ repo }: Ledger, words: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const one of words) {
    const path = await pathFromTop(repo, one);
    if (path === null)
      throw new AgentLogError('BAD_ARGUMENT', 'usage', `'${one}' is not in this repository`, {
        hints: ['Paths are seen from the folder you are in.'],
      });
    paths.push(path);
  }
  return paths;
}
