import { type Scratch, writeCommit } from '../objects/scratch.ts';
import { gitFailed, runGit } from '../process/runner.ts';
import { emptyTree } from '../repository/index-diff.ts';
import type { MergeSaid } from './merge-answers.ts';

/** Three trees: what `theirs` changed since `base` is made in `ours`. */
export interface ThreeTrees {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** The side that was made last: what it deleted stays deleted. Neither when not given. */
  readonly later?: 'ours' | 'theirs';
}

/** One thing git could not merge. */
export interface MergeConflict {
  /** git's own stable name for it, as `CONFLICT (contents)`. */
  readonly type: string;
  readonly paths: readonly string[];
}

export interface Merged {
  /** With conflict markers in it unless it is clean. */
  readonly tree: string;
  /** Empty when the merge is clean. */
  readonly conflicts: readonly MergeConflict[];
  /** Paths that the later side deleted and the other one changed. */
  readonly keptDeleted?: readonly string[];
}

/**
 * Merges trees with git's own merge (`ort`), in one process, into the scratch repository; renames are followed. Clean or
 * not is told by git's exit code. Throws GIT_FAILED when an object is not here.
 */
export async function mergeTrees(scratch: Scratch, { base, ours, theirs }: ThreeTrees): Promise<Merged> {
  const trivial = trivialMerge(base, ours, theirs);
  if (trivial !== null) return { tree: trivial, conflicts: [] };
  const root = await writeCommit(scratch, base, []);
  const [one, other] = await Promise.all([
    writeCommit(scratch, ours, [root]),
    writeCommit(scratch, theirs, [root]),
  ]);
  return mergeCommits(scratch, one, other);
}

/** Merges two commits as git would, into the scratch repository. Throws GIT_FAILED when one is not here. */
export async function mergeCommits(scratch: Scratch, one: string, other: string): Promise<Merged> {
  const { code, stdout } = await mergeSaid(scratch, one, other);
  if (code === ABORTED)
    return { tree: emptyTree(scratch.format), conflicts: [{ type: 'CONFLICT (git gave up)', paths: [] }] };
  const said = parseMerge(stdout.toString('utf8'));
  return code === 0 ? { tree: said.tree, conflicts: [] } : said;
}

/**
 * Merges the parents of a commit as git does, an octopus one after another. With conflicts, what is left of them lies where they
 * were met first. Throws GIT_FAILED when one is not here.
 */
export async function mergeOfParents(scratch: Scratch, parents: readonly string[]): Promise<Merged> {
  const [first = '', second = '', ...more] = parents;
  let head = first;
  let merged = await mergeCommits(scratch, first, second);
  for (const [at, next] of more.entries()) {
    if (merged.conflicts.length > 0) return merged;
    head = await writeCommit(scratch, merged.tree, [head, parents[at + 1] ?? '']);
    merged = await mergeCommits(scratch, head, next);
  }
  return merged;
}

/** What a process of its own says where the shell could not be asked, or git failed: it tells why. */
async function mergeSaid(scratch: Scratch, one: string, other: string): Promise<MergeSaid> {
  const areIds = [one, other].every((name) => /^[0-9a-f]{40,64}$/.test(name));
  const said = areIds ? await scratch.merges.merge(one, other) : null;
  if (said !== null && hasMerged(said)) return said;
  const args = ['merge-tree', '--write-tree', '-z', '--messages', '--name-only', one, other];
  const made = await runGit(scratch, { args, env: scratch.env, okCodes: [1, ABORTED] });
  if (!hasMerged(made)) throw gitFailed(args, made.code, made.stderr);
  return made;
}

/** Of a commit that is not here git 2.39 says with 1, as of a conflict, and names no tree. */
function hasMerged({ code, stdout }: MergeSaid): boolean {
  return code === 0 || code === ABORTED || (code === 1 && stdout.length > 0);
}

/** git 2.39 ends itself over some renamed folders, its own check (an assertion) having failed. */
const ABORTED = 128 + 6;

function trivialMerge(base: string, ours: string, theirs: string): string | null {
  if (ours === theirs || base === theirs) return ours;
  return base === ours ? theirs : null;
}

/** What `merge-tree -z --name-only` prints: the tree, the paths in conflict, an empty field, then messages. */
export function parseMerge(text: string): Merged {
  const fields = text.split('\0');
  const [tree = ''] = fields;
  const conflicts: MergeConflict[] = [];
  let at = fields.indexOf('', 1) + 1;
  while (at > 0 && at < fields.length - 1) {
    const count = Number(fields[at]);
    if (!Number.isInteger(count) || count < 0) break;
    const paths = fields.slice(at + 1, at + 1 + count);
    const type = fields[at + 1 + count] ?? '';
    if (type.startsWith('CONFLICT')) conflicts.push({ type, paths });
    at += count + 3;
  }
  return { tree: tree.trim(), conflicts };
}
