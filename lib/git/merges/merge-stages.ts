import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Scratch, writeCommit } from '../objects/scratch.ts';
import { runGit } from '../process/runner.ts';
import type { ThreeTrees } from './merge-trees.ts';

/** An entry of an index in conflict: stage 1 is the base, 2 ours, 3 theirs. */
export interface StageEntry {
  readonly mode: string;
  readonly oid: string;
  readonly stage: string;
  /** Bytes as latin1. */
  readonly path: string;
}

export interface StagedMerge {
  /** With conflict markers in it unless it is clean. */
  readonly tree: string;
  /** What an index would hold of paths in conflict; empty when the merge is clean. */
  readonly stages: readonly StageEntry[];
}

/**
 * Merges trees as `mergeTrees` does, and tells what git's own merge would leave in an index. Conflict markers name `HEAD` and
 * `label`, which is a word git can have as the name of a branch.
 */
export async function mergeWithStages(
  scratch: Scratch,
  { base, ours, theirs }: ThreeTrees,
  label: string,
): Promise<StagedMerge> {
  const root = await writeCommit(scratch, base, []);
  await writeFile(join(scratch.dir, 'HEAD'), `${await writeCommit(scratch, ours, [root])}\n`);
  await runGit(scratch, {
    args: ['update-ref', `refs/heads/${label}`, await writeCommit(scratch, theirs, [root])],
    env: scratch.env,
  });
  const args = ['merge-tree', '--write-tree', '-z', '--no-messages', 'HEAD', label];
  const { stdout } = await runGit(scratch, { args, env: scratch.env, okCodes: [1] });
  const [tree = '', ...entries] = stdout.toString('latin1').split('\0');
  return { tree: tree.trim(), stages: entries.flatMap(parseEntry) };
}

function parseEntry(text: string): StageEntry[] {
  const [, mode = '', oid = '', stage = '', path = ''] =
    /^(\d{6}) ([0-9a-f]+) ([123])\t(.+)$/s.exec(text) ?? [];
  return path === '' ? [] : [{ mode, oid, stage, path }];
}
