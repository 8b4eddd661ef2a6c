export { type BindOptions, type Bound, bindPending } from './capture/bind.ts';
export { examine } from './capture/doctor.ts';
export {
  type ExistingOptions,
  type ExistingWork,
  type Recorded,
  recordExisting,
  txnOfSource,
} from './capture/existing.ts';
export type { Finding } from './capture/finding.ts';
export { applyInstall, type Done, loadInstalled, removeInstall } from './capture/install/apply.ts';
export { type InstallOptions, type InstallPlan, planInstall } from './capture/install/plan.ts';
export {
  beginTxn,
  endTxn,
  type OpenContext,
  type OpenOptions,
  type RunResult,
  runAsAgent,
} from './capture/manual.ts';
export { placeOf } from './capture/place.ts';
export { sealConfig } from './capture/seal.ts';
export type { Binding } from './core/binding.ts';
export { recordDigest } from './core/digest.ts';
export { AgentLogError, type ErrorCode, type ErrorKind, exitCodeOf } from './core/errors.ts';
export {
  type BindingRecord,
  type ExecutionRecord,
  encodeRecord,
  type LedgerRecord,
  type ParsedLine,
  parseLine,
  type StoredRecord,
} from './core/record.ts';
export { type ClaimedTrailers, claimedTrailers } from './core/trailers.ts';
export { newUlid } from './core/ulid.ts';
export { findRepository, type Repository } from './git/repository.ts';
export { type AppendOptions, appendToNotes, type NoteAppend } from './ledger/append.ts';
export { describe, type ShowDocument, type Texts } from './ledger/describe.ts';
export { LEDGER_REF, type Ledger, type Note, openLedger, readNote } from './ledger/ledger.ts';
export { type Resolution, resolveCommit } from './ledger/resolve.ts';
export { type ScannedRecord, scanLedger } from './ledger/scan.ts';
export { type FoundTxn, findTxn } from './ledger/txn.ts';
