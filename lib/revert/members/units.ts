import type { GitPlace } from '../../git/process/runner.ts';
import { linesOf, streamGit } from '../../git/process/stream.ts';

/** Where some commits came onto a branch, step by step of its first parents. */
export interface Landings {
  /** Each commit asked about, by the first-parent commit of the branch it came with. Those that never came are not in it. */
  readonly cameWith: ReadonlyMap<string, string>;
  /** Those first-parent commits, oldest first. */
  readonly order: readonly string[];
  /** What else came with those steps: every commit but merges, oldest last. */
  readonly others: ReadonlyMap<string, readonly string[]>;
  /** The branch's own commits, newest first, as far down as it was read. */
  readonly line: readonly LineCommit[];
}

/** A commit of a branch's own line. */
export interface LineCommit {
  readonly commit: string;
  readonly tree: string;
  readonly parent: string | null;
}

/**
 * Finds where commits came onto a branch. Reads the history from the tip only as far down as the last of them lies.
 * Throws GIT_FAILED when git does not know the tip.
 */
export async function landingsOn(
  place: GitPlace,
  tip: string,
  commits: ReadonlySet<string>,
): Promise<Landings> {
  const { parents, trees } = await historyDownTo(place, tip, commits);
  const chain = firstParents(parents, tip);
  const owner = stepOfEach(parents, chain);
  const cameWith = new Map<string, string>();
  for (const commit of commits) {
    const step = owner.get(commit);
    if (step !== undefined) cameWith.set(commit, step);
  }
  const wanted = new Set(cameWith.values());
  const others = new Map<string, string[]>([...wanted].map((step) => [step, []]));
  for (const [commit, step] of owner)
    if (wanted.has(step) && commit !== step && !commits.has(commit) && !isMerge(parents, commit))
      others.get(step)?.push(commit);
  const line = chain.map((commit) => {
    const parent = parents.get(commit)?.[0] ?? null;
    return { commit, tree: trees.get(commit) ?? '', parent };
  });
  return { cameWith, order: [...new Set(owner.values())].filter((step) => wanted.has(step)), others, line };
}

type Parents = ReadonlyMap<string, readonly string[]>;

function isMerge(parents: Parents, commit: string): boolean {
  return (parents.get(commit)?.length ?? 0) > 1;
}

/** Parents and tree of each commit, from the tip down until every wanted commit was seen. */
async function historyDownTo(
  place: GitPlace,
  tip: string,
  wanted: ReadonlySet<string>,
): Promise<{ readonly parents: Parents; readonly trees: ReadonlyMap<string, string> }> {
  const parents = new Map<string, readonly string[]>();
  const trees = new Map<string, string>();
  const missing = new Set(wanted);
  if (missing.size === 0) return { parents, trees };
  const args = ['log', '--topo-order', '--no-show-signature', '--format=%H %T %P', '--end-of-options', tip];
  for await (const line of linesOf(streamGit(place, { args: [...args, '--'] }))) {
    const [commit = '', tree = '', ...of] = line.trimEnd().split(' ');
    parents.set(commit, of);
    trees.set(commit, tree);
    missing.delete(commit);
    if (missing.size === 0) break;
  }
  return { parents, trees };
}

/** The branch's own commits, newest first. */
function firstParents(parents: Parents, tip: string): string[] {
  const chain: string[] = [];
  for (let at: string | undefined = tip; at !== undefined && parents.has(at); at = parents.get(at)?.[0])
    chain.push(at);
  return chain;
}

/** The step of the branch that first reaches each commit: from the oldest step up, each takes what no older one reached. */
function stepOfEach(parents: Parents, chain: readonly string[]): Map<string, string> {
  const owner = new Map<string, string>();
  for (const step of [...chain].reverse()) {
    const waiting = [step];
    for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
      if (owner.has(commit) || !parents.has(commit)) continue;
      owner.set(commit, step);
      waiting.push(...(parents.get(commit) ?? []));
    }
  }
  return owner;
}
