import type { EvidenceDocument } from '../../../core/generated/evidence-v1.types.ts';
import { isMergeRequest, isReadable, type LedgerRecord } from '../../../core/records/record.ts';
import { voiceOf } from '../../../identity/approvals/voice.ts';
import { judgeDecisions } from '../../../identity/decisions.ts';
import { emptyRoster } from '../../../identity/roster/parse.ts';
import type { Roster } from '../../../identity/roster/roster.ts';
import { isOfItsTime } from '../../../identity/signatures/judge.ts';
import { mergeRequestDocument } from '../../../ledger/told/merge-requests.ts';
import { type Told, toldOn } from '../../../ledger/told/told.ts';
import type { Report } from '../report.ts';
import type { ClaimSources } from './claims.ts';
import { brief, plain } from './compare.ts';

/** Every decision here is told, none is told that is not here, and each is believed as far as its signature goes. */
export function checkDecisions(
  evidence: EvidenceDocument,
  { manifest, proof, roster }: ClaimSources,
  report: Report,
): void {
  const told = proof.notes.flatMap((note) => toldOn(note, 'decision'));
  const now = Date.parse(manifest.madeAt);
  const judged = judgeDecisions(told, roster ?? emptyRoster(''), { now });
  const known = new Map(judged.map((one) => [one.told.stored.digest, one]));
  // One signature stands for all decisions of a check.
  const isOpen = mayBeMore(told, roster, now);
  compareTold(
    'decisions',
    evidence.decisions,
    known,
    { report, isOpen: () => isOpen },
    ({ decision, basis, signedBy }, one) => [
      [decision, one.told.stored.record],
      [basis, one.basis],
      [signedBy, one.signedBy],
    ],
  );
}

/** The same of approvals, and of who is told to have signed them. */
export function checkApprovals(
  evidence: EvidenceDocument,
  { manifest, proof, roster }: ClaimSources,
  report: Report,
): void {
  const told = proof.notes.flatMap((note) => toldOn(note, 'approval'));
  const now = Date.parse(manifest.madeAt);
  const judged = told.map((one) => voiceOf(one, roster ?? emptyRoster(''), { now }));
  const known = new Map(judged.map((one) => [one.told.stored.digest, one]));
  compareTold(
    'approvals',
    evidence.approvals,
    known,
    { report, isOpen: (one) => mayBeMore([one.told], roster, now) },
    ({ approval, basis, present, signedBy }, one) => [
      [approval, one.told.stored.record],
      [basis, one.assurance],
      [present, one.present],
      [signedBy === null, one.assurance !== 'attested'],
      [signedBy?.email ?? null, one.assurance === 'attested' ? one.who.email : null],
    ],
  );
}

const OPEN = 'that takes gpg, or when the target anchored it, and neither is in a bundle';

/** Whether signatures among these may be worth more than can be told here: gpg's, and those of keys whose time is over. Of nobody's keys none is. */
function mayBeMore(
  told: readonly Pick<Told<LedgerRecord>, 'signatures'>[],
  roster: Roster | null,
  now: number,
): boolean {
  return told.some(({ signatures }) =>
    signatures.some(({ format, publicKey }) => {
      const holder = roster?.byKey.get(publicKey);
      return holder !== undefined && (format === 'openpgp' || isOfItsTime(holder.key, now));
    }),
  );
}

interface ToldOf {
  readonly told: {
    readonly object: string;
    readonly stored: { readonly digest: string; readonly record: LedgerRecord };
  };
}

function compareTold<T extends { readonly digest: string; readonly object: string }, J extends ToldOf>(
  what: string,
  claimed: readonly T[],
  known: ReadonlyMap<string, J>,
  { report, isOpen }: { readonly report: Report; readonly isOpen: (judged: J) => boolean },
  /** What the record says, and then how far it is to be believed. */
  pairs: (claim: T, judged: J) => readonly (readonly [unknown, unknown])[],
): void {
  for (const claim of claimed) {
    report.checked('claims');
    const one = known.get(claim.digest);
    if (one === undefined) {
      report.fails(
        'claims',
        claim.digest,
        `evidence.json tells it among the ${what}, and no record here is it`,
      );
      continue;
    }
    const [record, ...worth] = pairs(claim, one);
    const differing = (all: readonly (readonly [unknown, unknown] | undefined)[]): string[] =>
      all.flatMap((pair) =>
        pair === undefined || plain(pair[0]) === plain(pair[1])
          ? []
          : [`${what}: evidence.json says ${brief(pair[0])}, and the record ${brief(pair[1])}`],
      );
    for (const says of differing([[claim.object, one.told.object], record]))
      report.fails('claims', claim.digest, says);
    for (const says of differing(worth))
      if (isOpen(one)) report.unknown('claims', claim.digest, `${says}; ${OPEN}`);
      else report.fails('claims', claim.digest, says);
  }
  const told = new Set(claimed.map(({ digest }) => digest));
  for (const digest of known.keys())
    if (!told.has(digest))
      report.fails('claims', digest, `it is here, and evidence.json leaves it out of the ${what}`);
}

/** Each merge request is told as its record has it, and none of which there is a record is left out. */
export function checkMergeRequests(
  { mergeRequests }: EvidenceDocument,
  { proof }: ClaimSources,
  report: Report,
): void {
  const records = proof.notes
    .flatMap(({ lines }) => lines)
    .filter(isReadable)
    .filter(isMergeRequest);
  const byDigest = new Map(records.map((stored) => [stored.digest, stored]));
  for (const told of mergeRequests) {
    report.checked('claims');
    const stored = byDigest.get(told.record);
    if (stored === undefined)
      report.fails('claims', told.url, `the record it is told from is not here: ${told.record}`);
    else if (plain(told) !== plain(mergeRequestDocument(stored)))
      report.fails('claims', told.url, 'evidence.json tells the merge request otherwise than its record');
  }
  const urls = new Set(mergeRequests.map(({ url }) => url));
  for (const url of new Set(records.map(({ record }) => record.url)))
    if (!urls.has(url)) report.fails('claims', url, 'its record is here, and evidence.json leaves it out');
}

/** What a commit's own lists say is said in the lists of the whole, which are compared with the records. */
export function checkSaidOfChanges(evidence: EvidenceDocument, report: Report): void {
  const decided = new Set(
    evidence.decisions.map(({ decision: { stage, rule, result, subject, recordedAt } }) =>
      plain([stage, rule, result, subject.head, recordedAt]),
    ),
  );
  const approved = new Set(
    evidence.approvals.map(({ basis, approval: { kind, subject, recordedAt } }) =>
      plain([kind, basis, subject.head, recordedAt]),
    ),
  );
  for (const { commit, decisions, approvals, sponsor, txn } of evidence.changes) {
    report.checked('claims');
    for (const { stage, rule, result, head, at } of decisions)
      if (!decided.has(plain([stage, rule, result, head, at])))
        report.fails('claims', commit, `a decision of ${rule} is told of it that is not among the decisions`);
    for (const { kind, by, basis, head, at } of approvals)
      if (!approved.has(plain([kind, basis, head, at])))
        report.fails(
          'claims',
          commit,
          `${kind} by ${by.email} is told of it that is not among the approvals`,
        );
    if (sponsor?.verified === true && !isSponsoredIn(evidence, sponsor.email, txn))
      report.fails(
        'claims',
        commit,
        'its sponsor is told to be verified, and no sponsorship of theirs is attested',
      );
  }
}

function isSponsoredIn({ approvals }: EvidenceDocument, email: string, txn: string | null): boolean {
  return approvals.some(
    ({ basis, signedBy, approval }) =>
      basis === 'attested' &&
      approval.kind === 'sponsorship' &&
      txn !== null &&
      approval.txns.includes(txn) &&
      [signedBy?.email, approval.by.email].some((one) => one?.toLowerCase() === email.toLowerCase()),
  );
}
