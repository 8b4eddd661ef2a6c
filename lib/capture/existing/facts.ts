import { AgentLogError } from '../../core/errors.ts';
import type { ChangedFile, HeadState } from '../../core/generated/execution-v1.types.ts';
import { shortOid } from '../../core/oid.ts';
import { patchIds } from '../../git/diffs/patch-id.ts';
import { inTopoOrder } from '../../git/history/topo-order.ts';
import { type Commit, readCommit } from '../../git/objects/objects.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { treeChanges } from '../../git/trees/tree-diff.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** What a commit itself tells, long after it was made. */
export interface CommitFacts {
  readonly commit: Commit;
  /** What HEAD was: the first parent. Its tree is null when it is not in this clone. */
  readonly head: HeadState;
  readonly files: readonly Omit<ChangedFile, 'by'>[];
  readonly filesLeftOut: number;
  /** Null for a merge, an empty change, and where the parent is not here. */
  readonly patchId: string | null;
  readonly gaps: readonly string[];
}

/** Most changed files a record lists. */
const MAX_FILES = 5000;
const READS_AT_ONCE = 1000;

/**
 * The facts of commits, given by id, oldest first: none comes before one it descends from. A handful of git processes
 * however many they are. Throws NOT_FOUND when one is not in this clone.
 */
export async function factsOf(ledger: Ledger, oids: Iterable<string>): Promise<CommitFacts[]> {
  const commits = await readAll(ledger, new Set(oids));
  const order = await inTopoOrder(ledger.repo, commits.keys());
  const sorted = order.flatMap((oid) => commits.get(oid) ?? []);
  const parents = await readParents(ledger, commits);
  const parentOf = (commit: Commit): Commit | null => parents.get(commit.parents[0] ?? '') ?? null;
  const whole = sorted.filter((commit) => commit.parents.length === 0 || parentOf(commit) !== null);
  const [changes, ids] = await Promise.all([
    changesOf(ledger, whole, parentOf),
    patchIds(
      ledger.repo,
      whole.filter(({ parents: all }) => all.length < 2).map(({ oid }) => oid),
    ),
  ]);
  return sorted.map((commit) => {
    const { files = [], left = 0 } = changes.get(commit.oid) ?? {};
    return {
      commit,
      head: headOf(commit, parentOf(commit)),
      files,
      filesLeftOut: left,
      patchId: ids.get(commit.oid) ?? null,
      gaps: changes.has(commit.oid)
        ? []
        : ['the parent is not in this clone, so what the commit changed is unknown'],
    };
  });
}

interface Changed {
  readonly files: readonly Omit<ChangedFile, 'by'>[];
  readonly left: number;
}

async function changesOf(
  ledger: Ledger,
  commits: readonly Commit[],
  parentOf: (commit: Commit) => Commit | null,
): Promise<Map<string, Changed>> {
  const nothing = emptyTree(ledger.repo.format);
  const pairs = commits.map((commit) => ({ from: parentOf(commit)?.tree ?? nothing, to: commit.tree }));
  const found = new Map<string, Changed>();
  let at = 0;
  for await (const { changes, total } of treeChanges(ledger.repo, pairs, MAX_FILES)) {
    found.set(commits[at++]?.oid ?? '', { files: changes, left: total - changes.length });
  }
  return found;
}

function headOf(commit: Commit, parent: Commit | null): HeadState {
  return {
    commit: commit.parents[0] ?? null,
    tree: parent?.tree ?? null,
    parents: [...(parent?.parents ?? [])],
  };
}

async function readParents(
  ledger: Ledger,
  commits: ReadonlyMap<string, Commit>,
): Promise<Map<string, Commit>> {
  const known = new Map(commits);
  const more = [...commits.values()].flatMap(({ parents }) => parents.slice(0, 1));
  for (const [oid, commit] of await readSome(
    ledger,
    more.filter((oid) => !commits.has(oid)),
  )) {
    if (commit !== null) known.set(oid, commit);
  }
  return known;
}

async function readAll(ledger: Ledger, oids: ReadonlySet<string>): Promise<Map<string, Commit>> {
  const found = new Map<string, Commit>();
  for (const [oid, commit] of await readSome(ledger, [...oids])) {
    if (commit?.oid !== oid) throw notHere(oid);
    found.set(oid, commit);
  }
  return found;
}

/** A reader takes any number of questions; so many at a time keep the answers from piling up. */
async function readSome(ledger: Ledger, oids: readonly string[]): Promise<[string, Commit | null][]> {
  const found: [string, Commit | null][] = [];
  for (let at = 0; at < oids.length; at += READS_AT_ONCE) {
    const part = oids.slice(at, at + READS_AT_ONCE);
    const commits = await Promise.all(part.map((oid) => readCommit(ledger.reader, oid)));
    for (const [i, oid] of part.entries()) found.push([oid, commits[i] ?? null]);
  }
  return found;
}

function notHere(oid: string): AgentLogError {
  return new AgentLogError('NOT_FOUND', 'answer', `no commit ${shortOid(oid)} in this clone`, {
    hints: ['Fetch it first, or leave it out.'],
  });
}
