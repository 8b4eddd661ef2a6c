import { open } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { type Ledger, openLedger } from '../../../lib/ledger/ledger.ts';
import { newDataKey } from '../../../lib/ledger/payloads/data-key.ts';
import { sealEntry } from '../../../lib/ledger/payloads/entry.ts';
import { knownRecipients } from '../../../lib/ledger/payloads/known-recipients.ts';
import { readTxn } from '../../../lib/ledger/payloads/store.ts';
import { addPayloads } from '../../../lib/ledger/payloads/write.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';
import { contentOf, entriesOf, KEYS, PAYLOADS, replaceEntries } from '../../support/sealed-texts.ts';

const MIB = 1024 * 1024;

/** A ledger that notes what is read of it. */
async function watched(repo: TestRepo): Promise<{ readonly ledger: Ledger; readonly reads: string[] }> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir }));
  const reads: string[] = [];
  const read = (name: string): ReturnType<Ledger['reader']['read']> => {
    reads.push(name);
    return ledger.reader.read(name);
  };
  return { ledger: { ...ledger, reader: { ...ledger.reader, read } }, reads };
}

describe('somebody pushes blobs of 100 MB where payloads and keys are', () => {
  let repo: TestRepo;
  let huge: string;
  const txn = newUlid(1_000);

  beforeAll(async () => {
    repo = await makeRepo();
    const key = newDataKey(txn);
    const header = { record: `sha256:${'a'.repeat(64)}`, level: 'task', texts: [] } as const;
    const { ledger } = await watched(repo);
    const wrapped = `${JSON.stringify({ schema: 'agent-log/wrapped-key/v1', txn, id: key.id, wrapped: 'x' })}\n`;
    await addPayloads(ledger, [
      { txn, payloads: [sealEntry(header, [], key)], keys: [Buffer.from(wrapped)] },
    ]);
    ledger.close();
    const path = repo.path('huge');
    const file = await open(path, 'w');
    await file.truncate(100 * MIB);
    await file.close();
    huge = await repo.git('hash-object', '-w', path);
    for (const ref of [PAYLOADS, KEYS])
      await replaceEntries(repo, ref, txn, [await contentOf(repo, ref, txn)], [huge]);
  });

  afterAll(() => repo.remove());

  it('none is loaded: the size is asked first, and what is beside them is read', async () => {
    expect((await entriesOf(repo, PAYLOADS)).map(({ oid }) => oid)).toContain(huge);
    const { ledger, reads } = await watched(repo);
    const before = process.memoryUsage().arrayBuffers;
    const { entries, keys, problems } = await readTxn(ledger, txn);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * MIB);
    expect([entries.length, keys.length]).toEqual([1, 1]);
    expect(problems.map(String)).toEqual([expect.stringContaining('larger than any payload') as string]);
    expect(reads).not.toContain(huge);
    ledger.close();
  });

  it('neither is one of the keys, when their readers are asked for', async () => {
    const { ledger, reads } = await watched(repo);
    expect(await knownRecipients(ledger)).toEqual([]);
    expect(reads).not.toContain(huge);
    ledger.close();
  });
});
