import { readCommit } from '../../../git/objects/objects.ts';
import { emptyTree } from '../../../git/repository/index-diff.ts';
import type { TreePair } from '../../../git/trees/tree-diff.ts';
import { treeDiffs } from '../../../git/trees/tree-diffs.ts';
import type { Verifying } from '../context.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';

const AT_ONCE = 50;
/** So much more than the longest is made, that one which ends early is seen to. */
const MORE_BYTES = 2 * 1024 * 1024;
const LIMIT_MS = 120_000;

interface Diff {
  readonly path: string;
  readonly pair: TreePair;
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** Whether each diff is the one between the trees of its commit, or the beginning of it where the manifest says that it is cut. */
export async function checkDiffs(
  source: BundleSource,
  { missing }: BundleManifest,
  from: { readonly proof: Proof; readonly canDiff: Verifying['canDiff'] },
  report: Report,
): Promise<void> {
  const paths = source.paths.filter((path) => DIFF.test(path));
  const cut = new Set(missing.flatMap(({ kind, of }) => (kind === 'object' ? [of] : [])));
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const diffs: Diff[] = [];
    for (const path of paths.slice(at, at + AT_ONCE)) {
      const oid = DIFF.exec(path)?.[1] ?? '';
      const pair = await pairOf(from, oid);
      const bytes = (await source.read(path)) ?? Buffer.alloc(0);
      if (pair === null) report.unknown('diffs', path, 'objects that the diff shows are not in proof.pack');
      else diffs.push({ path, pair, bytes, isWhole: !cut.has(oid) });
    }
    await compare(from.proof, diffs, report);
  }
}

const DIFF = /^diffs\/([0-9a-f]{40,64})\.diff$/;

/** The trees a commit's diff is between; null where not all it shows is here. */
async function pairOf(
  { proof, canDiff }: { readonly proof: Proof; readonly canDiff: Verifying['canDiff'] },
  oid: string,
): Promise<TreePair | null> {
  const commit = await readCommit(proof.reader, oid);
  const [first] = commit?.parents ?? [];
  const parent = first === undefined ? null : await readCommit(proof.reader, first);
  if (commit === null || (first !== undefined && parent === null)) return null;
  if (!(await canDiff(parent?.tree ?? null, commit.tree))) return null;
  return { from: parent?.tree ?? emptyTree(proof.ledger.repo.format), to: commit.tree };
}

async function compare({ ledger }: Proof, diffs: readonly Diff[], report: Report): Promise<void> {
  const most = Math.max(0, ...diffs.map(({ bytes }) => bytes.length)) + MORE_BYTES;
  const pairs = diffs.map(({ pair }) => pair);
  const made = await treeDiffs(ledger.repo, pairs, most, LIMIT_MS).catch(() => null);
  if (made === null) {
    for (const { path } of diffs)
      report.unknown('diffs', path, 'git could not make the diff, or not in time');
    return;
  }
  for (const [i, { path, bytes, isWhole }] of diffs.entries()) {
    report.checked('diffs');
    const is = made[i]?.bytes ?? Buffer.alloc(0);
    const isBeginning = is.length > bytes.length && is.subarray(0, bytes.length).equals(bytes);
    if (!is.equals(bytes) && (isWhole || !isBeginning))
      report.fails('diffs', path, 'it is not what the commit changes');
  }
}
