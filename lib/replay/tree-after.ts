import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCommit } from '../git/objects.ts';
import { runGit } from '../git/runner.ts';
import type { Scratch } from '../git/scratch.ts';
import { runThere, type Workplace } from './workplace.ts';

/** What a command left may be made to be read for ever: a pipe in the place of a file. */
const LIMIT_MS = 120_000;

const OID = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/**
 * The tree the calls left: that of the commit they made, else of the worktree as it stands. git runs in a repository of ours
 * for it: in theirs it would heed settings that what ran there has made.
 */
export async function treeAfter(place: Workplace, scratch: Scratch, base: string | null): Promise<string> {
  await appendFile(
    join(scratch.dir, 'objects', 'info', 'alternates'),
    `${join(place.folder, '.git', 'objects')}\n`,
  );
  const head = await headThere(place);
  const commit = OID.test(head) && head !== base ? await readCommit(scratch.reader, head) : null;
  return commit?.tree ?? worktreeTree(place, scratch);
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
  await runGit(there, { args: ['-c', 'core.bare=false', 'add', '-A', '--', '.'], env, limit: LIMIT_MS });
  const { stdout } = await runGit(there, { args: ['write-tree'], env });
  return stdout.toString('latin1').trim();
}
