import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommit } from '../git/objects/objects.ts';
import type { Scratch } from '../git/objects/scratch.ts';
import { runGit } from '../git/process/runner.ts';
import { isPlainStore } from './plain-store.ts';
import { runThere, type Workplace } from './workplace.ts';

/** What a command left may be made to be read for ever: a pipe in the place of a file. */
const LIMIT_MS = 120_000;

const OID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The tree the calls left: that of the commit they made, else of the worktree as it stands. git runs in a repository of ours
 * for it: in theirs it would heed settings that what ran there has made.
 */
export async function treeAfter(place: Workplace, scratch: Scratch, base: string | null): Promise<string> {
  const head = await headThere(place);
  const made = OID.test(head) && head !== base ? await commitThere(place, scratch, head) : null;
  return made ?? worktreeTree(place, scratch);
}

/** The tree of a commit that was made there; null where git had better not read what it is in. */
async function commitThere({ folder }: Workplace, scratch: Scratch, oid: string): Promise<string | null> {
  const gitDir = join(folder, '.git');
  if (!(await isPlainStore(gitDir))) return null;
  await appendFile(join(scratch.dir, 'objects', 'info', 'alternates'), `${join(gitDir, 'objects')}\n`);
  return (await readCommit(scratch.reader, oid))?.tree ?? null;
}

/** The commit there, as long as all it is made of is there, too: naming a tree is not making it. */
async function headThere(place: Workplace): Promise<string> {
  const script = 'git rev-parse -q --verify HEAD && git rev-list --objects --no-walk --quiet HEAD';
  const { how, code, stdout } = await runThere(place, place.at, ['/bin/sh', '-c', script]);
  return how === 'exit' && code === 0 ? stdout.trim() : '';
}

async function worktreeTree({ folder }: Workplace, scratch: Scratch): Promise<string> {
  const env = {
    ...scratch.env,
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: join(scratch.dir, 'replay-index'),
    GIT_OPTIONAL_LOCKS: '1',
  };
  const there = { cwd: folder, foreign: true };
  // What git can't take in, as a repository without a commit, is in no tree either.
  const args = ['-c', 'core.bare=false', 'add', '-A', '--ignore-errors', '--', '.'];
  await runGit(there, { args, env, okCodes: [1], limit: LIMIT_MS });
  const { stdout } = await runGit(there, { args: ['write-tree'], env });
  return stdout.toString('latin1').trim();
}
