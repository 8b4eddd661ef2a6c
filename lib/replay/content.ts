import type { ExecutionRecord } from '../core/records/record.ts';
import type { TreeWalk, TreeWalker } from '../git/trees/tree-walk.ts';
import { type GradedCommit, sealedChange } from '../ledger/binding/grade.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { unlike, unlikeAll } from './compare.ts';
import type { Difference, MissingInput } from './outcome.ts';

/** What a comparison of trees came to. */
export interface Content {
  readonly differences: readonly Difference[];
  readonly missing: readonly MissingInput[];
  readonly isDamaged: boolean;
}

/** Where trees are looked at: by id, each once. */
export interface Looking {
  readonly ledger: Ledger;
  readonly walker: TreeWalker;
  /** Objects whose bytes are not what their ids say. */
  readonly damaged: ReadonlySet<string>;
}

/** The recorded change on the recorded base, against the recorded tree. */
export async function recordedContent(looking: Looking, record: ExecutionRecord): Promise<Content> {
  const missing = missingFields(record);
  const change = missing.length === 0 ? await sealedChange(looking.ledger, record) : null;
  if (change === null) {
    const [replaced = ''] = record.head.parents;
    return nothingBut(missing.length > 0 ? missing : [{ kind: 'commit', id: replaced }]);
  }
  const walk = await looking.walker.between(change.from, change.to);
  const at = (path: string): ReturnType<TreeWalker['at']> => looking.walker.at(change.to, path);
  return contentOf(looking, walk, () => unlike(record.files, walk.diffs, at));
}

/** What a commit changes, against what records left in their files. The last of them tells. */
export async function committedContent(
  looking: Looking,
  { parents, parentTree, tree }: GradedCommit,
  records: readonly ExecutionRecord[],
): Promise<Content> {
  const [parent] = parents;
  if (parent !== undefined && parentTree === null) return nothingBut([{ kind: 'commit', id: parent }]);
  const missing = records.flatMap(missingFiles);
  if (missing.length > 0) return nothingBut(missing);
  const walk = await looking.walker.between(parentTree, tree);
  const at = (path: string): ReturnType<TreeWalker['at']> => looking.walker.at(tree, path);
  return contentOf(looking, walk, () => unlikeAll(records, walk.diffs, at));
}

function nothingBut(missing: readonly MissingInput[]): Content {
  return { differences: [], missing, isDamaged: false };
}

async function contentOf(
  { damaged }: Looking,
  walk: TreeWalk,
  compare: () => Promise<Difference[]>,
): Promise<Content> {
  const missing = walk.missing.map((id): MissingInput => ({ kind: 'tree', id }));
  // Of a tree that is not read to its end nothing can be said to be unchanged.
  if (walk.isCut) missing.push({ kind: 'field', id: 'more entries than are looked at' });
  const isDamaged = walk.malformed.length > 0 || walk.opened.some((id) => damaged.has(id));
  const isWhole = missing.length === 0 && !isDamaged;
  return { differences: isWhole ? await compare() : [], missing, isDamaged };
}

/** What the record would have to say, and does not. */
function missingFields(record: ExecutionRecord): MissingInput[] {
  const { tree, head } = record;
  return [
    ...(tree === null ? [field('tree')] : []),
    ...(head.commit !== null && head.tree === null ? [field('head.tree')] : []),
    ...missingFiles(record),
  ];
}

function missingFiles({ files, filesLeftOut = 0 }: ExecutionRecord): MissingInput[] {
  return [
    ...(filesLeftOut > 0 ? [field('files')] : []),
    ...(files.some(({ blob, change }) => blob === null && change !== 'deleted') ? [field('files.blob')] : []),
  ];
}

function field(id: string): MissingInput {
  return { kind: 'field', id };
}
