import { emptyTree } from '../../../git/index-diff.ts';
import { readCommit } from '../../../git/objects.ts';
import { blindPlace, PINNED_DIFF, PINNED_SETTINGS } from '../../../git/pinned-diff.ts';
import type { Repository } from '../../../git/repository.ts';
import { streamGit } from '../../../git/stream.ts';
import type { Verifying } from '../context.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';

/** Whether each diff is the one between the trees of its commit, or the beginning of it where the manifest says that it is cut. */
export async function checkDiffs(
  source: BundleSource,
  { missing }: BundleManifest,
  { proof, canDiff }: { readonly proof: Proof; readonly canDiff: Verifying['canDiff'] },
  report: Report,
): Promise<void> {
  for (const path of source.paths) {
    const [, oid = ''] = /^diffs\/([0-9a-f]{40,64})\.diff$/.exec(path) ?? [];
    if (oid === '') continue;
    const commit = await readCommit(proof.reader, oid);
    const [first] = commit?.parents ?? [];
    const parent = first === undefined ? null : await readCommit(proof.reader, first);
    const isKnown = commit !== null && (first === undefined || parent !== null);
    if (!isKnown || !(await canDiff(parent?.tree ?? null, commit.tree))) {
      report.unknown('diffs', path, 'objects that the diff shows are not in proof.pack');
      continue;
    }
    report.checked('diffs');
    const bytes = (await source.read(path)) ?? Buffer.alloc(0);
    const isWhole = !missing.some(({ kind, of }) => kind === 'object' && of === oid);
    const from = parent?.tree ?? emptyTree(proof.ledger.repo.format);
    if (!(await isDiff(proof.ledger.repo, from, commit.tree, { bytes, isWhole })))
      report.fails('diffs', path, 'it is not what the commit changes');
  }
}

async function isDiff(
  repo: Repository,
  from: string,
  to: string,
  { bytes, isWhole }: { readonly bytes: Buffer; readonly isWhole: boolean },
): Promise<boolean> {
  const { cwd, env } = blindPlace(repo);
  const args = [...PINNED_SETTINGS, 'diff-tree', '-r', ...PINNED_DIFF, '-U3', '--end-of-options', from, to];
  let at = 0;
  for await (const chunk of streamGit({ cwd, foreign: true }, { args, env })) {
    const part = bytes.subarray(at, at + chunk.length);
    if (!chunk.subarray(0, part.length).equals(part)) return false;
    at += part.length;
    if (part.length < chunk.length) return !isWhole;
  }
  return at === bytes.length;
}
