import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isUlid } from '../../core/ulid.ts';
import { agentLogDir, type Repository } from '../../git/repository/repository.ts';
import {
  appendPrivately,
  makeFolder,
  readRegularFile,
  removeFile,
  writeFileAtomically,
} from '../../ledger/notes/files.ts';

const MAX_BYTES = 512 * 1024 * 1024;

/** Says that transactions are about to be erased: whoever comes after a crash finishes it. */
export async function intend(repo: Repository, txns: readonly string[]): Promise<void> {
  await makeFolder(folder(repo));
  for (const txn of txns) await writeFileAtomically(join(folder(repo), txn), '', true);
}

/** Transactions whose erasure was begun here. Only names are read. */
export async function intended(repo: Repository): Promise<ReadonlySet<string>> {
  return new Set((await readdir(folder(repo)).catch(() => [])).filter(isUlid));
}

/** Whether an erasure was begun here and not finished. */
export async function hasUnfinishedErasure(repo: Repository): Promise<boolean> {
  return (await intended(repo)).size > 0;
}

export async function forget(repo: Repository, txns: Iterable<string>): Promise<void> {
  for (const txn of txns) await removeFile(join(folder(repo), txn));
}

/** Erased transactions of which this clone keeps no plain text any more. */
export async function wiped(repo: Repository): Promise<ReadonlySet<string>> {
  const text = (await readRegularFile(wipedPath(repo), MAX_BYTES))?.toString('latin1') ?? '';
  return new Set(text.split('\n').filter(isUlid));
}

export async function rememberWiped(repo: Repository, txns: readonly string[]): Promise<void> {
  // A line before as well: what a full disk cut off must not swallow the next.
  await appendPrivately(wipedPath(repo), `\n${txns.join('\n')}\n`);
}

/** Held while somebody erases: else what was begun would be taken for what a crash left. */
export function erasingLock(repo: Repository): string {
  return join(agentLogDir(repo), 'erasing.lock');
}

function wipedPath(repo: Repository): string {
  return join(agentLogDir(repo), 'wiped');
}

function folder(repo: Repository): string {
  return join(agentLogDir(repo), 'erasing');
}
