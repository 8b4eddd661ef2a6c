import type { ObjectFormat } from '../../core/digest.ts';
import { type GitPlace, runGit } from '../process/runner.ts';
import { DURABLE } from './fast-import.ts';
import { changeCommand, data, inChunks, type PathChange } from './import-stream.ts';

/** A commit without a parent: a tree, and some of its paths changed. */
export interface RootCommit {
  /** The tree to begin with; null for an empty one. */
  readonly tree: string | null;
  /** May be gone through more than once. */
  readonly changes: Iterable<PathChange>;
  readonly message: string;
}

/** Always the same, so that who has the same tree has the same commit. */
const NOBODY = 'git-agent-log <noreply@git-agent-log.invalid> 0 +0000';
/** fast-import makes a commit on a branch. These are taken away again before they become refs. */
const BRANCH = 'refs/agent-log/unborn';

/** Writes commits without parents in one process, and moves no ref. Gives their ids. Throws GIT_FAILED. */
export async function writeRootCommits(
  place: GitPlace & { readonly format: ObjectFormat },
  commits: readonly RootCommit[],
): Promise<string[]> {
  const args = [...DURABLE, 'fast-import', '--quiet', '--done', '--date-format=raw-permissive'];
  const { stdout } = await runGit(place, { args, stdin: inChunks(commands(place.format, commits)) });
  return stdout.toString('utf8').trim().split('\n');
}

function* commands(format: ObjectFormat, commits: readonly RootCommit[]): Generator<Buffer> {
  const nothing = '0'.repeat(format === 'sha256' ? 64 : 40);
  for (const [i, { tree, changes, message }] of commits.entries()) {
    yield Buffer.from(`commit ${BRANCH}-${i}\nmark :${i + 1}\ncommitter ${NOBODY}\n`);
    yield* data(Buffer.from(message));
    if (tree !== null) yield Buffer.from(`M 040000 ${tree} \n`);
    for (const change of changes) yield* changeCommand(change);
    yield Buffer.from(`reset ${BRANCH}-${i}\nfrom ${nothing}\n\n`);
  }
  for (const i of commits.keys()) yield Buffer.from(`get-mark :${i + 1}\n`);
  yield Buffer.from('done\n');
}
