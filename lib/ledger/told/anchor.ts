import { blobId } from '../../core/digest.ts';
import type { Repository } from '../../git/repository/repository.ts';

/** What the ledger tells of that is no object of git. */
export type AnchorKind = 'mr' | 'exception' | 'waiver' | 'evidence' | 'told';

/**
 * The object id under which the ledger keeps what it tells of a thing that is no object of git: that of the blob which would
 * hold its name. Nobody writes that blob; so the place can be computed from the name alone, in every clone alike.
 */
export function anchorOf(repo: Pick<Repository, 'format'>, kind: AnchorKind, name: string): string {
  return blobId(Buffer.from(`agent-log ${kind} ${name}\n`, 'utf8'), repo.format);
}
