import { AgentLogError } from '../../../core/errors.ts';
import { isReadable } from '../../../core/records/record.ts';
import { emptyTree } from '../../../git/repository/index-diff.ts';
import { readRoster } from '../../../identity/roster/read.ts';
import type { Roster } from '../../../identity/roster/roster.ts';
import { type AskedCommit, judgeInParts } from '../../../ledger/binding/judge-many.ts';
import { checkChains } from '../chains.ts';
import { newSeen, type Verifying } from '../context.ts';
import { unlessGitFails } from '../git-fails.ts';
import { checkPart } from '../parts.ts';
import { documentOf, Report, type VerifyDocument } from '../report.ts';
import { sayWhoApproved } from '../signers.ts';
import { pinnedBy, type TrustFile, trustedRoster } from '../trust.ts';
import { checkAllowedSigners, checkOpenpgpKeys, checkSignatureFiles, checkTargetFiles } from './beside.ts';
import { checkClaims, readEvidence } from './claims.ts';
import { checkCoverage, checkNumbers } from './coverage.ts';
import { checkDiffs } from './diffs.ts';
import { checkFullHistory } from './full-history.ts';
import { type BundleManifest, checkFiles, checkMaker, readManifest } from './manifest.ts';
import { checkOrigin } from './origin.ts';
import { checkContents, checkInclusion, openProof, type Proof } from './proof.ts';
import { checkReadings } from './readings.ts';
import { type BundleSource, openBundle } from './source.ts';
import { checkBundleTexts } from './texts.ts';

export interface VerifyBundleOptions {
  /** What is known from elsewhere; null: nothing. */
  readonly trust: TrustFile | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onProgress?: (doing: string) => void;
}

/**
 * Verifies an evidence bundle, a folder or a zip: every check by name. It takes no repository, asks nobody, believes neither the
 * maker nor the manifest, runs nothing of the bundle, and writes to a temporary folder of its own alone. Throws NOT_FOUND where
 * there is no bundle.
 */
export async function verifyBundle(path: string, options: VerifyBundleOptions): Promise<VerifyDocument> {
  const { trust, now } = options;
  const report = new Report();
  report.checked('container');
  try {
    const source = await openBundle(path);
    await readAll(source);
    await verifySource(source, report, options);
  } catch (error) {
    if (!(error instanceof AgentLogError) || error.code !== 'BAD_BUNDLE') throw error;
    report.fails('container', null, error.message);
  }
  return documentOf(report, { subject: { kind: 'bundle', name: path }, trusted: pinnedBy(trust), now });
}

/** Whether each file can be unpacked at all, before anything is made of one. */
async function readAll(source: BundleSource): Promise<void> {
  for (const path of source.paths) await source.read(path);
}

async function verifySource(
  source: BundleSource,
  report: Report,
  options: VerifyBundleOptions,
): Promise<void> {
  const manifest = await readManifest(source, report);
  if (manifest === null) return;
  await checkFiles(source, manifest, report);
  await checkMaker(source, report, options.trust);
  const proof = await openProof(source, manifest, report);
  try {
    await verifyProof(source, manifest, proof, report, options);
  } finally {
    await proof.close();
  }
}

async function verifyProof(
  source: BundleSource,
  manifest: BundleManifest,
  proof: Proof,
  report: Report,
  { trust, now, onProgress }: VerifyBundleOptions,
): Promise<void> {
  await checkInclusion(source, manifest, proof, report);
  await checkContents(manifest, proof, report);
  const ofTarget = await rosterIn(manifest, proof, report);
  await checkRoster(ofTarget, proof, report, trust);
  const gaps = new Set(manifest.missing.filter(isAbsence).map(({ of }) => of));
  const asked = new Set(manifest.commits);
  const verifying: Verifying = {
    ledger: proof.ledger,
    report,
    roster: trustedRoster(trust) ?? ofTarget,
    now,
    seen: newSeen(trust?.records),
    canDiff: diffable(proof),
    isPartial: true,
    isAsked: (commit) => asked.has(commit),
    isToldMissing: (commit) => gaps.has(commit),
  };
  await checkObjects(verifying, manifest, proof, onProgress);
  for (const oid of proof.reader.damaged) report.fails('objects', oid, 'its bytes are not what its id says');
  await checkChains(verifying);
  sayWhoApproved(verifying, trust);
  report.checked('pinned', trust?.records?.length ?? 0);
  for (const digest of verifying.seen.pinned)
    report.fails('pinned', digest, 'an auditor pinned it, and it is not there');
  await checkCoverage(manifest, proof, report);
  await checkOrigin(manifest, proof, report, trust);
  await checkSignatureFiles(source, proof, report);
  await checkAllowedSigners(source, ofTarget, report);
  await checkOpenpgpKeys(source, ofTarget, report);
  await checkTargetFiles(source, manifest, proof, report);
  const texts = await checkBundleTexts(source, proof.notes, report);
  const evidence = await readEvidence(source, report);
  if (evidence !== null)
    await checkClaims(source, evidence, { manifest, proof, texts, roster: ofTarget, now }, report);
  checkBeside(source, report);
  await checkDiffs(source, manifest, { proof, canDiff: verifying.canDiff }, report);
  if (evidence === null)
    report.unknown('readings', null, 'what they are made of, evidence.json, can not be read');
  else await checkReadings(source, { manifest, evidence }, report);
  await checkFullHistory(source, manifest, proof, report);
  checkNumbers(manifest, proof, report);
  report.checked('population', report.count('lines'));
}

/** A record may also be told to lack something: then it has to be there. */
function isAbsence({ kind, why }: BundleManifest['missing'][number]): boolean {
  return kind === 'record' && !why.startsWith('what the recorder did not see');
}

const AT_ONCE = 100;

async function checkObjects(
  verifying: Verifying,
  { commits, objects }: BundleManifest,
  proof: Proof,
  onProgress: VerifyBundleOptions['onProgress'],
): Promise<void> {
  const all = [...new Set([...commits, ...objects.map(({ object }) => object)])];
  for (const oid of commits)
    if (proof.objects.get(oid) !== 'commit')
      verifying.report.unknown('bindings', oid, 'the commit is not in proof.pack');
  for (let at = 0; at < all.length; at += AT_ONCE) {
    onProgress?.(`verifying: ${at} of ${all.length} notes and commits`);
    const asked = all.slice(at, at + AT_ONCE);
    const judged = (await judgedIn(verifying, asked)) ?? (await oneByOne(verifying, asked));
    await checkPart(verifying, judged);
  }
}

/** Null where git lacks objects that judging some of them takes, or takes too long over them. */
function judgedIn({ ledger }: Verifying, oids: readonly string[]): Promise<AskedCommit[] | null> {
  return unlessGitFails(allOf(judgeInParts(ledger, oids)));
}

async function allOf<T>(parts: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(...part);
  return all;
}

/** What is missing of one commit must not keep the others from being looked at. */
async function oneByOne(verifying: Verifying, oids: readonly string[]): Promise<AskedCommit[]> {
  const judged: AskedCommit[] = [];
  for (const oid of oids) {
    const found = await judgedIn(verifying, [oid]);
    if (found === null)
      verifying.report.unknown(
        'bindings',
        oid,
        'objects that its binding needs are not in proof.pack, or git took too long over them',
      );
    judged.push(...(found ?? [{ oid, judged: null }]));
  }
  return judged;
}

/** The roster at the target, as the bundle proves it; null where it does not. */
async function rosterIn(
  { repository }: BundleManifest,
  { reader, notes }: Proof,
  report: Report,
): Promise<Roster | null> {
  const hasSigned = notes.some(({ lines }) =>
    lines.some((line) => isReadable(line) && line.record.schema === 'agent-log/signature/v1'),
  );
  try {
    return repository.target === null ? null : await readRoster(reader, repository.target.commit);
  } catch (error) {
    if (!(error instanceof AgentLogError)) throw error;
    if (hasSigned)
      report.unknown(
        'signers',
        repository.target?.commit ?? null,
        `its roster can't be used: ${error.message}`,
      );
    return null;
  }
}

const KNOWN =
  /^(README\.md|index\.html|attestations\.intoto\.jsonl|controls\.json|population\.csv|evidence\.json|texts\.json|proof\.pack|history\.bundle|manifest\.json(\.sig)?|SHA256SUMS|(records|diffs|signatures|target)\/.+)$/;

/** Files no bundle has are no evidence. */
function checkBeside(source: BundleSource, report: Report): void {
  for (const path of source.paths)
    if (!KNOWN.test(path)) report.fails('files', path, 'no bundle has such a file: it is no evidence');
}

/** The people and keys in a bundle are its maker's word, unless somebody knows them, or the commit they are of. */
async function checkRoster(
  ofTarget: Roster | null,
  proof: Proof,
  report: Report,
  trust: TrustFile | null,
): Promise<void> {
  if (trust?.signers !== undefined || ofTarget === null || ofTarget.byKey.size === 0) return;
  const known = trust?.target?.commit;
  const says =
    'whose keys these are only the bundle says: name them in --trust, or the commit of the target that you know';
  if (known === undefined) return report.unknown('signers', ofTarget.commit, says);
  if (known === ofTarget.commit) return;
  const then = await readRoster(proof.reader, known).catch((error: unknown) => {
    if (error instanceof AgentLogError) return null;
    throw error;
  });
  if (then?.file == null || then.file !== ofTarget.file)
    report.unknown(
      'signers',
      ofTarget.commit,
      `the people and keys of this commit are not shown to be those of ${known}, which you know: name the signers in --trust`,
    );
}

/** Whether every object that a diff of two trees needs is in the pack. */
function diffable({ ledger, objects, differ }: Proof): Verifying['canDiff'] {
  return async (before, to) => {
    try {
      const [entries = []] = await differ.between([{ from: before ?? emptyTree(ledger.repo.format), to }]);
      const sides = entries.flatMap(({ from, to: after }) => [from, after]);
      return sides.every((side) => side === null || side.mode === '160000' || objects.has(side.oid));
    } catch (error) {
      if (error instanceof AgentLogError) return false;
      throw error;
    }
  };
}
