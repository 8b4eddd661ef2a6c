import type { EvidenceDocument } from '../../../core/generated/evidence-v1.types.ts';
import { readCommit } from '../../../git/objects/objects.ts';
import { ROSTER_PATH } from '../../../identity/roster/read.ts';
import type { Roster } from '../../../identity/roster/roster.ts';
import { POLICY_PATH } from '../../../ledger/told/policy-digest.ts';
import { gapsOf, signsOf } from '../../bundle/gaps.ts';
import type { Report } from '../report.ts';
import type { BundleManifest } from './manifest.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';

/** What these are missing of only whoever made the bundle could see. */
const MAKERS = new Set(['text', 'object', 'history']);

/** Every gap that shows from the bundle itself is told, whatever its maker would rather not say. */
export async function checkGaps(
  evidence: EvidenceDocument,
  from: {
    readonly source: BundleSource;
    readonly manifest: BundleManifest;
    readonly proof: Proof;
    readonly roster: Roster | null;
  },
  report: Report,
): Promise<void> {
  const { manifest, source } = from;
  const target = manifest.repository.target?.commit ?? null;
  const nobodyKnown = target !== null && (from.roster?.byKey.size ?? 0) === 0;
  const commits = await Promise.all(manifest.commits.map((oid) => readCommit(from.proof.reader, oid)));
  const found = gapsOf({
    ...evidence,
    txns: manifest.txns,
    signs: signsOf(commits.filter((commit) => commit !== null)),
    missingTexts: new Map(),
    textsLeftOut: null,
    hasLedger: manifest.ledger.tip !== null,
    hasTarget: target !== null,
    hasPolicy: target !== null && source.paths.includes(`target/${target}/${POLICY_PATH}`),
    nobodyKnown: nobodyKnown ? 'nobody is known' : null,
    goneCommits: manifest.commits.filter((oid) => from.proof.objects.get(oid) !== 'commit'),
    parentless: [],
    goneTargets: [],
    leftOut: new Map(),
    cutDiffs: [],
    namedElsewhere: new Map(),
    twice: [],
    isPartial: false,
  });
  const told = new Set(manifest.missing.map(({ kind, of }) => `${kind} ${of}`));
  for (const { kind, of, why } of found) {
    if (MAKERS.has(kind) || (of === ROSTER_PATH && from.roster === null)) continue;
    report.checked('gaps');
    if (!told.has(`${kind} ${of}`))
      report.fails('gaps', of, `it is not told that something is missing here: ${kind}, ${why}`);
  }
}
