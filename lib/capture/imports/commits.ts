import { type Commit, readCommit } from '../../git/objects/objects.ts';
import type { GitPlace } from '../../git/process/runner.ts';
import { linesOf, streamGit } from '../../git/process/stream.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** What of a commit decides whether a source is about it. */
export interface CommitPaths {
  readonly oid: string;
  /** When it was committed, in milliseconds since 1970. */
  readonly at: number;
  /** What it changes against its first parent; null when the parent is not in this clone. */
  readonly paths: ReadonlySet<string> | null;
}

const READS_AT_ONCE = 1000;
const MAX_PATHS = 100_000;

/** The commits of some ids that are in this clone, in no order. */
export async function commitPaths(ledger: Ledger, oids: Iterable<string>): Promise<Map<string, CommitPaths>> {
  const found = new Map<string, CommitPaths>();
  const all = [...new Set(oids)];
  for (let at = 0; at < all.length; at += READS_AT_ONCE) {
    const read = await Promise.all(all.slice(at, at + READS_AT_ONCE).map((oid) => readExact(ledger, oid)));
    for (const commit of await withPaths(
      ledger,
      read.filter((one) => one !== null),
    ))
      found.set(commit.oid, commit);
  }
  return found;
}

/** An object that is no commit, such as a tag of one, is not the commit a note is about. */
async function readExact(ledger: Ledger, oid: string): Promise<Commit | null> {
  const commit = await readCommit(ledger.reader, oid);
  return commit?.oid === oid ? commit : null;
}

async function withPaths(ledger: Ledger, commits: readonly Commit[]): Promise<CommitPaths[]> {
  const bases = await Promise.all(commits.map((commit) => baseTree(ledger, commit)));
  const pairs = commits.flatMap(({ tree }, i) => {
    const from = bases[i] ?? null;
    return from === null ? [] : [{ from, to: tree }];
  });
  const paths: ReadonlySet<string>[] = [];
  for await (const { changes } of treeChanges(ledger.repo, pairs, MAX_PATHS))
    paths.push(new Set(changes.map(({ path }) => path)));
  return commits.map((commit, i) => ({
    oid: commit.oid,
    at: committedAt(commit),
    paths: (bases[i] ?? null) === null ? null : (paths.shift() ?? null),
  }));
}

async function baseTree(ledger: Ledger, commit: Commit): Promise<string | null> {
  const [parent] = commit.parents;
  if (parent === undefined) return emptyTree(ledger.repo.format);
  return (await readCommit(ledger.reader, parent))?.tree ?? null;
}

function committedAt({ committer }: Commit): number {
  return Number(/> (\d{1,12}) [+-]\d{4}$/.exec(committer)?.[1] ?? 0) * 1000;
}

/** Whether a commit changes one of some files. Yes where that is not known, or no file is named. */
export function changesOneOf(commit: CommitPaths, paths: readonly string[]): boolean {
  return commit.paths === null || paths.length === 0 || paths.some((path) => commit.paths?.has(path));
}

/** The children of some commits in the history that ends at some tips. */
export async function childrenOf(
  place: GitPlace,
  parents: ReadonlySet<string>,
  tips: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (parents.size === 0 || tips.length === 0) return found;
  const stdin = `${tips.join('\n')}\n`;
  for await (const line of linesOf(streamGit(place, { args: ['rev-list', '--parents', '--stdin'], stdin }))) {
    const [oid = '', ...all] = line.split(' ');
    for (const parent of all) if (parents.has(parent)) found.set(parent, [...(found.get(parent) ?? []), oid]);
  }
  return found;
}
