import { AgentLogError } from '../../core/errors.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Flags } from '../table/table.ts';
import { wordsFlag } from './words.ts';

/** What --evidence names: commits, or digests of files; nothing where it was not given. Throws NOT_FOUND. */
export async function evidenceOf(ledger: Ledger, flags: Flags): Promise<{ evidence?: string[] }> {
  const words = wordsFlag(flags, 'evidence');
  if (words === undefined) return {};
  return { evidence: await Promise.all(words.map((word) => digestOf(ledger, word))) };
}

/** A digest as it is; anything else is a commit. */
async function digestOf(ledger: Ledger, word: string): Promise<string> {
  return /^(sha256:)?[0-9a-f]{64}$|^[0-9a-f]{40}$/.test(word) ? word : oidOf(ledger, word);
}

/** The whole id of a commit, named as git does. Throws NOT_FOUND. */
export async function oidOf(ledger: Ledger, revision: string): Promise<string> {
  const commit = await readCommit(ledger.reader, revision);
  if (commit !== null) return commit.oid;
  throw new AgentLogError('NOT_FOUND', 'answer', `no commit is called '${revision}'`, {
    hints: ['Name a commit as git does, or a file by its digest: sha256:…'],
  });
}
