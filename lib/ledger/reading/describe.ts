import type { ShowDocument } from '../../core/generated/show-v1.types.ts';
import type {
  ExecutionRecord,
  LandingRecord,
  RelandRecord,
  ReplayRecord,
  RevertRecord,
} from '../../core/records/record.ts';
import { foldRegroups, type Regrouping } from '../../core/records/regroup.ts';
import { completed } from '../../core/records/supplement.ts';
import { compileRiskMatcher, type RiskMatcher } from '../../core/risk/risk.ts';
import type { Resolution } from '../binding/resolve.ts';
import type { Note } from '../ledger.ts';
import { type ErasedTexts, type Erasure, erasedTexts } from '../payloads/erased.ts';
import { replaysOf } from '../told/replays.ts';
import { relandsOf, revertsOf } from '../told/reverts.ts';
import { sagasOf } from '../told/sagas.ts';
import { type MissingTexts, type ShownText, shownCall, type Texts, withText } from './shown-texts.ts';

export type { ShowDocument };

let matcher: RiskMatcher | null = null;

type TextOf = (ref: { readonly digest: string; readonly size: number }) => ShownText;

const NONE_MISSING: MissingTexts = new Map();

/** What is told of a commit's transaction by others than its record. */
export type SaidOfChange = Partial<Pick<ShowDocument, 'decisions' | 'approvals' | 'exceptions'>> & {
  readonly isAnsweredFor?: boolean;
  readonly erasure?: Pick<ErasedTexts, 'trust' | 'isByEraser'> | null;
};

/** A commit's record as the contract's `show --json` document. */
export function describe(
  resolution: Resolution,
  texts: Texts,
  regroups: Regrouping = foldRegroups([]),
  missing: MissingTexts = NONE_MISSING,
  erasure: Erasure | null = null,
  said: SaidOfChange = {},
): ShowDocument {
  const text: TextOf = (ref) => withText(ref, texts, missing);
  const { commit, binding, sealed, record: stored } = resolution;
  const record = fullRecord(resolution);
  return {
    schema: 'agent-log/show/v1',
    commit: commit.oid,
    subject: commit.message.split('\n', 1)[0] ?? '',
    authorship: record !== null && binding !== 'claimed' ? 'agent' : 'unknown',
    binding,
    sealed,
    record: stored?.digest ?? null,
    recordedAt: record?.recordedAt ?? null,
    ...txnNow(stored, regroups),
    seq: record?.seq ?? null,
    prev: record?.prev ?? null,
    agent: record?.agent ?? null,
    model: record?.model ?? null,
    // Only a signature verifies a sponsor; a name from a flag or a setting is asserted.
    sponsor: record?.sponsor ? { ...record.sponsor, verified: said.isAnsweredFor === true } : null,
    task: record?.task ? { ...text(record.task), ref: record.task.ref } : null,
    reason: record?.reason ? text(record.reason) : null,
    base: record === null ? null : baseOf(record),
    prompts: record?.prompts.map((prompt) => ({ ...text(prompt), at: prompt.at })) ?? [],
    context: record?.context.map((item) => contextItem(item, texts)) ?? [],
    toolCalls: record?.toolCalls.map((call) => shownCall(call, texts, missing)) ?? [],
    usage: record?.usage ? { ...record.usage } : null,
    environment: record ? { ...record.environment } : null,
    files: record?.files.map((file) => ({ ...file, classes: [...classesOf(file.path)] })) ?? [],
    erased: erasedNow(erasure, said),
    contributors: record?.contributors?.map((other) => contributor(other, text)) ?? [],
    redactions: record?.redactions.map((redaction) => ({ ...redaction })) ?? [],
    capture: record === null ? null : captureOf(record),
    gaps: record?.capture.gaps ?? [],
    others: resolution.others.map(({ digest }) => digest),
    decisions: said.decisions ?? [],
    approvals: said.approvals ?? [],
    landings: resolution.landings.map(landingItem),
    supersededBy: [...resolution.supersededBy],
    reverts: revertsOf(resolution.note).map(revertItem),
    relands: relandsOf(resolution.note).map(relandItem),
    ...sagaItems(resolution.note),
    replays: replaysOf(resolution.note).map(replayItem),
    exceptions: said.exceptions ?? [],
    integrity: { ok: resolution.problems.length === 0, problems: [...resolution.problems] },
  };
}

function erasedNow(erasure: Erasure | null, said: SaidOfChange): ErasedTexts | null {
  const erased = erasedTexts(erasure);
  return erased === null ? null : { ...erased, ...said.erasure };
}

function revertItem({
  commit,
  commits,
  txns,
  scope,
  verdict,
  plan,
  recordedAt,
}: RevertRecord): ShowDocument['reverts'][number] {
  return {
    commit,
    ...(commits === undefined ? {} : { commits: [...commits] }),
    txns: [...txns],
    scope,
    verdict,
    plan,
    at: recordedAt,
  };
}

function relandItem({
  commit,
  txns,
  reverts,
  scope,
  verdict,
  plan,
  recordedAt,
}: RelandRecord): ShowDocument['relands'][number] {
  return { commit, txns: [...txns], reverts: [...reverts], scope, verdict, plan, at: recordedAt };
}

function replayItem(replay: ReplayRecord): ShowDocument['replays'][number] {
  const { mode, verdict, record, binding, sealed, coverage, problems, recordedAt } = replay;
  return {
    mode,
    verdict,
    record,
    binding,
    sealed,
    coverage: { ...coverage },
    problems: [...problems],
    at: recordedAt,
  };
}

/** Absent where there is none, as nearly always. */
function sagaItems(note: Note | null): Pick<ShowDocument, 'sagas'> {
  const sagas = sagasOf(note).map(({ saga, txns, state, plan, repositories, recordedAt }) => ({
    saga,
    txns: [...txns],
    state,
    plan,
    repositories: repositories.map((step) => ({
      name: step.name,
      branch: step.branch,
      step: step.step,
      commit: step.commit,
      problem: step.problem,
      plan: step.plan,
    })),
    at: recordedAt,
  }));
  return sagas.length === 0 ? {} : { sagas };
}

function landingItem(landing: LandingRecord): ShowDocument['landings'][number] {
  const { record, from, commit, grade, sealed, proof, via, landedAt } = landing;
  return { record, from, commit, grade, sealed, proof, via, at: landedAt };
}

/** The transaction as it is now, and the one in the record where that is another. */
function txnNow(
  stored: Resolution['record'],
  regroups: Regrouping,
): Pick<ShowDocument, 'txn' | 'regroupedFrom'> {
  if (stored === null) return { txn: null, regroupedFrom: null };
  const recorded = stored.record.txn;
  const txn = regroups.txnOf(stored.digest, recorded);
  return { txn, regroupedFrom: txn === recorded ? null : recorded };
}

/** The record of a commit with all that became known of it later; null when it has none. */
export function fullRecord({
  record: stored,
  supplements,
}: Pick<Resolution, 'record' | 'supplements'>): ExecutionRecord | null {
  if (stored === null || supplements.length === 0) return stored?.record ?? null;
  return { ...stored.record, ...completed(stored.record, stored.digest, supplements) };
}

/** Null where nobody saw the repository begin: for a recorder that was there, no commit means an empty one. */
function baseOf(record: ExecutionRecord): ShowDocument['base'] {
  return record.base.commit === null && record.capture.assurance !== undefined ? null : record.base;
}

/** How a record came about: seen, or written after the fact. */
export function captureOf({ capture }: ExecutionRecord): NonNullable<ShowDocument['capture']> {
  const { by, assurance = null, source = null, late = false, elsewhere = false } = capture;
  return { by, assurance, source, late, elsewhere };
}

/** Compiled when the first file asks: a commit without files has no use for it. */
function classesOf(path: string): readonly string[] {
  matcher ??= compileRiskMatcher();
  return matcher(path);
}

function contributor(
  other: NonNullable<ExecutionRecord['contributors']>[number],
  text: TextOf,
): NonNullable<ShowDocument['contributors']>[number] {
  return { ...other, task: other.task === null ? null : text(other.task) };
}

function contextItem(
  item: ExecutionRecord['context'][number],
  texts: Texts,
): ShowDocument['context'][number] {
  const digest = item.blob === undefined ? (item.uriText?.digest ?? null) : `gitBlob:${item.blob}`;
  return { kind: item.kind, uri: item.uri ?? texts.get(item.uriText?.digest ?? '') ?? null, digest };
}
