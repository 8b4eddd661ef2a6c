import { AgentLogError } from '../../core/errors.ts';
import { diffEntries, type Entry } from '../../git/diffs/entry-diff.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { objectAtPath } from '../notes/fanout.ts';

/** A note in a blob. */
export interface NoteBlob {
  readonly object: string;
  readonly blob: string;
}

/**
 * The notes of one commit of the ledger that another does not have in the same blob. Compared by object: a ledger that
 * is only fanned out anew has every note at another path, and none of them anew. Null when git can't tell, for the other
 * commit is no longer there.
 */
export async function addedNotes(
  repo: Repository,
  from: string,
  to: string,
): Promise<readonly NoteBlob[] | null> {
  try {
    return await added(repo, from, to);
  } catch (error) {
    if (error instanceof AgentLogError && error.code === 'GIT_FAILED') return null;
    throw error;
  }
}

async function added(repo: Repository, from: string, to: string): Promise<NoteBlob[]> {
  const [before, after] = [new Set<string>(), new Map<string, NoteBlob>()];
  for await (const diff of diffEntries(repo, from, to)) {
    const object = objectAtPath(diff.path, from.length);
    if (object === null) continue;
    const [old, now] = [fileIn(diff.from), fileIn(diff.to)];
    if (old !== null) before.add(`${object} ${old}`);
    if (now !== null) after.set(`${object} ${now}`, { object, blob: now });
  }
  return [...after].flatMap(([key, note]) => (before.has(key) ? [] : [note]));
}

function fileIn(entry: Entry | null): string | null {
  return entry?.mode.startsWith('100') === true ? entry.oid : null;
}
