import { readCommit } from '../../../git/objects/objects.ts';
import { ledgerLosses } from '../../../ledger/sync/append-only.ts';
import type { Report } from '../report.ts';
import type { TrustFile } from '../trust.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';

/**
 * Which repository the bundle is of. A bundle proves that its parts belong together; that they are of one's own repository only
 * somebody can tell who knows one of its commits.
 */
export async function checkOrigin(
  manifest: BundleManifest,
  proof: Proof,
  report: Report,
  trust: TrustFile | null,
): Promise<void> {
  await checkRoots(manifest, proof, report, trust?.roots);
  await checkTarget(manifest, proof, report, trust?.target?.commit);
  await checkTip(manifest, proof, report, trust?.ledger?.tip);
}

async function checkRoots(
  { repository, commits }: BundleManifest,
  proof: Proof,
  report: Report,
  roots: TrustFile['roots'],
): Promise<void> {
  if (roots === undefined)
    return report.unknown(
      'repository',
      null,
      'any repository could have been made for it: --trust names a commit one knows',
    );
  report.checked('repository');
  const strange = repository.roots.filter((root) => !roots.includes(root));
  if (strange.length > 0 || repository.roots.length === 0)
    report.fails('repository', strange[0] ?? null, 'it is of another repository than the trust file names');
  const heads = [...commits, ...(repository.target === null ? [] : [repository.target.commit])];
  for (const root of roots)
    if (await isReached(proof, heads, root))
      return report.says('repository', 'its commits come from a root that is pinned');
  report.unknown('repository', null, 'it says so itself: the history down to the root is not in the bundle');
}

async function checkTarget(
  { repository }: BundleManifest,
  proof: Proof,
  report: Report,
  pinned: string | undefined,
): Promise<void> {
  const { target } = repository;
  if (pinned === undefined)
    return report.unknown(
      'target',
      target?.commit ?? null,
      'whether the branch was there only a trust file or a clone can tell',
    );
  report.checked('target');
  if (target === null) return report.fails('target', pinned, 'the bundle names no target');
  if (await isReached(proof, [target.commit], pinned)) return;
  if (await isReached(proof, [pinned], target.commit))
    return report.unknown(
      'target',
      target.commit,
      `it is older than ${pinned}, which somebody saw: what was changed since, keys that were revoked too, it does not tell`,
    );
  report.unknown(
    'target',
    target.commit,
    `whether it comes from ${pinned} the bundle does not show: look in a clone`,
  );
}

async function checkTip(
  { ledger }: BundleManifest,
  proof: Proof,
  report: Report,
  pinned: string | undefined,
): Promise<void> {
  if (pinned === undefined || ledger.tip === pinned) {
    report.checked('history', pinned === undefined ? 0 : 1);
    if (pinned === undefined)
      report.unknown(
        'history',
        ledger.tip,
        'whether the ledger only ever grew takes its history: verify a clone, or --trust the tip somebody saw',
      );
    return;
  }
  report.checked('history');
  if (ledger.tip === null)
    return report.fails('history', pinned, 'the bundle has no ledger, and somebody saw one');
  // That one commit comes after another says nothing of what it kept.
  const here = await readCommit(proof.reader, pinned);
  if (here === null)
    return report.unknown(
      'history',
      pinned,
      'the ledger as somebody saw it is not in the bundle: verify a clone',
    );
  const losses = await ledgerLosses(proof.ledger.repo, proof.reader, pinned, ledger.tip).catch(() => null);
  for (const { kind, object } of losses ?? [])
    report.fails('history', object, `it is ${kind} since the ledger was at ${pinned}`);
  if (losses === null)
    report.unknown('history', pinned, 'the ledger as somebody saw it is not whole in the bundle');
}

const MOST_STEPS = 100_000;

/** Whether the commits in the bundle lead from some down to another. */
async function isReached({ reader, objects }: Proof, from: readonly string[], to: string): Promise<boolean> {
  const waiting = [...from];
  const seen = new Set(waiting);
  for (let next = waiting.pop(); next !== undefined && seen.size < MOST_STEPS; next = waiting.pop()) {
    if (next === to) return true;
    if (objects.get(next) !== 'commit') continue;
    for (const parent of (await readCommit(reader, next))?.parents ?? [])
      if (!seen.has(parent)) {
        seen.add(parent);
        waiting.push(parent);
      }
  }
  return false;
}
