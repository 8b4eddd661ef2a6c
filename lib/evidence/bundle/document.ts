import type { RevertPlan } from '../../core/generated/plan-v1.types.ts';
import type { Commit } from '../../git/objects/objects.ts';
import { LEDGER_REF, type Ledger } from '../../ledger/ledger.ts';
import { POLICY_PATH } from '../../ledger/told/policy-digest.ts';
import { authorsOf } from './authors.ts';
import type { Changed } from './changed.ts';
import type { EvidenceDocument } from './evidence.ts';
import type { Found } from './found.ts';
import { gapsOf, signsOf } from './gaps.ts';
import type { ReadNote } from './notes.ts';
import type { TargetFiles } from './target-files.ts';

/** The text of a diff as it goes into the bundle. */
interface CommitDiff {
  readonly commit: string;
  readonly bytes: Uint8Array;
  readonly isCut: boolean;
}

export function diffPath(commit: string): string {
  return `diffs/${commit}.diff`;
}

function shownDiff({ commit, bytes, isCut }: CommitDiff): EvidenceDocument['diffs'][number] {
  return { commit, path: diffPath(commit), size: bytes.length, isCut };
}

/** What the commits of a transaction say of it together. */
function shownTxn(
  txn: string,
  changes: EvidenceDocument['changes'],
  plan: RevertPlan | null,
): EvidenceDocument['txns'][number] {
  const own = changes.filter((change) => change.txn === txn);
  const sponsor = own.find((change) => change.sponsor !== null)?.sponsor ?? null;
  return {
    txn,
    commits: own.map(({ commit }) => commit),
    sponsor: sponsor === null ? null : { name: sponsor.name, email: sponsor.email },
    state: stateOf(plan, own),
  };
}

/** What became of a transaction on the target, as its plan and its own records tell. */
function stateOf(
  plan: RevertPlan | null,
  changes: EvidenceDocument['changes'],
): EvidenceDocument['txns'][number]['state'] {
  if (plan === null || plan.verdict === 'refused' || plan.verdict === 'noop') return 'unknown';
  if (plan.verdict === 'not-landed') return 'not-landed';
  if (plan.verdict === 'already-reverted') return 'reverted';
  const isPartly = changes.some(({ reverts }) => reverts.some(({ scope }) => scope === 'partial'));
  const isBack = changes.some(({ relands }) => relands.length > 0);
  return isPartly && !isBack ? 'partly-reverted' : 'landed';
}

/** What takes long, and was worked out alongside. */
export interface Aside {
  readonly rollbacks: EvidenceDocument['rollbacks'];
  readonly roots: readonly string[];
  readonly requests: EvidenceDocument['requests'];
}

/** What was gathered beside what was found. */
export interface Parts extends Aside {
  readonly notes: readonly ReadNote[];
  readonly changed: Changed;
  readonly targetFiles: TargetFiles;
  /** Commits that are here. */
  readonly present: readonly Commit[];
  /** History was wanted, and is not all here. */
  readonly isPartial: boolean;
}

/** evidence.json, from all that was found. */
export function documentOf(ledger: Ledger, found: Found, parts: Parts, now: number): EvidenceDocument {
  const { tip, judges, subject, txns, said, changes } = found;
  const { target } = judges;
  const { rollbacks, roots, requests } = parts;
  return {
    schema: 'agent-log/evidence/v1',
    madeAt: new Date(now).toISOString(),
    question: subject.question,
    repository: {
      format: ledger.repo.format,
      roots: [...roots],
      target: target?.ref == null ? null : { ref: target.ref, commit: target.commit },
    },
    ledger: { ref: LEDGER_REF, tip },
    txns: txns.map((txn) => shownTxn(txn, changes, rollbacks.find((one) => one.txn === txn)?.plan ?? null)),
    changes,
    authors: authorsOf(parts.present, judges.roster),
    mergeRequests: said.mergeRequests,
    decisions: said.decisions,
    approvals: said.approvals,
    diffs: diffsOf(parts.changed).map(shownDiff),
    rollbacks,
    requests,
    missing: missingOf(found, parts),
  };
}

function missingOf(
  { tip, judges: { target, roster, problem }, changes, said, txns, texts, resolutions }: Found,
  { notes, changed, targetFiles, present, isPartial }: Parts,
): EvidenceDocument['missing'] {
  return gapsOf({
    changes,
    ...said,
    txns,
    signs: signsOf(present),
    missingTexts: texts.missing,
    textsLeftOut: texts.leftOut,
    hasLedger: tip !== null,
    hasTarget: target !== null,
    nobodyKnown:
      problem ?? (roster.byKey.size === 0 ? 'the target gives nobody a key: no signature counts' : null),
    hasPolicy: targetFiles.files.some(
      ({ path, commit }) => path === POLICY_PATH && commit === target?.commit,
    ),
    goneCommits: resolutions.filter(({ isGone }) => isGone).map(({ commit }) => commit.oid),
    parentless: changed.parentless,
    goneTargets: targetFiles.missing,
    leftOut: changed.leftOut,
    cutDiffs: diffsOf(changed)
      .filter(({ isCut }) => isCut)
      .map(({ commit }) => commit),
    namedElsewhere: namedElsewhere(resolutions, notes),
    twice: notes.filter(({ isTwice }) => isTwice).map(({ note }) => note.object),
    isPartial,
  });
}

/** Of what belongs to a commit; what a commit only claims is told as that. */
function namedElsewhere(
  resolutions: Found['resolutions'],
  notes: readonly ReadNote[],
): ReadonlyMap<string, number> {
  const here = new Set(notes.flatMap(({ records }) => records.map(({ digest }) => digest)));
  return new Map(
    resolutions.flatMap(({ commit, claims, binding }): [string, number][] => {
      const absent = claims.records.filter((digest) => !here.has(digest)).length;
      return absent === 0 || binding === 'claimed' ? [] : [[commit.oid, absent]];
    }),
  );
}

/** The diffs that could be made. */
export function diffsOf({ diffs }: Changed): CommitDiff[] {
  return [...diffs].flatMap(([commit, diff]) => (diff === null ? [] : [{ commit, ...diff }]));
}
