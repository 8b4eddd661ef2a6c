import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Repository } from '../../git/repository/repository.ts';
import { listWorktrees } from '../../git/repository/worktrees.ts';
import type { AdapterContext } from '../agents/events.ts';
import { absolutePath } from '../agents/payload.ts';

/** PATH_MAX of Linux; others have less. */
const MAX_PATH_BYTES = 4096;

export interface RepositoryContext extends AdapterContext {
  /** True for the top of a worktree of this repository. */
  readonly isWorktree: (top: string) => boolean;
}

/** What adapters need to know of a repository: which worktrees it has, and what in them is another repository's. */
export async function adapterContext(repo: Repository): Promise<RepositoryContext> {
  const tops = (await listWorktrees(repo)).map(({ top }) => top);
  const nested = new Map<string, boolean>();
  const inWorktree = (file: string): string | null => {
    // The longest top wins: a linked worktree may lie inside the main one.
    const top = tops.filter((dir) => file.startsWith(dir + sep)).sort((a, b) => b.length - a.length)[0];
    if (top === undefined || liesInNested(top, file, nested)) return null;
    return relative(top, file).split(sep).join('/');
  };
  return {
    format: repo.format,
    isWorktree: (top) => tops.includes(top) || tops.includes(realPath(top)),
    pathInRepository(path, cwd) {
      // No system opens a longer one; looking at each of its folders would take as long as an agent likes.
      if (Buffer.byteLength(path) > MAX_PATH_BYTES) return null;
      const file = absolutePath(path, cwd ?? tops[0] ?? '/') ?? path;
      return inWorktree(file) ?? inWorktree(join(realPath(dirname(file)), basename(file)));
    },
  };
}

/** True when a folder between the top and the file is a repository of its own: a submodule, or a clone put there. */
function liesInNested(top: string, file: string, known: Map<string, boolean>): boolean {
  const folder = dirname(file);
  if (folder.length <= top.length) return false;
  const remembered = known.get(folder);
  if (remembered !== undefined) return remembered;
  const nested = existsSync(join(folder, '.git')) || liesInNested(top, folder, known);
  known.set(folder, nested);
  return nested;
}

/** The folder with its symbolic links followed; as it was when it is not there. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
