import { type GitPlace, runGit } from '../process/runner.ts';

/** A file in a tree, at any depth. */
export interface TreeFile {
  readonly mode: string;
  readonly path: string;
  readonly blob: string;
  readonly size: number;
}

/** Every file of a tree, with its size, without reading any. Empty when there is no such tree. */
export async function treeFiles(place: GitPlace, tree: string): Promise<TreeFile[]> {
  const args = ['ls-tree', '-r', '-l', '-z', '--full-tree', '--end-of-options', tree];
  const { code, stdout } = await runGit(place, { args, okCodes: [128] });
  if (code !== 0) return [];
  return stdout.toString('utf8').split('\0').flatMap(treeFile);
}

function treeFile(line: string): TreeFile[] {
  const match = /^(\d{6}) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line);
  const [, mode = '', blob = '', size = '', path = ''] = match ?? [];
  return match === null ? [] : [{ mode, blob, size: Number(size), path }];
}
