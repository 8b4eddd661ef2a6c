import type { Repository } from '../../git/repository.ts';
import { runGit } from '../../git/runner.ts';
import { objectAtPath } from '../fanout.ts';

/** A note in a blob. */
export interface NoteBlob {
  readonly object: string;
  readonly blob: string;
}

const DIFF = [
  'diff-tree',
  '-r',
  '-z',
  '--raw',
  '--no-renames',
  '--no-abbrev',
  '--no-ext-diff',
  '--no-relative',
  '--no-commit-id',
];

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
  const { code, stdout } = await runGit(repo, { args: [...DIFF, from, to, '--'], okCodes: [1, 128] });
  if (code !== 0) return null;
  const [before, after] = [new Set<string>(), new Map<string, NoteBlob>()];
  const parts = stdout.toString('latin1').split('\0');
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const object = objectAtPath(parts[at + 1] ?? '', from.length);
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = ''] = (parts[at] ?? '').slice(1).split(' ');
    if (object === null) continue;
    if (isFile(oldMode)) before.add(`${object} ${oldBlob}`);
    if (isFile(newMode)) after.set(`${object} ${newBlob}`, { object, blob: newBlob });
  }
  return [...after].flatMap(([key, note]) => (before.has(key) ? [] : [note]));
}

function isFile(mode: string): boolean {
  return mode.startsWith('100');
}
