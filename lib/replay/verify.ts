import type { Binding } from '../core/records/binding.ts';
import type { ExecutionRecord, StoredRecord } from '../core/records/record.ts';
import { compileRiskMatcher, RISK_CLASSES, type RiskClass } from '../core/risk/risk.ts';
import { checkedReader } from '../git/objects/checked-objects.ts';
import { openTreeWalker } from '../git/trees/tree-walk.ts';
import { candidatesOf } from '../ledger/binding/candidates.ts';
import { type Integrity, integrityOf } from '../ledger/binding/integrity.ts';
import type { Judged } from '../ledger/binding/judge.ts';
import { type AskedCommit, type JudgedCommit, judgeInParts } from '../ledger/binding/judge-many.ts';
import { strongest } from '../ledger/binding/resolve.ts';
import { type Ledger, readNote } from '../ledger/ledger.ts';
import { type Content, committedContent, type Looking, recordedContent } from './content.ts';
import {
  type Coverage,
  type MissingInput,
  MOST_LISTED,
  type Outcome,
  type Problem,
  type Verdict,
} from './outcome.ts';

export interface VerifyOptions {
  /** Only commits whose record has a file of one of these risk classes. */
  readonly classes?: readonly RiskClass[];
  /** Of several records in one commit, those that are asked for, by digest and the transaction they name. */
  readonly isAsked?: (digest: string, txn: string) => boolean;
}

/**
 * Verifies commits by id, in the order given: the recorded base with the recorded change is the recorded tree; record,
 * message, binding and commit agree. It reads objects and starts no process for one of them.
 */
export async function* verifyCommits(
  ledger: Ledger,
  oids: readonly string[],
  options: VerifyOptions = {},
): AsyncGenerator<Outcome> {
  const reader = checkedReader(ledger.reader, ledger.repo.format);
  const checked = { ...ledger, reader };
  const looking = { ledger: checked, walker: openTreeWalker(reader), damaged: reader.damaged };
  const classesIn = riskReader();
  const verified = async ({ oid, judged }: AskedCommit): Promise<Outcome[]> => {
    const best = judged === null ? null : bestOf(judged, (record) => isAsked(options, record, classesIn));
    const known = judged === null ? await recordSaid(checked, oid) : (best?.candidate.record ?? null);
    const classes = classesIn(known?.record ?? null);
    if (options.classes?.some((one) => classes.includes(one)) === false) return [];
    const outcome = judged === null ? absent(oid, known) : await outcomeOf(looking, judged, best);
    return [{ ...outcome, classes }];
  };
  const begun: Promise<Outcome[][]>[] = [];
  for await (const part of judgeInParts(checked, oids)) {
    const outcomes = Promise.all(part.map(verified));
    // Whoever awaits it hears of a failure. Meanwhile the next parts are read, so that neither git nor we wait.
    outcomes.catch(() => undefined);
    begun.push(outcomes);
    if (begun.length > MOST_BEGUN) for (const outcome of (await begun.shift()) ?? []) yield* outcome;
  }
  for (const outcomes of begun) for (const outcome of await outcomes) yield* outcome;
}

/** Parts whose trees are being read: each folder has to wait for the one it is in. */
const MOST_BEGUN = 2;

type ClassesIn = (record: ExecutionRecord | null) => readonly RiskClass[];

/** Paths whose classes are remembered: many commits change the same files. */
const MOST_PATHS = 100_000;

function riskReader(): ClassesIn {
  const match = compileRiskMatcher();
  const known = new Map<string, readonly RiskClass[]>();
  const classesOf = (path: string): readonly RiskClass[] => {
    const classes = known.get(path) ?? match(path);
    if (known.size < MOST_PATHS) known.set(path, classes);
    return classes;
  };
  return (record) => {
    const found = new Set(record?.files.flatMap(({ path }) => classesOf(path)));
    return RISK_CLASSES.filter((one) => found.has(one));
  };
}

/** What the ledger says a commit's record is that is not in this clone. */
async function recordSaid(ledger: Ledger, commit: string): Promise<StoredRecord<ExecutionRecord> | null> {
  return candidatesOf(await readNote(ledger, commit))[0]?.record ?? null;
}

function absent(commit: string, known: StoredRecord<ExecutionRecord> | null): Omit<Outcome, 'classes'> {
  return {
    commit,
    subject: null,
    txn: known?.record.txn ?? null,
    record: known?.digest ?? null,
    verdict: 'inconclusive',
    binding: 'none',
    sealed: false,
    coverage: unrun(known?.record ?? null),
    differences: [],
    missing: [{ kind: 'commit', id: commit }],
    problems: [],
  };
}

/** To verify is to run none of the calls. */
function unrun(record: ExecutionRecord | null): Coverage {
  const calls = record?.toolCalls.length ?? 0;
  return { callsTotal: calls, executed: 0, stubbed: 0, skipped: calls };
}

/** Of several records that are in one commit it is told by one that is asked for. */
function bestOf(
  { judgement: { judged } }: JudgedCommit,
  isWanted: (record: StoredRecord<ExecutionRecord>) => boolean,
): Judged | null {
  const asked = judged.filter(
    ({ binding, candidate }) => binding !== 'claimed' && isWanted(candidate.record),
  );
  return strongest(asked.length > 0 ? asked : judged);
}

function isAsked(
  { isAsked: isNamed, classes }: VerifyOptions,
  { digest, record }: StoredRecord<ExecutionRecord>,
  classesIn: ClassesIn,
): boolean {
  if (isNamed?.(digest, record.txn) === false) return false;
  return classes === undefined || classesIn(record).some((one) => classes.includes(one));
}

async function outcomeOf(
  looking: Looking,
  one: JudgedCommit,
  best: Judged | null,
): Promise<Omit<Outcome, 'classes'>> {
  const { commit, judgement } = one;
  const integrity = integrityOf(commit, judgement, best);
  const proof = best === null ? NO_RECORD : await proofOf(looking, one, best);
  const isDamaged = [commit.oid, ...commit.parents.slice(0, 1)].some((id) => looking.damaged.has(id));
  const found: Proof = isDamaged ? { ...proof, problems: [...proof.problems, 'object-damaged'] } : proof;
  const record = best?.candidate.record ?? null;
  const missing = uniqueInputs([...integrity.missing, ...found.missing]);
  const left = found.differences.length - MOST_LISTED;
  return {
    commit: commit.oid,
    subject: commit.message.split('\n', 1)[0] ?? '',
    txn: record?.record.txn ?? null,
    record: record?.digest ?? judgement.claims.records[0] ?? null,
    verdict: verdictOf(integrity, found, missing),
    binding: bindingOf(one, best),
    sealed: best?.sealed ?? false,
    coverage: unrun(record?.record ?? null),
    differences: found.differences.slice(0, MOST_LISTED),
    ...(left > 0 ? { differencesLeftOut: left } : {}),
    missing: missing.slice(0, MOST_LISTED),
    problems: [...new Set([...integrity.problems, ...found.problems])],
  };
}

/** What the content of one commit shows of its record. */
interface Proof extends Pick<Content, 'differences' | 'missing'> {
  /** What it comes to as long as nothing is wrong or missing. */
  readonly verdict: Verdict;
  readonly problems: readonly Problem[];
}

const NO_RECORD: Proof = { verdict: 'skipped', differences: [], missing: [], problems: [] };

async function proofOf(looking: Looking, one: JudgedCommit, best: Judged): Promise<Proof> {
  const { record } = best.candidate.record;
  const late: Problem[] = record.capture.assurance === undefined ? [] : ['written-afterwards'];
  const recorded = await recordedContent(looking, record);
  if (best.binding === 'exact') return proof('identical', recorded, late);
  if (best.binding === 'claimed') return claimed(one, best, recorded);
  const proven = one.judgement.judged.filter(({ binding }) => binding !== 'claimed').sort(bySeal);
  const records = proven.map(({ candidate }) => candidate.record.record);
  const committed = await committedContent(looking, one.shape, records);
  if (best.binding !== 'same-patch') {
    const why = best.binding === 'squashed' ? 'holds-several' : 'commit-changed';
    return proof('equivalent', committed, [...late, why]);
  }
  // Where the recorded trees are gone after a rebase, the same files with the same content are as good.
  const isSame = committed.missing.length + committed.differences.length === 0 && !committed.isDamaged;
  const content = recorded.missing.length > 0 && isSame ? committed : recorded;
  return proof('equivalent', content, [...late, 'base-moved']);
}

function proof(verdict: Verdict, { differences, missing, isDamaged }: Content, problems: Problem[]): Proof {
  return { verdict, differences, missing, problems: isDamaged ? [...problems, 'object-damaged'] : problems };
}

/** In the order they were sealed, so that what the last of them left in a file is what counts. */
function bySeal({ candidate: a }: Judged, { candidate: b }: Judged): number {
  return a.record.record.id < b.record.record.id ? -1 : 1;
}

/** Somebody names the record for the commit. A merge repeats the trailers of what it merges, and means nothing by it. */
function claimed({ commit }: JudgedCommit, best: Judged, recorded: Content): Proof {
  if (
    commit.parents.length > 1 &&
    !best.candidate.bindings.some((bound) => bound.record.commit === commit.oid)
  )
    return NO_RECORD;
  return proof('invalid', { ...recorded, differences: [] }, ['claim-unproven']);
}

function bindingOf({ judgement }: JudgedCommit, best: Judged | null): Binding {
  if (best !== null) return best.binding;
  const { records, txns } = judgement.claims;
  return records.length > 0 || txns.length > 0 ? 'claimed' : 'none';
}

/** What shows that somebody wrote what is not so. A claim may be true where the trees to show it are missing. */
const INCIDENTS: ReadonlySet<Problem> = new Set<Problem>([
  'record-altered',
  'seal-broken',
  'txn-differs',
  'binding-contradicts',
  'object-damaged',
]);

function verdictOf(integrity: Integrity, found: Proof, missing: readonly MissingInput[]): Verdict {
  const problems = [...integrity.problems, ...found.problems];
  if (problems.some((problem) => INCIDENTS.has(problem))) return 'invalid';
  if (missing.length > 0 && (found.verdict !== 'skipped' || integrity.missing.length > 0))
    return 'inconclusive';
  const differs = found.differences.length > 0 || integrity.problems.includes('claim-unproven');
  return differs ? 'divergent' : found.verdict;
}

function uniqueInputs(inputs: readonly MissingInput[]): MissingInput[] {
  return [...new Map(inputs.map((input) => [`${input.kind} ${input.id}`, input])).values()];
}
