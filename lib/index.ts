export { type AdoptOptions, type AdoptWords, applyAdoption } from './capture/adopt/apply.ts';
export type { Grouping } from './capture/adopt/groups.ts';
export {
  type AdoptPlan,
  type AdoptRequest,
  type PlannedCommit,
  type PlannedTxn,
  planAdoption,
} from './capture/adopt/plan.ts';
export { parseTxnMap, readTxnMap, type TxnMap } from './capture/adopt/txn-map.ts';
export { type BindOptions, type Bound, bindPending } from './capture/commit/bind.ts';
export { sealConfig } from './capture/commit/context.ts';
export { examine } from './capture/doctor/doctor.ts';
export type { Finding } from './capture/doctor/finding.ts';
export { type Recorded, recordExisting } from './capture/existing/record.ts';
export { type ExistingOptions, type ExistingWork, txnOfSource } from './capture/existing/work.ts';
export { parseAgentTraces } from './capture/imports/agent-trace.ts';
export { type EntireFolder, parseEntire } from './capture/imports/entire.ts';
export { parseGitAi } from './capture/imports/git-ai.ts';
export { parseGitvow } from './capture/imports/gitvow.ts';
export { type ImportOptions, type ImportReport, importRecords } from './capture/imports/import.ts';
export type { ImportFormat, ParsedSource, SourceDocument } from './capture/imports/source.ts';
export { parseWhogitit } from './capture/imports/whogitit.ts';
export { applyInstall, type Done, loadInstalled, removeInstall } from './capture/install/apply.ts';
export { type InstallOptions, type InstallPlan, planInstall } from './capture/install/plan.ts';
export { type Packed, type PackOptions, packPayloads } from './capture/payloads/pack.ts';
export { placeOf } from './capture/place.ts';
export {
  applyRegroup,
  planJoin,
  planSplit,
  type RegroupOptions,
  type RegroupPlan,
} from './capture/regroup.ts';
export { type Relinked, type RelinkOptions, relink } from './capture/relink.ts';
export {
  beginTxn,
  endTxn,
  type OpenContext,
  type OpenOptions,
  type RunResult,
  runAsAgent,
} from './capture/transaction/manual.ts';
export { recordDigest } from './core/digest.ts';
export {
  type Envelope,
  type EnvelopeKey,
  encodeEnvelope,
  parseEnvelope,
  signedOfEnvelope,
  signersOf,
} from './core/dsse.ts';
export { AgentLogError, type ErrorCode, type ErrorKind, exitCodeOf } from './core/errors.ts';
export { type Exception, type ExceptionState, foldExceptions } from './core/events/exceptions.ts';
export type { Anomaly, Folded, LedgerEvent } from './core/events/order.ts';
export type { Judging, KnownPeople } from './core/events/people.ts';
export { type EvidenceRequest, foldRequests } from './core/events/requests.ts';
export type { StepTrust, TrustOf } from './core/events/trust.ts';
export {
  activeWaivers,
  foldWaivers,
  MAX_WAIVER_DAYS,
  requestOf,
  type Waiver,
  type WaiverJudging,
} from './core/events/waivers.ts';
export type { Binding } from './core/records/binding.ts';
export {
  dueOf,
  EXCEPTION_TYPES,
  type Finding as ExceptionFinding,
  fingerprintOf,
  SEVERITIES,
  severityOf,
} from './core/records/exception.ts';
export {
  type BindingRecord,
  type ChangeSubject,
  type ExecutionRecord,
  encodeRecord,
  type LandingRecord,
  type LedgerRecord,
  type ParsedLine,
  parseLine,
  type RegroupRecord,
  type RelandRecord,
  type ReplayRecord,
  type RevertRecord,
  type SagaRecord,
  type StoredRecord,
} from './core/records/record.ts';
export { type Redacted, redactTexts } from './core/records/redact.ts';
export { foldRegroups, type Regrouping } from './core/records/regroup.ts';
export { type ClaimedTrailers, claimedTrailers } from './core/records/trailers.ts';
export { PII_DEFAULTS, type PiiSettings, piiSettings } from './core/secrets/pii.ts';
export { newUlid } from './core/ulid.ts';
export {
  type Attested,
  attestationLines,
  type Saying,
  type SignBytes,
  statementsOf,
} from './evidence/attest/lines.ts';
export type { Statement, Subject } from './evidence/attest/statement.ts';
export type {
  BundleFile,
  BundleManifest,
  Evidence,
  EvidenceDocument,
} from './evidence/bundle/evidence.ts';
export { bundleFiles } from './evidence/bundle/files.ts';
export { type GatherOptions, gatherEvidence } from './evidence/bundle/gather.ts';
export { NO_SOURCES, type Sources as EvidenceSources } from './evidence/bundle/sources.ts';
export type { Asked as AskedEvidence } from './evidence/bundle/subject.ts';
export { writeBundle } from './evidence/bundle/write.ts';
export { type ControlsDocument, controlsDocument } from './evidence/controls/controls.ts';
export type { Controlled } from './evidence/controls/topics.ts';
export {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportOptions,
  exportFormat,
  exportRecords,
  lineEndOf,
} from './evidence/export.ts';
export { AGENT_TRACE_TYPE } from './evidence/exports/agent-trace.ts';
export { type PageOptions, renderPage } from './evidence/page/page.ts';
export { type VerifyBundleOptions, verifyBundle } from './evidence/verify/bundle/verify-bundle.ts';
export type { VerifyDocument } from './evidence/verify/report.ts';
export { parseTrust, type TrustFile } from './evidence/verify/trust.ts';
export { type VerifyLedgerOptions, verifyRange } from './evidence/verify/verify-ledger.ts';
export { FAR_LIMITS, type FarLimits } from './git/far/source.ts';
export { openScratch, type Scratch } from './git/objects/scratch.ts';
export { findRepository, type Repository } from './git/repository/repository.ts';
export {
  type ApprovalsContext,
  approversOf,
  type JudgedApproval,
  type JudgedSponsorship,
  judgeApprovals,
} from './identity/approvals/judge.ts';
export type { Speaker } from './identity/approvals/say.ts';
export { type SpeakRequest, type Spoken, speakOfChange } from './identity/approvals/speak.ts';
export { type OidcTrust, verifyToken } from './identity/oidc/token.ts';
export { type CodeOwners, readCodeOwners } from './identity/owners/code-owners.ts';
export { type OwnerApproval, ownerApprovals } from './identity/owners/owner-approval.ts';
export { keyStoreOf } from './identity/recipients/key-store.ts';
export { type PayloadSettings, readPayloadSettings } from './identity/recipients/settings.ts';
export { parseRoster } from './identity/roster/parse.ts';
export { readRoster } from './identity/roster/read.ts';
export {
  type KnownAs,
  personOf,
  type Roster,
  type RosterPerson,
  whoIs,
} from './identity/roster/roster.ts';
export type { Signed } from './identity/signatures/anchoring.ts';
export { ENVELOPE_NAMESPACE, sshEnvelopeKey } from './identity/signatures/envelope-key.ts';
export {
  type AnchoredAt,
  type JudgedAt,
  type JudgedSignature,
  judgeSignatures,
} from './identity/signatures/judge.ts';
export { judgedAt } from './identity/signatures/judged-at.ts';
export { fingerprint } from './identity/signatures/public-key.ts';
export { type Verified, verifySignature, verifySshSignature } from './identity/signatures/verify.ts';
export { trustOfSteps } from './identity/vouched.ts';
export { appendLandings } from './ledger/binding/landings.ts';
export { type Resolution, resolveCommit } from './ledger/binding/resolve.ts';
export {
  type Indexing,
  LEDGER_REF,
  type Ledger,
  type Note,
  openLedger,
  readNote,
  THOROUGH,
} from './ledger/ledger.ts';
export { type AppendOptions, appendToNotes, type NoteAppend } from './ledger/notes/append.ts';
export type { DataKey, KeyStore, WrappedKey } from './ledger/payloads/data-key.ts';
export {
  type ErasedTexts,
  type Erasure,
  type Erasures,
  erasedTexts,
  readErasures,
} from './ledger/payloads/erased.ts';
export { type MissingText, type ReadTexts, readStoredTexts } from './ledger/payloads/read.ts';
export { type ContentLook, contentLook } from './ledger/reading/content-look.ts';
export { describe, type ShowDocument } from './ledger/reading/describe.ts';
export { type ScannedRecord, scanLedger } from './ledger/reading/scan.ts';
export { type RecordQuery, selectRecords } from './ledger/reading/select.ts';
export { allTextDigests, type Texts, textDigests } from './ledger/reading/shown-texts.ts';
export { type FoundTxn, findTxn, membersOf, type TxnMember, txnNamed } from './ledger/reading/txn.ts';
export { type LedgerLoss, ledgerLosses } from './ledger/sync/append-only.ts';
export { type FarLedger, type FarOptions, openFarLedger } from './ledger/sync/far-ledger.ts';
export { mergeFetched } from './ledger/sync/fetched.ts';
export { type MergeOptions, type MergeResult, mergeLedger } from './ledger/sync/merge.ts';
export type { MergeProblem, MergeProblemCode } from './ledger/sync/merge-plan.ts';
export { defaultRemote } from './ledger/sync/remote-ledger.ts';
export { type SyncOptions, type SyncResult, syncLedger } from './ledger/sync/sync.ts';
export { type ChangeNamed, changeSubject } from './ledger/told/change-subject.ts';
export { type Actor, type OpenedExceptions, openExceptions } from './ledger/told/exceptions.ts';
export { newestMergeRequest } from './ledger/told/merge-requests.ts';
export { type Pass, type PassedExceptions, submitPasses } from './ledger/told/passed.ts';
export { readRegroups } from './ledger/told/regroups.ts';
export type { Vouch } from './ledger/told/vouching.ts';
export {
  type DryRedaction,
  type DryRedactionOptions,
  dryRedaction,
  textDigestsIn,
} from './oversight/dry-redaction.ts';
export { exceptionNamed, requestNamed, waiverNamed } from './oversight/exceptions/named.ts';
export { type Queue, readQueue } from './oversight/exceptions/queue.ts';
export { type ExceptionQuery, selectExceptions } from './oversight/exceptions/select.ts';
export { addStep, type Step } from './oversight/exceptions/step.ts';
export { type MetricsDocument, metricsDocument } from './oversight/metrics/document.ts';
export {
  type Metrics,
  type MetricsDetails,
  type MetricsInput,
  metricsOf,
} from './oversight/metrics/metrics.ts';
export { type ReadMetricsOptions, readMetricsInput } from './oversight/metrics/read.ts';
export { type EraseOptions, erase, type Tombstone } from './oversight/retention/erase.ts';
export { type ErasurePlan, planErasure, storedTxnsOf } from './oversight/retention/plan-erasure.ts';
export {
  type DueTxn,
  planRetention,
  type RetentionOptions,
  type RetentionPlan,
} from './oversight/retention/plan-retention.ts';
export { parseRetentionRule, type RetentionRule, readRetentionRules } from './oversight/retention/rules.ts';
export { explainLines, type Why, type WhyOptions } from './oversight/why.ts';
export { type WhyDocument, whyDocument } from './oversight/why-document.ts';
export {
  type DecideOptions,
  decide,
  type RuleResult,
  type Verdict,
  type WaiverInForce,
} from './policy/decide.ts';
export { type EvaluateOptions, evaluatePolicy } from './policy/evaluate.ts';
export { FACTS_V1, type Facts } from './policy/facts.ts';
export {
  cleanResults,
  importResults,
  RESULT_FORMATS,
  type ResultFormat,
} from './policy/imports/import.ts';
export type { Imported, ImportedApproval, ImportedResults } from './policy/imports/imported.ts';
export { judgePush, type PushedRange, type RangeJudge, type Refusal } from './policy/receive/judge-push.ts';
export {
  type PushedRef,
  parsePushed,
  readServerSettings,
  type ServerSettings,
} from './policy/receive/pushed.ts';
export { POLICY_PATH, type Policy, type Rule } from './policy/rules/policy.ts';
export { type PolicyReading, parsePolicy, readPolicy } from './policy/rules/policy-file.ts';
export { type CallsOptions, replayCallsOf } from './replay/calls/work.ts';
export { type Containment, findContainment } from './replay/containment/containment.ts';
export { DEFAULT_LIMITS as REPLAY_LIMITS, type Limits as ReplayLimits } from './replay/containment/limits.ts';
export type { Outcome as ReplayOutcome, ReplaySummary } from './replay/outcome.ts';
export { summaryOf as summaryOfReplays } from './replay/outcome.ts';
export {
  type Replayer,
  type ReplayOptions,
  recordReplays,
  replayEnvironment,
  verifyWork,
} from './replay/replay.ts';
export { type RerunOptions, rerunWork } from './replay/rerun/work.ts';
export { type Work, workNamed } from './replay/targets.ts';
export { type Applied, type ApplyOptions, applyRevert } from './revert/apply/apply.ts';
export { type Recovered, recoverFirst as recoverRevert } from './revert/apply/recover.ts';
export { abort as abortRevert } from './revert/by-hand/abort.ts';
export { type Resumed, type ResumeOptions, resume as resumeRevert } from './revert/by-hand/resume.ts';
export { type ByHandOptions, startByHand } from './revert/by-hand/start.ts';
export type { Stop } from './revert/by-hand/stop.ts';
export { txnsRevertedBy } from './revert/members/reverted-by.ts';
export { type PlanOptions, planReland, planRevert, type RevertPlan } from './revert/plan.ts';
export { type VerifyOptions, verifyTree } from './revert/running/verify.ts';
export {
  type NamedRepository,
  parseRepositoryList,
  readRepositoryList,
} from './revert/saga/list.ts';
export { type SagaPlace, type Target, targetOf } from './revert/saga/place.ts';
export { type ClosedPlace, planSaga, type SagaPlan, type SagaPlanPart } from './revert/saga/plan.ts';
export type { SagaActor } from './revert/saga/prepare.ts';
export type { SagaRun } from './revert/saga/run.ts';
export { abortSaga, applySaga, continueSaga, unfinishedSaga } from './revert/saga/saga.ts';
