import { join } from 'node:path';
import { runGit } from './runner.ts';
import type { Scratch } from './scratch.ts';

/** What a path of a tree is to be; null takes it away. */
export interface TreeEdit {
  readonly path: string;
  readonly entry: { readonly mode: string; readonly oid: string } | null;
}

/** A tree with some paths changed, written into the scratch repository. */
export async function editTree(scratch: Scratch, tree: string, edits: readonly TreeEdit[]): Promise<string> {
  if (edits.length === 0) return tree;
  const env = { ...scratch.env, GIT_INDEX_FILE: join(scratch.dir, 'index') };
  const none = '0'.repeat(scratch.format === 'sha256' ? 64 : 40);
  const removed = edits.filter(({ entry }) => entry === null);
  const lines = [...removed, ...edits.filter(({ entry }) => entry !== null)].map(
    ({ path, entry }) => `${entry?.mode ?? '0'} ${entry?.oid ?? none}\t${path}\0`,
  );
  await runGit(scratch, { args: ['read-tree', tree], env });
  await runGit(scratch, { args: ['update-index', '-z', '--index-info'], stdin: lines.join(''), env });
  const { stdout } = await runGit(scratch, { args: ['write-tree'], env });
  return stdout.toString('utf8').trim();
}
