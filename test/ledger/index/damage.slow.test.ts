import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { decodeHead, encodeHead } from '../../../lib/ledger/index/head.ts';
import { indexFolder, loadIndex } from '../../../lib/ledger/index/store.ts';
import { LEDGER_REF, ledgerTip, openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { notesOfTxns } from '../../../lib/ledger/reading/find.ts';
import { selectRecords } from '../../../lib/ledger/reading/select.ts';
import { type Files, notePath, setLedger } from '../../support/ledger-history.ts';
import { NOW, storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const TXN = newUlid(NOW);
const OBJECTS = Array.from({ length: 60 }, (_, i) => String(i).padStart(40, '0'));

let repo: TestRepo;
let here: Repository;
let head: string;
let whole: string;
beforeAll(async () => {
  repo = await makeRepo();
  here = await findRepository({ cwd: repo.dir });
  head = join(indexFolder(here), 'head');
  whole = repo.path('.git', 'whole');
  await setLedger(repo, notes(50));
  await repo.git('update-ref', 'refs/kept', LEDGER_REF);
  await expectRight(50);
  cpSync(indexFolder(here), whole, { recursive: true });
});
beforeEach(() => {
  rmSync(indexFolder(here), { recursive: true, force: true });
  cpSync(whole, indexFolder(here), { recursive: true });
});
afterAll(() => repo.remove());

/** A note with a record for each of the first objects. */
function notes(count: number): Files {
  return new Map(
    OBJECTS.slice(0, count).map((object) => [notePath(object, 1), `${storedExecution({ txn: TXN }).line}\n`]),
  );
}

/** Every answer is right, and afterwards the index is one of this ledger. */
async function expectRight(count: number, isKept = true): Promise<void> {
  const ledger = openLedger(here, THOROUGH);
  try {
    expect(await notesOfTxns(ledger, [TXN])).toHaveLength(count);
    expect(await selectRecords(ledger, { agent: 'test-agent' })).toHaveLength(count);
    const stored = await loadIndex(here);
    expect(stored?.head.tip).toBe(isKept ? await ledgerTip(ledger) : undefined);
    stored?.base.close();
  } finally {
    ledger.close();
  }
}

function base(): string {
  const [name = ''] = readdirSync(indexFolder(here)).filter((one) => one.startsWith('base-'));
  return join(indexFolder(here), name);
}

/** Writes other bytes over some of a file. */
function damage(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8((bytes[place] ?? 0) ^ 1, place);
  writeFileSync(path, bytes);
}

describe('an index', () => {
  it('is made anew when all of it is gone', async () => {
    rmSync(indexFolder(here), { recursive: true });
    await expectRight(50);
  });

  it.each([
    ['is gone', () => rmSync(base())],
    ['is cut short', () => truncateSync(base(), 4096)],
    ['is empty', () => truncateSync(base(), 0)],
    ['has another bit in its first row', () => damage(base(), 30)],
    ['has another bit in a row further on', () => damage(base(), 4096 + 200)],
    ['has another bit in its last digest', () => damage(base(), -1)],
    [
      'is full of zeros, as after a crash',
      () => writeFileSync(base(), Buffer.alloc(readFileSync(base()).length)),
    ],
    [
      'has its blocks in another order',
      () => {
        const bytes = readFileSync(base());
        writeFileSync(
          base(),
          Buffer.concat([bytes.subarray(4096, 8192), bytes.subarray(0, 4096), bytes.subarray(8192)]),
        );
      },
    ],
  ])('is made anew when its base %s', async (_, harm) => {
    harm();
    await expectRight(50);
  });

  it.each([
    ['is gone', () => rmSync(head)],
    ['is empty', () => truncateSync(head, 0)],
    ['is half written', () => truncateSync(head, 200)],
    ['has another bit', () => damage(head, 60)],
    ['has another bit in its digest', () => damage(head, -1)],
    [
      'is a folder',
      () => {
        rmSync(head);
        cpSync(join(here.gitDir, 'refs'), head, { recursive: true });
      },
    ],
  ])('is made anew when its head %s', async (what, harm) => {
    harm();
    await expectRight(50, what !== 'is a folder');
  });

  it.each([
    ['an older version', (text: string) => text.replace('agent-log-index/', 'agent-log-index/0.')],
    ['other risk classes', (text: string) => text.replace(/"risk":"./, '"risk":"-')],
    ['another kind of object id', (text: string) => text.replace('"sha1"', '"sha256"')],
    ['tables beyond its end', (text: string) => text.replace(/"count":\d+/, '"count":4294967295')],
    ['tables of nothing', (text: string) => text.replace(/"size":\d+/g, '"size":0')],
    ['tables before its beginning', (text: string) => text.replace(/"block":\d+/g, '"block":-1')],
    ['a base somewhere else', (text: string) => text.replace(/"key":"[0-9a-f]+"/, '"key":"../../../HEAD"')],
    ['no text at all', () => ''],
  ])('is made anew when its head is whole, but of %s', async (_, change) => {
    writeFileSync(head, signed(readFileSync(head), change));
    await expectRight(50);
  });

  it('is made anew when it is that of another repository', async () => {
    const other = await makeRepo();
    try {
      await setLedger(other, notes(3));
      const there = await findRepository({ cwd: other.dir });
      const ledger = openLedger(there, THOROUGH);
      expect(await notesOfTxns(ledger, [TXN])).toHaveLength(3);
      ledger.close();
      rmSync(indexFolder(here), { recursive: true });
      cpSync(indexFolder(there), indexFolder(here), { recursive: true });
      await expectRight(50);
    } finally {
      await other.remove();
    }
  });

  it('is done without where it can be neither made nor kept', async () => {
    rmSync(indexFolder(here), { recursive: true });
    writeFileSync(indexFolder(here), 'a file in its place');
    await expectRight(50, false);
  });

  it('is kept in memory where it is there and can be kept no longer', async () => {
    await setLedger(repo, notes(60));
    const kept = readFileSync(head);
    rmSync(head);
    cpSync(join(here.gitDir, 'refs'), head, { recursive: true });
    await expectRight(60, false);
    rmSync(head, { recursive: true });
    writeFileSync(head, kept);
    await expectRight(60);
    await repo.git('update-ref', LEDGER_REF, 'refs/kept');
  });

  it('is not made by a hook, which searches the ledger as before', async () => {
    rmSync(indexFolder(here), { recursive: true });
    const ledger = openLedger(here);
    expect(await notesOfTxns(ledger, [TXN])).toHaveLength(50);
    ledger.close();
    expect(await loadIndex(here)).toBeNull();
  });

  it('leaves nothing lying about', async () => {
    for (let count = 51; count < 55; count++) {
      await setLedger(repo, notes(count));
      await expectRight(count);
    }
    expect(readdirSync(indexFolder(here))).toHaveLength(2);
    await repo.git('update-ref', LEDGER_REF, 'refs/kept');
  });
});

describe('the head of an index', () => {
  it('is read as it was written', () => {
    const read = decodeHead(readFileSync(head), 'sha1');
    expect(read).not.toBeNull();
    if (read !== null) expect(encodeHead(read, 'sha1')).toEqual(readFileSync(head));
  });
});

/** What somebody would write who knows how a head is made. */
function signed(bytes: Buffer, change: (text: string) => string): Buffer {
  const body = Buffer.from(change(bytes.subarray(0, -32).toString('latin1')), 'latin1');
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}
