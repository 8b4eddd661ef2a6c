import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { makeRepo, removeFolder, repoIn } from '../place.mjs';
import { recordedHistory } from '../recorded-history.mjs';

/**
 * The repository of a history, in a folder that may hold others: made once, and found again by what is in it. Runs side by
 * side may make it at the same time; one of them wins.
 */
export async function repositoryOf(root, commits) {
  const name = createHash('sha256').update(
    JSON.stringify(commits.map(({ files, gone, task }) => [files, gone, task])),
  );
  const folder = join(root, name.digest('hex').slice(0, 12));
  if (!existsSync(folder)) await make(root, folder, commits);
  const repo = repoIn(folder, 'repo');
  return { repo, oids: repo.git('log', '--reverse', '--format=%H', 'main').split('\n') };
}

async function make(root, folder, commits) {
  mkdirSync(root, { recursive: true });
  const making = mkdtempSync(join(root, 'making-'));
  mkdirSync(join(making, 'home'));
  await recordedHistory(making, makeRepo(making, 'repo'), commits);
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    removeFolder(making);
  }
}
