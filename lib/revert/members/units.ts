import { areChildrenFirst, type LoggedCommit } from '../../git/history/logged-range.ts';
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
 * Finds where commits came onto a branch. Reads the history from the tip only as far down as the last of them lies, and
 * whatever came along with them: git is asked only where `newest`, what is known of it already, does not reach so far. Throws GIT_FAILED
 * when git does not know the tip.
 */
export async function landingsOn(
  place: GitPlace,
  tip: string,
  commits: ReadonlySet<string>,
  newest: readonly Pick<LoggedCommit, 'commit' | 'tree' | 'parents'>[] = [],
): Promise<Landings> {
  const known = new BranchWalk(tip, commits);
  if (areChildrenFirst(newest))
    for (const { commit, tree, parents } of newest) {
      known.take(commit, tree, parents);
      if (known.isDone()) return known.landings();
    }
  const walk = new BranchWalk(tip, commits);
  const args = ['log', '--topo-order', '--no-show-signature', '--format=%H %T %P', '--end-of-options', tip];
  if (commits.size > 0)
    for await (const text of linesOf(streamGit(place, { args: [...args, '--'] }))) {
      const [commit = '', tree = '', ...parents] = text.trimEnd().split(' ');
      walk.take(commit, tree, parents);
      if (walk.isDone()) break;
    }
  return walk.landings();
}

/** What was read of the history of a branch, where no commit comes before one that leads to it. */
class BranchWalk {
  readonly #wanted: ReadonlySet<string>;
  readonly #missing: Set<string>;
  /** The branch's own commits, newest first. */
  readonly #line: LineCommit[] = [];
  /** By its place in the line, the oldest step that leads to each commit that was read. */
  readonly #steps = new Map<string, number>();
  /** The same of the parents that were not read. All that leads to a commit was read before it, so this is final then. */
  readonly #open = new Map<string, number>();
  readonly #merges = new Set<string>();
  /** Steps that wanted commits came with. */
  readonly #landed = new Set<number>();
  #next: string | null;

  constructor(tip: string, wanted: ReadonlySet<string>) {
    this.#next = tip;
    this.#wanted = wanted;
    this.#missing = new Set(wanted);
  }

  take(commit: string, tree: string, parents: readonly string[]): void {
    const isStep = commit === this.#next;
    const step = isStep ? this.#line.length : (this.#open.get(commit) ?? 0);
    if (isStep) {
      this.#next = parents[0] ?? null;
      this.#line.push({ commit, tree, parent: this.#next });
    }
    this.#steps.set(commit, step);
    this.#open.delete(commit);
    for (const parent of parents) this.#open.set(parent, Math.max(step, this.#open.get(parent) ?? 0));
    if (parents.length > 1) this.#merges.add(commit);
    if (this.#missing.delete(commit)) this.#landed.add(step);
  }

  /** Every wanted commit was read, and all that came along: what somebody else's branch began with may lie below them. */
  isDone(): boolean {
    if (this.#missing.size > 0) return false;
    for (const [commit, step] of this.#open)
      if (commit !== this.#next && this.#landed.has(step)) return false;
    return true;
  }

  landings(): Landings {
    const commitOf = (step: number): string => this.#line[step]?.commit ?? '';
    const cameWith = new Map<string, string>();
    const order = [...this.#landed].sort((a, b) => b - a).map(commitOf);
    const others = new Map<string, string[]>(order.map((commit) => [commit, []]));
    for (const [commit, step] of this.#steps) {
      if (this.#wanted.has(commit)) cameWith.set(commit, commitOf(step));
      else if (commit !== commitOf(step) && !this.#merges.has(commit))
        others.get(commitOf(step))?.push(commit);
    }
    return { cameWith, order, others, line: this.#line };
  }
}
