import { expect, it } from 'vitest';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { indexAt } from '../../../lib/ledger/index/update.ts';
import { LEDGER_REF, openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { ids, writeLedger } from '../../support/ledgers.ts';
import { repoForTest } from '../../support/recorded.ts';
import { NOW, storedExecution } from '../../support/records.ts';

const COUNT = 25_000;
const OID_BYTES = 20;

it('a large ledger has a row for every note, of its blob, whatever else lies there', async () => {
  const repo = await repoForTest();
  const { line } = storedExecution({ txn: newUlid(NOW) });
  const objects = ids(COUNT);
  const notes = objects.map((id): [string, string] => [
    `${id.slice(0, 2)}/${id.slice(2, 4)}/${id.slice(4)}`,
    `${line.replace('"seq":1', `"seq":${1 + (Number.parseInt(id.slice(0, 6), 16) % 5000)}`)}\n`,
  ]);
  const others = ['-before', '0', '00-no-note', '7/x', ':(top)', 'zz/last', '[0-7]'].map(
    (path): [string, string] => [path, `${line}\n`],
  );
  await writeLedger(repo, LEDGER_REF, Object.fromEntries([...notes, ...others]));
  const listed = await repo.git('ls-tree', '-r', LEDGER_REF);
  const blobs = new Map(
    listed.split('\n').flatMap((entry) => {
      const [, blob = '', path = ''] = /^100644 blob (\S+)\t(.*)$/.exec(entry) ?? [];
      const object = path.replaceAll('/', '');
      return object.length === 2 * OID_BYTES ? [[object, blob] as const] : [];
    }),
  );
  expect(blobs.size).toBe(COUNT);
  const ledger = openLedger(await findRepository({ cwd: repo.dir }), THOROUGH);
  try {
    let told = 0;
    const limits = { most: 0, build: true, beside: 0 };
    const stored = await indexAt(ledger, await repo.git('rev-parse', LEDGER_REF), limits, (notes) => {
      told = Math.max(told, notes);
    });
    if (stored === null) throw new Error('there is no index');
    const all = stored.base.rows(OID_BYTES);
    const rows = Array.from({ length: all.count }, (_, i) => all.at(i));
    stored.base.close();
    expect(rows).toHaveLength(COUNT);
    const wrong = rows.filter(({ object, blob }) => !blobs.get(object)?.startsWith(blob));
    expect(wrong).toEqual([]);
    expect(told).toBeGreaterThan(COUNT - 1000);
  } finally {
    ledger.close();
  }
});
