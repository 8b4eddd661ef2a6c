import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { encodeRecord, type ReplayRecord } from '../../../lib/core/records/record.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { readCounted } from '../../../lib/oversight/metrics/counted.ts';
import type { MetricsInput } from '../../../lib/oversight/metrics/metrics.ts';
import { readMetricsInput } from '../../../lib/oversight/metrics/read.ts';
import { opened } from '../../support/events.ts';
import { notePath, setLedger } from '../../support/ledger-history.ts';
import { exampleInput } from '../../support/metrics-example.ts';
import { executionRecord, NOW } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const OBJECTS = Array.from({ length: 12 }, (_, i) => createHash('sha1').update(String(i)).digest('hex'));

const record = fc
  .record({ n: fc.nat(20), isSponsored: fc.boolean(), path: fc.constantFrom('src/a.ts', 'package.json') })
  .map(({ n, isSponsored, path }) =>
    encodeRecord(
      executionRecord({
        id: newUlid(NOW + n * 1000, () => Buffer.alloc(10, n)),
        recordedAt: new Date(NOW + n * 1000).toISOString(),
        sponsor: isSponsored ? { name: 'Jane Doe', email: 'jane@example.com', source: 'flag' } : null,
        files: [{ path, change: 'modified', blob: 'a'.repeat(40), by: 'agent' }],
      }),
    ),
  );

const replay = fc.tuple(record, fc.nat(2)).map(([{ digest }, n]) => {
  const [some] = exampleInput().replays as readonly [ReplayRecord];
  return encodeRecord({ ...some, id: newUlid(NOW + n), record: digest }).line;
});

/** What lies on a note: records, replays of them, exceptions, and what is none of these. */
const note = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: record.map(({ line }) => line) },
      replay,
      fc.nat(3).map((day) => encodeRecord(opened(day).record).line),
      fc.constantFrom(
        'not json',
        '{"schema":"agent-log/execution/v1"}',
        '{"schema":"agent-log/execution/v2"}',
      ),
      record.map(({ line }) => line.replace('"seq":', '"no-such-field":1,"seq":')),
    ),
    { maxLength: 4 },
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

const ledgers = fc.array(
  fc.record({
    notes: fc.dictionary(fc.constantFrom(...OBJECTS), note, { maxKeys: 8 }),
    depth: fc.nat(2),
    isUnrelated: fc.boolean(),
  }),
  { minLength: 2, maxLength: 5 },
);

async function inputOf(repo: TestRepo): Promise<MetricsInput> {
  const ledger = openLedger(await findRepository({ cwd: repo.dir }), THOROUGH);
  try {
    const input = await readMetricsInput(ledger);
    const byDigest = (a: { digest: string }, b: { digest: string }): number => (a.digest < b.digest ? -1 : 1);
    return { ...input, events: [...input.events].sort(byDigest), records: [...input.records].sort(byDigest) };
  } finally {
    ledger.close();
  }
}

const countedAt = (repo: TestRepo): string => repo.path('.git/agent-log/counted');

it('what was counted before and what changed since come to what reading everything does', async () => {
  await fc.assert(
    fc.asyncProperty(ledgers, async (states) => {
      const repo = await makeRepo({ firstCommit: false });
      try {
        for (const { notes, depth, isUnrelated } of states) {
          const files = Object.entries(notes).map(
            ([object, text]) => [notePath(object, depth), text] as const,
          );
          await setLedger(repo, new Map(files), isUnrelated);
          const [kept, again] = [await inputOf(repo), await inputOf(repo)];
          await rm(countedAt(repo));
          const anew = await inputOf(repo);
          expect(kept).toEqual(anew);
          expect(again).toEqual(anew);
        }
      } finally {
        await repo.remove();
      }
    }),
    { numRuns: 20 },
  );
});

it('a file that is damaged, of another format or of a ledger that is gone is not believed', async () => {
  const repo = await makeRepo({ firstCommit: false });
  onTestFinished(() => repo.remove());
  const line = encodeRecord(executionRecord()).line;
  await setLedger(repo, new Map([[notePath(OBJECTS[0] ?? '', 1), `${line}\n`]]));
  const whole = await inputOf(repo);
  expect(whole.records).toHaveLength(1);
  const here = await findRepository({ cwd: repo.dir });
  const good = await readFile(countedAt(repo));
  expect((await readCounted(here))?.records).toHaveLength(1);
  const body = good.indexOf(10) + 1;
  const flipped = Buffer.from(good);
  flipped[body + 25] = 255 - (flipped[body + 25] ?? 0);
  const bad = [
    Buffer.alloc(0),
    Buffer.from('{}\n'),
    Buffer.from('null\n'),
    good.subarray(0, -1),
    Buffer.concat([good, Buffer.alloc(1)]),
    flipped,
    Buffer.from(good.toString('latin1').replace('counted 1', 'counted 2'), 'latin1'),
    Buffer.from(good.toString('latin1').replace('"records":1', '"records":1e15'), 'latin1'),
  ];
  for (const bytes of bad) {
    await writeFile(countedAt(repo), bytes);
    expect(await readCounted(here)).toBe(null);
    expect(await inputOf(repo)).toEqual(whole);
  }
  const tip = good.toString('latin1').replace(/"tip":"[0-9a-f]+"/, `"tip":"${'1'.repeat(40)}"`);
  await writeFile(countedAt(repo), Buffer.from(tip, 'latin1'));
  expect(await inputOf(repo)).toEqual(whole);
});

it('a note that git could not read is not kept as one that holds nothing', async () => {
  const repo = await makeRepo({ firstCommit: false });
  onTestFinished(() => repo.remove());
  const [one, other] = [executionRecord(), executionRecord({ id: newUlid(NOW + 1) })].map(encodeRecord);
  const files = [one, other].map(
    (stored, i) => [notePath(OBJECTS[i] ?? '', 1), `${stored?.line}\n`] as const,
  );
  await setLedger(repo, new Map(files));
  const blob = await repo.git('rev-parse', `refs/notes/agent-log:${files[0]?.[0]}`);
  const path = repo.path('.git/objects', blob.slice(0, 2), blob.slice(2));
  const content = await readFile(path);
  await rm(path);
  expect((await inputOf(repo)).records).toHaveLength(1);
  await writeFile(path, content);
  expect((await inputOf(repo)).records).toHaveLength(2);
});

it('is not kept by who only looks in passing', async () => {
  const repo = await makeRepo({ firstCommit: false });
  onTestFinished(() => repo.remove());
  await setLedger(
    repo,
    new Map([[notePath(OBJECTS[0] ?? '', 1), `${encodeRecord(executionRecord()).line}\n`]]),
  );
  const here = await findRepository({ cwd: repo.dir });
  const ledger = openLedger(here);
  await readMetricsInput(ledger);
  ledger.close();
  expect(await readCounted(here)).toBe(null);
});
