import type { BindingRecord } from '../../lib/core/generated/binding-v1.types.ts';
import type { ExecutionRecord } from '../../lib/core/generated/execution-v1.types.ts';
import { encodeRecord, type LandingRecord, type StoredRecord } from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';

export const NOW: number = Date.UTC(2026, 10, 22, 12, 0, 0);

/** The smallest execution record that is valid, with whatever a test cares about. */
export function executionRecord(fields: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return {
    schema: 'agent-log/execution/v1',
    id: newUlid(NOW),
    txn: newUlid(NOW),
    seq: 1,
    prev: null,
    recordedAt: new Date(NOW).toISOString(),
    agent: { name: 'test-agent', version: '1.0', sessionId: null, chain: [] },
    model: { provider: null, name: 'test-model' },
    sponsor: { name: 'Jane Doe', email: 'jane@example.com', source: 'flag' },
    task: null,
    base: { commit: null, tree: null, branch: 'main', dirty: false },
    head: { commit: null, tree: null, parents: [] },
    tree: null,
    ledger: null,
    prompts: [],
    context: [],
    toolCalls: [],
    reason: null,
    usage: null,
    environment: { platform: 'linux', arch: 'x64', tools: {} },
    files: [],
    redactions: [],
    capture: { by: 'library', gaps: [] },
    ...fields,
  };
}

export function storedExecution(fields: Partial<ExecutionRecord> = {}): StoredRecord<ExecutionRecord> {
  return encodeRecord(executionRecord(fields)) as StoredRecord<ExecutionRecord>;
}

export function storedBinding(
  record: StoredRecord<ExecutionRecord>,
  commit: string,
  fields: Partial<BindingRecord> = {},
): StoredRecord<BindingRecord> {
  return encodeRecord({
    schema: 'agent-log/binding/v1',
    id: newUlid(NOW),
    txn: record.record.txn,
    record: record.digest,
    commit,
    parents: [],
    tree: record.record.tree ?? commit,
    patchId: null,
    grade: 'exact',
    sealed: true,
    via: 'test',
    branch: 'main',
    boundAt: new Date(NOW).toISOString(),
    ...fields,
  }) as StoredRecord<BindingRecord>;
}

/** A ledger commit's identity. */
export const IDENTITY = 'Led Ger <ledger@example.com> 1795348800 +0000';

/** A landing that is valid, with whatever a test cares about. */
export function landing(fields: Partial<LandingRecord> = {}): LandingRecord {
  return {
    schema: 'agent-log/landing/v1',
    id: newUlid(NOW),
    txn: newUlid(NOW),
    record: `sha256:${'0'.repeat(64)}`,
    from: '1'.repeat(40),
    commit: '2'.repeat(40),
    parents: [],
    tree: '3'.repeat(40),
    patchId: null,
    grade: 'same-patch',
    sealed: true,
    proof: 'trailer',
    via: 'test',
    branch: null,
    landedAt: new Date(NOW).toISOString(),
    ...fields,
  };
}
