import type { HeadState } from '../../core/generated/execution-v1.types.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { readCommit } from '../../git/objects/objects.ts';
import type { GitConfig } from '../../git/repository/config.ts';
import { emptyTree, type StagedChange, stagedChanges, writeTree } from '../../git/repository/index-diff.ts';
import { currentBranch, type Repository, remoteHeadBranch } from '../../git/repository/repository.ts';
import { LEDGER_REF } from '../../ledger/ledger.ts';
import { isDefaultBranch } from '../transaction/boundary.ts';

/** What the repository and the index are, at the moment of a commit. */
export interface CommitScene {
  readonly head: HeadState;
  readonly branch: string | null;
  readonly isDefaultBranch: boolean;
  /** The branch the remote calls its own. */
  readonly remoteHead?: string | null;
  readonly tree: string | null;
  readonly changes: readonly StagedChange[];
  readonly ledger: string | null;
  readonly amends: string | null;
}

/** Looks at the repository once, with as few processes as that takes. */
export async function lookAtCommit(
  repo: Repository,
  reader: ObjectReader,
  amends: boolean,
  config: GitConfig,
): Promise<CommitScene> {
  const [head, ledger, tree, againstName, branch, remoteHead] = await Promise.all([
    readCommit(reader, 'HEAD'),
    reader.read(`${LEDGER_REF}^{commit}`),
    writeTree(repo),
    stagedChanges(repo, amends ? 'HEAD^' : 'HEAD'),
    currentBranch(repo),
    remoteHeadBranch(repo),
  ]);
  // No commit of that name: the first one is being made, or made again.
  const changes = againstName ?? (await stagedChanges(repo, emptyTree(repo.format))) ?? [];
  return {
    head: { commit: head?.oid ?? null, tree: head?.tree ?? null, parents: [...(head?.parents ?? [])] },
    branch,
    isDefaultBranch: isDefaultBranch(branch, remoteHead, config),
    remoteHead,
    tree,
    changes,
    ledger: ledger?.oid ?? null,
    amends: amends ? (head?.oid ?? null) : null,
  };
}
