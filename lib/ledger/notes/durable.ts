import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentLogError } from '../../core/errors.ts';
import {
  type ImportCommit,
  type ImportOutcome,
  importCommit,
  type PathChange,
} from '../../git/objects/fast-import.ts';
import type { Repository } from '../../git/repository/repository.ts';
import type { Ledger } from '../ledger.ts';
import { syncFolder } from './files.ts';

/** Over this many git writes a pack, which it keeps from being pruned until the ref has moved. */
const MAX_CHECKED = 1000;
const MAX_REPAIRS = 5;

/**
 * Writes the commit, moves the ref, and returns once both survive whatever comes. git has the contents on disk by then;
 * their names are brought there here. A `git gc --prune=now` at the same moment may take the new objects away before a
 * ref leads to them: that is looked for, and then the same objects are written again.
 */
export async function importDurably(ledger: Ledger, commit: ImportCommit): Promise<ImportOutcome> {
  const { repo } = ledger;
  const before = await objectFolders(repo);
  const outcome = await importCommit(repo, commit);
  if (!outcome.moved) return outcome;
  for (let tries = 0; !(await isWhole(ledger, commit, outcome.commit)); tries++) {
    if (tries === MAX_REPAIRS) throw objectsGone(commit.ref);
    await importCommit(repo, commit);
  }
  await syncNames(repo, commit.ref, before);
  return outcome;
}

/** Every note that was written can be read by way of the new commit: its trees and the note itself are there. */
async function isWhole(ledger: Ledger, { changes }: ImportCommit, oid: string): Promise<boolean> {
  const paths = [...changes].filter(canBeAskedFor).map(({ path }) => path);
  if (paths.length > MAX_CHECKED) return true;
  const found = await Promise.all(paths.map((path) => ledger.reader.read(`${oid}:${path}`)));
  return found.every((object) => object !== null);
}

/** Not what is deleted, nor a submodule, whose commit is elsewhere, nor what other tools call by names no line can hold. */
function canBeAskedFor(change: PathChange): boolean {
  if (change.op === 'delete' || (change.op === 'object' && change.mode === '160000')) return false;
  return /^[\x20-\x7e]+$/.test(change.path);
}

/** A file is durable when its folder is: those of the objects first, then that of the ref that leads to them. */
async function syncNames(repo: Repository, ref: string, before: ReadonlyMap<string, number>): Promise<void> {
  const after = await objectFolders(repo);
  const changed = [...after].filter(([path, at]) => before.get(path) !== at).map(([path]) => path);
  await Promise.all(changed.map(syncIfThere));
  await Promise.all([dirname(ref), 'reftable'].map((folder) => syncIfThere(join(repo.commonDir, folder))));
}

/** Where refs are packed, or objects, their folders go. */
async function syncIfThere(folder: string): Promise<void> {
  await syncFolder(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** When a name in each folder of objects changed last, as its file system says it. */
async function objectFolders(repo: Repository): Promise<Map<string, number>> {
  const objects = join(repo.commonDir, 'objects');
  const names = (await readdir(objects)).filter((name) => /^(?:[0-9a-f]{2}|pack)$/.test(name));
  const paths = [objects, ...names.map((name) => join(objects, name))];
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, (await stat(path).catch(() => null))?.mtimeMs ?? 0] as const),
    ),
  );
}

function objectsGone(ref: string): AgentLogError {
  return new AgentLogError('NOT_APPENDED', 'system', `objects of ${ref} vanish as soon as they are written`, {
    hints: [
      'Something prunes this repository again and again (`git gc --prune=now`): try again when it is done.',
    ],
  });
}
