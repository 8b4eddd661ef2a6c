import {
  type ApprovalRecord,
  type CheckpointRecord,
  encodeRecord,
  type SignatureRecord,
} from '../../lib/core/records/record.ts';
import { newUlid } from '../../lib/core/ulid.ts';
import { findRepository } from '../../lib/git/repository/repository.ts';
import { readRoster } from '../../lib/identity/roster/read.ts';
import type { Roster } from '../../lib/identity/roster/roster.ts';
import { type JudgedSignature, judgeSignatures } from '../../lib/identity/signatures/judge.ts';
import { judgedAt } from '../../lib/identity/signatures/judged-at.ts';
import { type Ledger, ledgerTip, openLedger, THOROUGH } from '../../lib/ledger/ledger.ts';
import { appendTold, type Told } from '../../lib/ledger/told/told.ts';
import { approval } from './approvals.ts';
import { executionRecord, IDENTITY } from './records.ts';
import { makeRepo, type TestRepo } from './repo.ts';
import { ed25519Key, signatureOf, type TestKey } from './ssh-keys.ts';

/** A branch with a roster, and a ledger that its commits seal, each at a date of the test's choosing. */
export interface AnchorScene {
  readonly repo: TestRepo;
  readonly ledger: Ledger;
  readonly jane: TestKey;
  readonly ci: TestKey;
  /** Commits a roster in which Jane's key has some more fields, such as `revoked: 2026-03-01`. */
  readonly roster: (date: string, fields: string | null) => Promise<string>;
  readonly commit: (date: string, message?: string) => Promise<string>;
  /** Puts an approval on HEAD's note, signed or not. */
  readonly approve: (date: string, key: TestKey | null) => Promise<Told<ApprovalRecord>>;
  /** Adds a signature to what stands there. */
  readonly sign: (told: Told<ApprovalRecord>, date: string, key: TestKey) => Promise<Told<ApprovalRecord>>;
  /** A record that saw the ledger as it is, or at a tip, and the trailer that seals it. */
  readonly seal: (tip?: string) => Promise<string>;
  /** A checkpoint of the ledger as it is, or at a tip. */
  readonly checkpoint: (date: string, key: TestKey, target: string, tip?: string) => Promise<void>;
  /** What a signature is worth, looked at after others. */
  readonly judge: (
    told: Told<ApprovalRecord>,
    now: string,
    others?: readonly Told<ApprovalRecord>[],
  ) => Promise<JudgedSignature | undefined>;
  readonly close: () => Promise<void>;
}

const day = (date: string): number => Date.parse(`${date}T12:00:00Z`);

export async function anchorScene(): Promise<AnchorScene> {
  const repo = await makeRepo({ firstCommit: false });
  const ledger = openLedger(await findRepository({ cwd: repo.dir, foreign: true }), THOROUGH);
  const [jane, ci] = [ed25519Key(), ed25519Key()];
  const commit: AnchorScene['commit'] = async (date, message = 'Work') => {
    const when = `${day(date) / 1000} +0000`;
    const args = ['commit', '-q', '--allow-empty', '-m', message];
    const { code, stderr } = await repo.tryGit(args, {
      env: { GIT_COMMITTER_DATE: when, GIT_AUTHOR_DATE: when },
    });
    if (code !== 0) throw new Error(stderr);
    return repo.git('rev-parse', 'HEAD');
  };
  const append = async (
    object: string,
    records: Parameters<typeof appendTold>[1][number]['records'],
  ): Promise<void> => appendTold(ledger, [{ object, records }], { identity: IDENTITY, message: 'test\n' });
  const signature = (key: TestKey, digest: string, date: string): SignatureRecord => ({
    ...signatureOf(key, digest),
    recordedAt: new Date(day(date)).toISOString(),
  });
  const tipNow = async (): Promise<string> => (await ledgerTip(ledger)) ?? '';
  return {
    repo,
    ledger,
    jane,
    ci,
    commit,
    roster: async (date, fields) => {
      const keys = fields === null ? '[]' : `[{key: "${jane.text}"${fields === '' ? '' : `, ${fields}`}}]`;
      const people = `people: [{name: Jane Doe, email: jane@example.com, keys: ${keys}}]`;
      await repo.write(
        '.agent-log/sponsors.yaml',
        `version: 1\n${people}\nci: [{name: main, keys: ["${ci.text}"]}]\n`,
      );
      await repo.git('add', '.agent-log');
      return commit(date, 'Roster');
    },
    approve: async (date, key) => {
      const head = await repo.git('rev-parse', 'HEAD');
      const { subject, ...rest } = approval({}, day(date));
      const record = { ...rest, subject: { ...subject, head } };
      const stored = { ...encodeRecord(record), record };
      const signatures = key === null ? [] : [signature(key, stored.digest, date)];
      await append(head, [record, ...signatures]);
      return { object: head, stored, signatures };
    },
    sign: async (told, date, key) => {
      const added = signature(key, told.stored.digest, date);
      await append(told.object, [added]);
      return { ...told, signatures: [...told.signatures, added] };
    },
    seal: async (tip) => {
      const record = executionRecord({ txn: newUlid(Date.now()), ledger: tip ?? (await tipNow()) });
      await append(await repo.git('rev-parse', 'HEAD'), [record]);
      return `Agent-Record: ${encodeRecord(record).digest}`;
    },
    checkpoint: async (date, key, target, tip) => {
      const record: CheckpointRecord = {
        schema: 'agent-log/checkpoint/v1',
        id: newUlid(day(date)),
        tip: tip ?? (await tipNow()),
        notes: 1,
        target,
        by: null,
        recordedAt: new Date(day(date)).toISOString(),
      };
      await append(target, [record, signature(key, encodeRecord(record).digest, date)]);
    },
    judge: async (told, now, others = []) => {
      const roster: Roster = await readRoster(ledger.reader, await repo.git('rev-parse', 'main'));
      const at = await judgedAt(ledger, roster, [...others, told], day(now));
      return judgeSignatures(told, roster, at).at(-1);
    },
    close: async () => {
      ledger.close();
      await repo.remove();
    },
  };
}
