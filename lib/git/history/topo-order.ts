import type { GitPlace } from '../process/runner.ts';
import { linesOf, streamGit } from '../process/stream.ts';

/**
 * Sorts commits, given by id, so that none comes before one it descends from. Commits that have nothing to do with one
 * another come in the same order however they were given. Throws GIT_FAILED when one is not here.
 */
export async function inTopoOrder(place: GitPlace, commits: Iterable<string>): Promise<string[]> {
  const missing = new Set(commits);
  const newestFirst: string[] = [];
  if (missing.size === 0) return newestFirst;
  const stdin = `${[...missing].sort().join('\n')}\n`;
  for await (const oid of linesOf(
    streamGit(place, { args: ['rev-list', '--topo-order', '--stdin'], stdin }),
  )) {
    if (missing.delete(oid)) newestFirst.push(oid);
    // What lies below the last one asked for is history nobody wants.
    if (missing.size === 0) break;
  }
  return newestFirst.reverse();
}
