import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealAside } from '../../../lib/capture/commit/aside.ts';
import { type Place, placeAt } from '../../../lib/capture/place.ts';
import { loadTxn, saveTxn, type TxnState } from '../../../lib/capture/transaction/transaction.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { NOW } from '../../support/records.ts';

let place: Place;
const txn = newUlid(NOW);

beforeEach(async () => {
  place = placeAt(await mkdtemp(join(tmpdir(), 'aside-')));
  await mkdir(place.txns, { recursive: true });
});
afterEach(() => rm(place.dir, { recursive: true, force: true }));

function stateWith(settled: readonly string[]): TxnState {
  return {
    txn,
    by: 'hooks',
    agent: { name: 'codex', version: null },
    model: { provider: null, name: null },
    sponsor: null,
    task: null,
    base: null,
    openedAt: new Date(NOW).toISOString(),
    endedAt: null,
    texts: 'k',
    seq: settled.length,
    prev: settled.at(-1) ?? null,
    settled,
  };
}

describe('a commit sealed while another process holds the lock', () => {
  it('counts a record that process settled while the copy was taken', async () => {
    await saveTxn(place, stateWith(['one']));
    let asked = 0;
    const waiting = async (): Promise<string[]> => {
      asked += 1;
      if (asked === 1) return ['two'];
      // The other process is done with it, before anybody looked at what waits.
      await saveTxn(place, stateWith(['one', 'two']));
      return [];
    };
    const seen: (readonly string[] | undefined)[] = [];
    await sealAside(place, { waiting, settle: () => Promise.resolve() }, async (copy) => {
      seen.push((await loadTxn(copy, txn))?.settled);
      return null;
    });
    expect(seen).toEqual([['one', 'two']]);
  });

  it('goes on where that process settles one after another', async () => {
    await saveTxn(place, stateWith(['one']));
    let asked = 0;
    const waiting = (): Promise<string[]> => Promise.resolve([`${(asked += 1)}`]);
    let sealed = 0;
    await sealAside(place, { waiting, settle: () => Promise.resolve() }, async () => {
      sealed += 1;
      return null;
    });
    expect(sealed).toBe(1);
    expect((await readdir(place.dir)).filter((name) => name.startsWith('aside-'))).toEqual([]);
  });
});
