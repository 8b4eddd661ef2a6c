import { isDeepStrictEqual } from 'node:util';
import type { EvidenceDocument } from '../../../core/generated/evidence-v1.types.ts';
import { validate } from '../../../core/generated/evidence-v1.validate.ts';
import { isReadable } from '../../../core/records/record.ts';
import { CLOCK_SKEW_MS } from '../../../core/utc-time.ts';
import { readCommit } from '../../../git/objects/objects.ts';
import { emptyRoster } from '../../../identity/roster/parse.ts';
import type { Roster } from '../../../identity/roster/roster.ts';
import { resolveCommit } from '../../../ledger/binding/resolve.ts';
import { describe } from '../../../ledger/reading/describe.ts';
import { readRegroups } from '../../../ledger/told/regroups.ts';
import { authorsOf } from '../../bundle/authors.ts';
import { unlessGitFails } from '../git-fails.ts';
import type { Report } from '../report.ts';
import { brief, plain, without } from './compare.ts';
import { type BundleManifest, parseBounded } from './manifest.ts';
import type { Proof } from './proof.ts';
import type { BundleSource } from './source.ts';
import type { ProvenTexts } from './texts.ts';
import { checkApprovals, checkDecisions, checkMergeRequests, checkSaidOfChanges } from './told-claims.ts';
import { checkGaps } from './told-gaps.ts';

const FILE = 'evidence.json';

/** What the claims are worked out again from. */
export interface ClaimSources {
  readonly manifest: BundleManifest;
  readonly proof: Proof;
  readonly texts: ProvenTexts;
  /** Of the target as the bundle has it: what the maker judged by. */
  readonly roster: Roster | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Reads evidence.json; null where there is none to go on from. What is wrong with it is told. */
export async function readEvidence(source: BundleSource, report: Report): Promise<EvidenceDocument | null> {
  const bytes = await source.read(FILE);
  const read = bytes === null ? 'it is missing' : parseEvidence(bytes);
  if (typeof read !== 'string') return read;
  report.fails('claims', FILE, read);
  return null;
}

/** The document in some bytes, or what is wrong with it. Never throws. */
function parseEvidence(bytes: Uint8Array): EvidenceDocument | string {
  const document = parseBounded(bytes);
  if (typeof document === 'string') return document;
  if (validate(document)) return document as EvidenceDocument;
  const error = validate.errors?.[0];
  return `it is not as its schema says: ${error?.instancePath || '/'} ${error?.message ?? ''}`;
}

/** Works out again what evidence.json says, from what is proven, and compares. */
export async function checkClaims(
  source: BundleSource,
  evidence: EvidenceDocument,
  from: ClaimSources,
  report: Report,
): Promise<void> {
  checkSame(evidence, from.manifest, report);
  await checkChanges(evidence, from, report);
  await checkAuthors(evidence, from, report);
  checkDecisions(evidence, from, report);
  checkApprovals(evidence, from, report);
  checkTxns(evidence, from, report);
  checkMergeRequests(evidence, from, report);
  checkSaidOfChanges(evidence, report);
  checkMadeAt(from, report);
  await checkGaps(evidence, { ...from, source }, report);
  checkTexts(evidence, from.texts, report);
  checkRest(evidence, report);
}

/** What only the repository shows is the maker's word, and said to be. */
function checkRest({ txns, changes, rollbacks, requests }: EvidenceDocument, report: Report): void {
  const told = [
    [txns, 'txns', 'what became of a transaction on the target'],
    [
      changes.filter(({ exceptions, landings }) => exceptions.length + landings.length > 0),
      'changes',
      'exceptions, and where work landed,',
    ],
    [rollbacks, 'rollbacks', 'what undoing it would do now'],
    [requests, 'requests', 'who asked for evidence, and what came of that'],
  ] as const;
  for (const [list, name, what] of told)
    if (Array.isArray(list) && list.length > 0)
      report.unknown('claims', name, `${what} only the repository shows: the maker's word`);
}

/** Keys are judged by when the bundle was made: that is after all it tells of, and not in the future. */
function checkMadeAt({ manifest, proof, now }: ClaimSources, report: Report): void {
  report.checked('claims');
  const madeAt = Date.parse(manifest.madeAt);
  const times = proof.notes
    .flatMap(({ lines }) => lines)
    .filter(isReadable)
    .map(({ record }) => ('recordedAt' in record ? Date.parse(record.recordedAt) : 0));
  const latest = times.reduce((most, one) => Math.max(most, one), 0);
  if (!(madeAt <= now + CLOCK_SKEW_MS)) report.fails('claims', 'madeAt', 'it is in the future');
  if (latest > madeAt + CLOCK_SKEW_MS)
    report.fails('claims', 'madeAt', 'a record in it is younger than the bundle');
}

/** What manifest and document both tell, they tell alike. */
function checkSame(evidence: EvidenceDocument, manifest: BundleManifest, report: Report): void {
  for (const name of ['madeAt', 'question', 'repository', 'ledger', 'missing'] as const) {
    report.checked('claims');
    if (!isDeepStrictEqual(evidence[name], manifest[name]))
      report.fails(
        name === 'missing' ? 'gaps' : 'claims',
        name,
        'evidence.json and manifest.json tell it otherwise',
      );
  }
}

type Change = EvidenceDocument['changes'][number];

/** Of a commit: what its message, its note and its trees say by themselves. */
const PROVEN = [
  'subject',
  'authorship',
  'binding',
  'sealed',
  'record',
  'recordedAt',
  'txn',
  'regroupedFrom',
  'seq',
  'prev',
  'agent',
  'model',
  'sponsor',
  'task',
  'reason',
  'base',
  'prompts',
  'context',
  'toolCalls',
  'usage',
  'environment',
  'files',
  'contributors',
  'redactions',
  'capture',
  'gaps',
  'reverts',
  'relands',
  'replays',
] as const satisfies readonly (keyof Change)[];

/** What one record says by itself, whichever others there are. */
const OF_RECORD: ReadonlySet<string> = new Set(
  PROVEN.filter((name) => name !== 'binding' && name !== 'authorship'),
);

async function checkChanges(
  evidence: EvidenceDocument,
  { manifest, proof, texts }: ClaimSources,
  report: Report,
): Promise<void> {
  const told = new Map(evidence.changes.map((change) => [change.commit, change]));
  if (!isDeepStrictEqual([...told.keys()], manifest.commits))
    report.fails(
      'claims',
      'changes',
      'they are of other commits than the manifest names, or in another order',
    );
  const regroups = await readRegroups(proof.ledger);
  for (const commit of manifest.commits) {
    const change = told.get(commit);
    if (change === undefined) continue;
    const txn = change.txn;
    const found = await unlessGitFails(
      resolveCommit(proof.ledger, commit, ({ digest, record }) => regroups.txnOf(digest, record.txn) === txn),
    );
    if (found === null || found.isGone) {
      report.unknown('claims', commit, 'the commit is not in proof.pack, or git took too long over it');
      continue;
    }
    const shown = describe(found, texts, regroups);
    const isWhole = found.claims.records.every((digest) => proof.holds(digest));
    for (const name of PROVEN) {
      report.checked('claims');
      if (compared(change[name]) === compared(shown[name])) continue;
      if (!isWhole && !OF_RECORD.has(name))
        report.unknown(
          'claims',
          commit,
          `${name}: it takes records that the commit names and that are not here`,
        );
      else
        report.fails(
          'claims',
          commit,
          `${name}: evidence.json says ${brief(change[name])}, and the proof ${brief(shown[name])}`,
        );
    }
  }
}

const KNOWN: ReadonlySet<string> = new Set(['known']);

/** Whoever had a hand in the commits is told: who is left out could be taken for a second person. */
async function checkAuthors(
  { authors }: EvidenceDocument,
  { manifest, proof, roster }: ClaimSources,
  report: Report,
): Promise<void> {
  const read = await Promise.all(manifest.commits.map((oid) => readCommit(proof.reader, oid)));
  const here = read.filter((commit) => commit !== null);
  const found = authorsOf(here, roster ?? emptyRoster(''));
  report.checked('claims');
  if (plain(found) === plain(authors)) return;
  // By which address people are known only the roster tells.
  const named = roster === null ? without(authors, KNOWN) : authors;
  const expected = roster === null ? without(found, KNOWN) : found;
  if (plain(named) === plain(expected))
    return report.unknown(
      'claims',
      'authors',
      'under which address they are known: the roster is not in the bundle',
    );
  const told = new Set((named as object[]).map(plain));
  const left = (expected as object[]).find((one) => !told.has(plain(one)));
  if (here.length === read.length || left !== undefined)
    report.fails(
      'claims',
      'authors',
      `evidence.json tells of other hands than the commits: ${brief(left ?? authors)}`,
    );
  else report.unknown('claims', 'authors', 'some of the commits are not in proof.pack');
}

/** Why a text is missing only its maker knows; whether a sponsor is verified takes a signature. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['missing', 'argsMissing', 'resultMissing', 'verified']);

function compared(value: unknown): string {
  return plain(without(value, NOT_COMPARED));
}

/** The people who answer for transactions are those their records name. */
function checkTxns(evidence: EvidenceDocument, { manifest }: ClaimSources, report: Report): void {
  const told = evidence.txns.map(({ txn }) => txn);
  report.checked('claims', told.length);
  if (plain([...told].sort()) !== plain([...manifest.txns].sort()))
    report.fails('claims', 'txns', 'they are others than the manifest names');
  for (const { txn, sponsor } of evidence.txns) {
    const own = evidence.changes.filter((change) => change.txn === txn);
    const sponsors = own.flatMap((change) => (change.sponsor === null ? [] : [change.sponsor.email]));
    if (sponsor !== null && own.length > 0 && !sponsors.includes(sponsor.email))
      report.fails('claims', txn, `no record of it names ${sponsor.email} as its sponsor`);
    if (sponsor === null && sponsors.length > 0)
      report.fails('claims', txn, 'its records name a sponsor, and evidence.json none');
  }
}

/** Where a document tells a digest, and where its text. */
const TEXT_FIELDS = [
  ['digest', 'text'],
  ['argsDigest', 'args'],
  ['resultDigest', 'result'],
] as const;

/** A text beside a digest, wherever it stands, is the one that is proven. */
function checkTexts(value: unknown, texts: ProvenTexts, report: Report): void {
  if (Array.isArray(value)) {
    for (const one of value) checkTexts(one, texts, report);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const [digestOf, textOf] of TEXT_FIELDS) {
    const [digest, text] = [fields[digestOf], fields[textOf]];
    if (typeof digest !== 'string' || typeof text !== 'string' || !digest.startsWith('hmac-')) continue;
    report.checked('texts');
    if (texts.get(digest) !== text)
      report.fails('texts', digest, 'evidence.json tells a text of it that texts.json does not prove');
  }
  for (const one of Object.values(value)) checkTexts(one, texts, report);
}
