import type { ChangedFile, ExecutionRecord, Redaction } from '../../core/generated/execution-v1.types.ts';
import { addUsage, NO_USAGE, type Usage } from '../../core/records/usage.ts';
import { MAX_REMEMBERED, promptMark, type SessionState } from './session.ts';
import { untoldInRecord } from './transcript-gap.ts';

/** Sum of the usage no bound record holds yet; null when the agent reported none. */
export function unrecordedUsage(state: SessionState): Usage | null {
  const all = [...state.usage.values()];
  return all.length === 0
    ? null
    : all.reduce<Required<Usage>>((sum, usage) => addUsage(sum, usage), NO_USAGE);
}

/** Remembers what a record sealed now covers, so that settling it later takes exactly that away. */
export function noteSealed(state: SessionState, digest: string): void {
  state.sealedUsage.set(digest, [...state.usage.keys()]);
}

/** Remembers what a record that got its commit left unsaid. */
export function noteRecorded(
  state: SessionState,
  digest: string,
  record: ExecutionRecord,
  commit: string,
): void {
  const running = record.toolCalls.filter(({ status }) => status === 'running').map(({ id }) => id);
  state.lastRecord = {
    digest,
    commit,
    txn: record.txn,
    running,
    hasModel: record.model.name !== null,
    untold: untoldInRecord(state.agent, record.capture.gaps),
  };
}

/**
 * Takes what a record that got its commit holds out of what waits for the next one. A call that was still running in
 * the record stays: the next record tells how it ended.
 */
export function settleSession(state: SessionState, digest: string, record: ExecutionRecord): void {
  const finished = new Set(record.toolCalls.filter(({ status }) => status !== 'running').map(({ id }) => id));
  // A record sealed aside has the prompt with another salt.
  const prompts = new Set(record.prompts.flatMap((prompt) => [prompt.digest, promptMark(prompt)]));
  const context = new Set(record.context.map((item) => JSON.stringify(item)));
  state.calls = state.calls.filter(({ id }) => !finished.has(id));
  state.prompts = state.prompts.filter(
    (prompt) => !prompts.has(prompt.digest) && !prompts.has(promptMark(prompt)),
  );
  state.context = state.context.filter((item) => !context.has(JSON.stringify(item)));
  state.gaps = state.gaps.filter((gap) => !record.capture.gaps.includes(gap));
  state.redactions = subtractRedactions(state.redactions, record.redactions);
  for (const id of state.sealedUsage.get(digest) ?? []) {
    state.usage.delete(id);
    state.recordedUsage = [...state.recordedUsage, id].slice(-MAX_REMEMBERED);
  }
  state.sealedUsage.delete(digest);
  if (state.isBorrowed)
    state.taken = [...state.taken, ...finished, ...record.prompts.map(promptMark)].slice(-MAX_REMEMBERED);
  settleWrites(state, record.files);
}

/** Forgets what a session wrote once it is committed, by whomever. */
export function settleWrites(
  state: SessionState,
  files: readonly Pick<ChangedFile, 'path' | 'blob'>[],
): void {
  for (const { path, blob } of files) {
    if (state.writes.get(path)?.at(-1)?.blob === blob) state.writes.delete(path);
  }
}

function subtractRedactions(all: readonly Redaction[], taken: readonly Redaction[]): Redaction[] {
  return all
    .map(({ rule, count }) => ({
      rule,
      count: count - (taken.find((other) => other.rule === rule)?.count ?? 0),
    }))
    .filter(({ count }) => count > 0);
}
