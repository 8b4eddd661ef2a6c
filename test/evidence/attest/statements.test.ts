import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEnvelope, signersOf } from '../../../lib/core/dsse.ts';
import { encodeRecord, type StoredRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { type Attested, attestationLines, statementsOf } from '../../../lib/evidence/attest/lines.ts';
import { PREDICATES, type Statement } from '../../../lib/evidence/attest/statement.ts';
import { ENVELOPE_NAMESPACE, sshEnvelopeKey } from '../../../lib/identity/signatures/envelope-key.ts';
import {
  evidenceApproval,
  evidenceChange,
  evidenceDecision,
  evidenceDocument,
} from '../../support/evidence.ts';
import { NOW, storedExecution } from '../../support/records.ts';
import { problemsBy } from '../../support/schema.ts';
import { ed25519Key, sshSign } from '../../support/ssh-keys.ts';

const COMMIT = 'a'.repeat(40);
const TREE = 'b'.repeat(40);
const AT = new Date(NOW).toISOString();

function replayOf(work: StoredRecord): StoredRecord {
  return encodeRecord({
    schema: 'agent-log/replay/v1',
    id: newUlid(NOW + 1),
    txn: newUlid(NOW),
    record: work.digest,
    commit: COMMIT,
    mode: 'verify',
    verdict: 'identical',
    binding: 'exact',
    sealed: true,
    coverage: { callsTotal: 0, executed: 0, stubbed: 0, skipped: 0 },
    environment: { git: '2', node: '20', platform: 'linux', arch: 'x64' },
    differences: [],
    missing: [],
    problems: [],
    by: null,
    recordedAt: AT,
  });
}

function revertOf(): StoredRecord {
  return encodeRecord({
    schema: 'agent-log/revert/v1',
    id: newUlid(NOW + 2),
    txns: [newUlid(NOW)],
    commit: 'f'.repeat(40),
    units: [COMMIT],
    dependants: [],
    scope: 'full',
    verdict: 'clean',
    verified: null,
    plan: `sha256:${'7'.repeat(64)}`,
    head: COMMIT,
    tree: TREE,
    reason: null,
    by: null,
    recordedAt: AT,
  });
}

function attested(fields: Partial<Attested['document']> = {}, records: StoredRecord[] = []): Attested {
  return {
    document: evidenceDocument(fields),
    notes: [{ bytes: Buffer.from(records.map(({ line }) => `${line}\n`).join('')) }],
  };
}

/** The only statement of an answer. */
function only(of: Attested): Statement {
  const said = statementsOf(of);
  expect(said).toHaveLength(1);
  return said[0]?.statement as Statement;
}

const decided = (...args: Parameters<typeof evidenceDecision>): Statement =>
  only(attested({ decisions: [evidenceDecision(...args)] }));

describe('statements of records', () => {
  test('name the commit that is shown to be the work, the digest of the line, and meet their schemas', () => {
    const work = storedExecution({ tree: TREE });
    const change = evidenceChange({ record: work.digest, txn: work.record.txn });
    const said = statementsOf(attested({ changes: [change] }, [work, work, replayOf(work), revertOf()]));
    expect(said.map(({ statement }) => [statement.predicateType, statement.subject])).toEqual([
      [PREDICATES.execution, [{ digest: { gitCommit: COMMIT } }]],
      [PREDICATES.revert, [{ digest: { gitCommit: 'f'.repeat(40) } }]],
      [PREDICATES.replay, [{ digest: { gitCommit: COMMIT } }]],
    ]);
    for (const { statement } of said) {
      expect(statement).toHaveProperty('_type', 'https://in-toto.io/Statement/v1');
      const file = statement.predicateType.replace('pkg:npm/git-agent-log#schemas/', '');
      expect(problemsBy(file, statement.predicate)).toEqual([]);
    }
    expect(said[0]?.statement.predicate).toMatchObject({
      recordDigest: { sha256: work.digest.slice('sha256:'.length) },
      binding: { commit: COMMIT, grade: 'exact', sealed: true },
    });
  });

  test('attack: a commit that merely claims a record, or was changed after it, is no subject of it', () => {
    const work = storedExecution({ tree: TREE });
    for (const binding of ['claimed', 'modified', 'none'] as const) {
      const change = evidenceChange({ record: work.digest, binding });
      expect(only(attested({ changes: [change] }, [work])).subject).toEqual([{ digest: { gitTree: TREE } }]);
    }
    const bare = storedExecution();
    const { subject } = only(attested({}, [bare]));
    expect(subject).toEqual([{ name: 'record', digest: { sha256: bare.digest.slice(7) } }]);
  });

  test('have types that name a file of the package, which says so itself', () => {
    for (const type of Object.values(PREDICATES)) {
      const path = type.slice(type.indexOf('#') + 1);
      expect(existsSync(new URL(`../../../${path}`, import.meta.url))).toBe(true);
    }
  });
});

describe('statements of decisions', () => {
  test('a pass is a verification result whose property says how far it is to be believed', () => {
    const { predicateType, predicate, subject } = decided();
    expect(predicateType).toBe('https://in-toto.io/attestation/svr/v0.2');
    expect(subject).toEqual([{ digest: { gitCommit: COMMIT } }]);
    expect(predicate).toMatchObject({
      verifier: {
        id: 'pkg:npm/git-agent-log',
        policies: [{ uri: `gitoid:blob:sha1:${'e'.repeat(40)}`, digest: { sha256: '2'.repeat(64) } }],
      },
      timeCreated: AT,
      properties: ['AGENT_LOG_EVALUATED:agent.dependencies'],
      agentLog: { basis: 'evaluated', signedBy: 'ci', target: 'refs/heads/main' },
    });
    expect(decided({}, { basis: 'asserted', signedBy: null }).predicate).toMatchObject({
      properties: ['AGENT_LOG_ASSERTED:agent.dependencies'],
    });
  });

  test('a rule that did not apply verifies nothing', () => {
    expect(decided({ result: 'skip' }).predicate).toMatchObject({ properties: [] });
  });

  test('attack: what did not pass is a summary that failed, waived or not', () => {
    for (const result of ['fail', 'error', 'warn'] as const) {
      const { predicateType, predicate } = decided({ result, waiver: newUlid(NOW) });
      expect(predicateType).toBe('https://slsa.dev/verification_summary/v1');
      expect(predicate).toMatchObject({
        verificationResult: 'FAILED',
        verifiedLevels: ['FAILED'],
        timeVerified: AT,
        resourceUri: `gitoid:commit:sha1:${COMMIT}`,
        policy: { uri: `gitoid:blob:sha1:${'e'.repeat(40)}` },
      });
    }
  });

  test('what another tool found is a test result', () => {
    const source = {
      kind: 'import',
      tool: 'junit',
      version: null,
      format: 'junit',
      ref: 'not-a-url',
    } as const;
    const { predicateType, predicate } = decided({ result: 'error', policy: null, source });
    expect(predicateType).toBe('https://in-toto.io/attestation/test-result/v0.1');
    expect(predicate).toMatchObject({
      result: 'FAILED',
      configuration: [],
      failedTests: ['agent.dependencies'],
      agentLog: { report: { name: 'junit', digest: { sha256: '3'.repeat(64) } } },
    });
    expect(predicate).not.toHaveProperty('url');
  });
});

describe('statements of approvals', () => {
  const approve = (...approvals: Attested['document']['approvals']): Statement[] =>
    statementsOf(attested({ approvals })).map(({ statement }) => statement);

  test('are gittuf’s: this tree, on this ref, from this state', () => {
    expect(approve(evidenceApproval())).toEqual([
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { gitTree: TREE } }],
        predicateType: 'https://gittuf.dev/reference-authorization/v0.2',
        predicate: { targetRef: 'refs/heads/main', fromID: 'c'.repeat(40), targetID: TREE },
      },
    ]);
  });

  test('attack: nobody’s word, a sponsorship, and a yes that was taken back are none', () => {
    expect(approve(evidenceApproval({}, { basis: 'asserted' }))).toEqual([]);
    expect(approve(evidenceApproval({ kind: 'sponsorship' }))).toEqual([]);
    const withdrawal = evidenceApproval(
      { kind: 'withdrawal', id: newUlid(NOW + 5), by: { name: 'x', email: 'ANN@example.com' } },
      { basis: 'asserted', signedBy: null },
    );
    expect(approve(evidenceApproval(), withdrawal)).toEqual([]);
    const before = evidenceApproval({ kind: 'withdrawal', id: newUlid(NOW - 5000) });
    expect(approve(before, evidenceApproval())).toHaveLength(1);
  });
});

describe('lines of attestations', () => {
  const key = ed25519Key();
  const sign = (bytes: Uint8Array, namespace: string): Promise<string> =>
    Promise.resolve(sshSign(key, bytes, { namespace }));
  const work = storedExecution({ tree: TREE });
  const answer = attested({ approvals: [evidenceApproval()] }, [work]);

  test('are unsigned without a key, and signed over the encoded bytes with one', async () => {
    for (const line of await attestationLines(answer, null))
      expect(JSON.parse(line)).toMatchObject({ signatures: [], payloadType: 'application/vnd.in-toto+json' });
    const [line = ''] = await attestationLines(answer, sign);
    const envelope = parseEnvelope(line);
    if (typeof envelope === 'string') throw new Error(envelope);
    expect(signersOf(envelope, [sshEnvelopeKey(key.text)]).size).toBe(1);
    expect(signersOf(envelope, [sshEnvelopeKey(ed25519Key().text)]).size).toBe(0);
    expect(envelope.signatures[0]?.keyid).toMatch(/^SHA256:/);
  });

  test('attack: an approval is never signed by whoever makes the bundle: its signer is the approver', async () => {
    const lines = await attestationLines(answer, sign);
    const signed = lines.map((line) => JSON.parse(line) as { signatures: object[] });
    expect(signed.map(({ signatures }) => signatures.length)).toEqual([1, 0]);
  });

  test('attack: a signature of a record or a commit is none of an envelope', async () => {
    for (const namespace of ['agent-log', 'git', 'file']) {
      const other = (bytes: Uint8Array): Promise<string> =>
        Promise.resolve(sshSign(key, bytes, { namespace }));
      const envelope = parseEnvelope((await attestationLines(answer, other))[0] ?? '');
      if (typeof envelope === 'string') throw new Error(envelope);
      expect(signersOf(envelope, [sshEnvelopeKey(key.text)]).size).toBe(0);
    }
    expect(ENVELOPE_NAMESPACE).toBe('dsse@git-agent-log');
  });
});
