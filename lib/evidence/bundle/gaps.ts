import { groupBy } from '../../core/lists.ts';
import type { ExceptionType } from '../../core/records/exception.ts';
import type { Commit } from '../../git/objects/objects.ts';
import { signalsOf } from '../../identity/agents/marks.ts';
import { ROSTER_PATH } from '../../identity/roster/read.ts';
import type { MissingText } from '../../ledger/payloads/read.ts';
import { POLICY_PATH } from '../../ledger/told/policy-digest.ts';
import type { EvidenceDocument, Gap } from './evidence.ts';

type Change = EvidenceDocument['changes'][number];

/** What the gaps are told from. */
export interface Known
  extends Pick<EvidenceDocument, 'changes' | 'decisions' | 'approvals' | 'mergeRequests'> {
  readonly txns: readonly string[];
  /** Signs of an agent in commits, by commit. */
  readonly signs: ReadonlyMap<string, string>;
  /** Why texts are missing, by record. */
  readonly missingTexts: ReadonlyMap<string, readonly MissingText[]>;
  /** Texts that were left out of the bundle: because nobody wanted them, or they were too many. */
  readonly textsLeftOut: { readonly count: number; readonly why: string } | null;
  readonly hasLedger: boolean;
  readonly hasTarget: boolean;
  readonly hasPolicy: boolean;
  /** Why nobody's key counts; null where some do. */
  readonly nobodyKnown: string | null;
  /** Commits that are not here, that end a shallow clone, whose target files are gone, whose files are too large. */
  readonly goneCommits: readonly string[];
  readonly parentless: readonly string[];
  readonly goneTargets: readonly string[];
  readonly leftOut: ReadonlyMap<string, number>;
  readonly cutDiffs: readonly string[];
  /** How many records a commit's message names that are not in the bundle, by commit. */
  readonly namedElsewhere: ReadonlyMap<string, number>;
  /** Notes at several paths. */
  readonly twice: readonly string[];
  /** All of history was wanted, and is not all here. */
  readonly isPartial: boolean;
}

type Found = Omit<Gap, 'exception'>;

/** Which exceptions stand for which gaps. */
const TYPES: Readonly<Partial<Record<Gap['kind'], readonly ExceptionType[]>>> = {
  record: ['provenance-missing'],
  text: ['provenance-missing'],
  sponsor: ['identity-unclear'],
  signature: ['identity-unclear'],
  decision: ['decision-chain-gap', 'decision-error'],
  policy: ['decision-chain-gap'],
  approval: ['policy-violation', 'decision-chain-gap'],
  replay: ['replay-failed'],
  check: ['record-invalid'],
};

/** Everything an auditor would look for and does not find, with the exception that stands for it where one is open. */
export function gapsOf(known: Known): Gap[] {
  const found = [
    ...ofLedger(known),
    ...known.changes.flatMap((change) => ofChange(change, known)),
    ...known.txns.flatMap((txn) => ofTxn(txn, known)),
    ...ofSignatures(known),
    ...ofObjects(known),
  ];
  return found.map((gap) => ({
    ...gap,
    of: gap.of.slice(0, 4000),
    why: gap.why.slice(0, 4000),
    exception: exceptionFor(gap, known),
  }));
}

function exceptionFor({ kind, of }: Found, { changes }: Known): string | null {
  const types = TYPES[kind] ?? [];
  const near = changes.filter((change) => [change.commit, change.txn, change.record].includes(of));
  const open = near.flatMap(({ exceptions }) => exceptions).filter(({ state }) => state !== 'closed');
  return open.find(({ type }) => (types as readonly string[]).includes(type))?.id ?? null;
}

function ofLedger({ hasLedger, hasTarget, hasPolicy, nobodyKnown }: Known): Found[] {
  return [
    ...(hasLedger
      ? []
      : [gap('record', LEDGER, 'there is no ledger in this clone: git agent-log sync --fetch')]),
    ...(hasTarget
      ? []
      : [gap('policy', 'the target', 'no branch is known to be the one that changes go to')]),
    ...(hasTarget && !hasPolicy ? [gap('policy', POLICY_PATH, 'the target has no policy')] : []),
    ...(hasTarget && nobodyKnown !== null ? [gap('policy', ROSTER_PATH, nobodyKnown)] : []),
  ];
}

const LEDGER = 'refs/notes/agent-log';

function ofChange(change: Change, known: Known): Found[] {
  const { signs, missingTexts, goneCommits, changes } = known;
  const { commit, record, binding, sponsor, sealed, integrity, gaps } = change;
  if (goneCommits.includes(commit))
    return [gap('object', commit, 'the commit is not in this clone: it is told as it was recorded')];
  if (record == null) return unrecorded(change, signs.get(commit), changes.length === 1);
  return [
    ...(binding === 'claimed'
      ? [gap('record', commit, 'it names a record that is not shown to be its own')]
      : []),
    ...(sealed || binding === 'claimed'
      ? []
      : [gap('check', commit, 'its message does not name its record: nothing seals it')]),
    ...(sponsor === null
      ? [gap('sponsor', commit, 'nobody answers for it: the record names no sponsor')]
      : []),
    ...(known.namedElsewhere.has(commit)
      ? [gap('record', commit, namedElsewhere(known.namedElsewhere.get(commit) ?? 0))]
      : []),
    ...integrity.problems.map((problem) => gap('check', commit, problem)),
    ...(gaps ?? []).map((one) => gap('record', commit, `what the recorder did not see: ${one}`)),
    ...textGaps(record, missingTexts.get(record) ?? []),
  ];
}

function namedElsewhere(count: number): string {
  const many = count === 1 ? 'a record that is' : `${count} records that are`;
  return `its message names ${many} not here: of other transactions, or not in this clone`;
}

/** Commits of people are no gap, unless somebody asks for just that one. */
function unrecorded({ commit, binding }: Change, sign: string | undefined, isAlone: boolean): Found[] {
  if (binding === 'claimed')
    return [gap('record', commit, 'its message names a record that is not in the ledger')];
  if (sign !== undefined)
    return [gap('record', commit, `an agent made it (${sign}), and there is no record of that`)];
  return isAlone
    ? [gap('record', commit, 'there is no record of it, and nothing in it says that an agent made it')]
    : [];
}

/** One line for all texts that are missing for one reason. */
function textGaps(record: string, missing: readonly MissingText[]): Found[] {
  return [...groupBy(missing, ({ why, says }) => `${why} ${says}`).values()].map((same) => {
    const says = same[0]?.says ?? '';
    return gap('text', record, same.length === 1 ? says : `${same.length} texts: ${says}`);
  });
}

function ofTxn(txn: string, { changes, decisions, approvals, mergeRequests }: Known): Found[] {
  const own = changes.filter((change) => change.txn === txn);
  const has = (many: readonly { readonly txns: readonly string[] }[]): boolean =>
    many.some(({ txns }) => txns.includes(txn));
  const heads = new Set(own.map(({ commit }) => commit));
  const decided = decisions.some(
    ({ decision }) => decision.txns.includes(txn) || heads.has(decision.subject.head),
  );
  const approved = approvals.some(
    ({ approval }) =>
      approval.kind === 'approval' && (approval.txns.includes(txn) || heads.has(approval.subject.head)),
  );
  return [
    ...(decided ? [] : [gap('decision', txn, 'no check of it was recorded')]),
    ...(approved ? [] : [gap('approval', txn, 'nobody approved it')]),
    ...(has(mergeRequests) ? [] : [gap('merge-request', txn, 'no merge request of it was told of')]),
    ...(own.some(({ replays }) => replays.length > 0) ? [] : [gap('replay', txn, 'nobody replayed it')]),
  ];
}

function ofSignatures({ decisions, approvals, textsLeftOut }: Known): Found[] {
  const asserted = decisions.filter(({ basis }) => basis === 'asserted');
  const byHead = groupBy(asserted, ({ decision }) => decision.subject.head);
  return [
    ...[...byHead].map(([head, some]) =>
      gap(
        'signature',
        head,
        `no pipeline of the target signed ${some.length} of its decisions: anybody may have written them`,
      ),
    ),
    ...approvals
      .filter(({ basis }) => basis === 'asserted')
      .map(({ digest, approval }) =>
        gap(
          'signature',
          digest,
          `the ${approval.kind} by ${approval.by.email} is not signed with a key of theirs: anybody may have written it`,
        ),
      ),
    ...(textsLeftOut === null
      ? []
      : [gap('text', 'texts.json', `${textsLeftOut.count} texts: ${textsLeftOut.why}`)]),
  ];
}

function ofObjects({ parentless, goneTargets, leftOut, cutDiffs, twice, isPartial }: Known): Found[] {
  return [
    ...parentless.map((commit) =>
      gap('history', commit, 'its parent is not in this clone: what it changed can not be shown'),
    ),
    ...goneTargets.map((commit) =>
      gap('object', commit, 'a decision or approval names it as the target, and it is not in this clone'),
    ),
    ...[...leftOut].map(([commit, count]) =>
      gap(
        'object',
        commit,
        `the content of ${count} changed files is not in proof.pack: it is too large, or not in this clone`,
      ),
    ),
    ...cutDiffs.map((commit) => gap('object', commit, 'its diff ends early: it is too large')),
    ...twice.map((object) => gap('check', object, 'its note is at several paths of the ledger')),
    ...(isPartial
      ? [gap('history', 'history.bundle', 'this clone is shallow: it has not all of history')]
      : []),
  ];
}

function gap(kind: Gap['kind'], of: string, why: string): Found {
  return { kind, of, why };
}

/** The first sign of an agent in each commit that has one. */
export function signsOf(commits: readonly Commit[]): Map<string, string> {
  return new Map(
    commits.flatMap((commit): [string, string][] => {
      const [sign] = signalsOf(commit).filter(({ kind }) => kind !== 'branch' && kind !== 'automation');
      return sign === undefined ? [] : [[commit.oid, `${sign.kind}: ${sign.seen}`]];
    }),
  );
}
