import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordDigest } from '../../../lib/core/digest.ts';
import type { ExecutionRecord } from '../../../lib/core/records/record.ts';
import { encodeRecord } from '../../../lib/core/records/record.ts';
import { RISK_CLASSES } from '../../../lib/core/risk/risk.ts';
import { newUlid } from '../../../lib/core/ulid.ts';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { findByDigest } from '../../../lib/ledger/binding/candidates.ts';
import { loadIndex } from '../../../lib/ledger/index/store.ts';
import { type Ledger, ledgerTip, openLedger, THOROUGH } from '../../../lib/ledger/ledger.ts';
import { type ScannedRecord, scanLedger } from '../../../lib/ledger/reading/scan.ts';
import {
  filterOf,
  newestFirst,
  type RecordQuery,
  selectRecords,
} from '../../../lib/ledger/reading/select.ts';
import { findTxn } from '../../../lib/ledger/reading/txn.ts';
import { notePath, setLedger } from '../../support/ledger-history.ts';
import { executionRecord, landing, NOW, storedBinding, storedExecution } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const OBJECTS = Array.from({ length: 40 }, (_, i) => createHash('sha1').update(String(i)).digest('hex'));
const TXNS = Array.from({ length: 5 }, (_, i) => newUlid(NOW + i * 100_000));
const AGENTS = ['claude-code', 'codex', 'x'.repeat(300)];
const MODELS = ['sonnet', 'gpt', null];
const SPONSORS = [
  { name: 'Jane Doe', email: 'jane@example.com', source: 'flag' as const },
  { name: 'Örn Þór', email: 'orn@example.com', source: 'flag' as const },
  null,
];
const PATHS = ['src/a.ts', 'package.json', '.github/workflows/ci.yml'];

const record = fc
  .record({
    n: fc.nat(60),
    txn: fc.constantFrom(...TXNS),
    agent: fc.constantFrom(...AGENTS),
    model: fc.constantFrom(...MODELS),
    sponsor: fc.constantFrom(...SPONSORS),
    path: fc.constantFrom(...PATHS),
  })
  .map(({ n, txn, agent, model, sponsor, path }): ExecutionRecord => {
    const at = NOW + n * 3_600_000;
    return executionRecord({
      id: newUlid(at, () => Buffer.alloc(10, n)),
      txn,
      recordedAt: new Date(at).toISOString(),
      agent: { name: agent, version: null, sessionId: null, chain: [] },
      model: { provider: null, name: model },
      sponsor,
      files: [{ path, change: 'modified', blob: 'a'.repeat(40), by: 'agent' }],
    });
  });

/** What a writer of ours, another tool, or somebody who means harm puts on a note. */
const noteText = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(record, fc.boolean()).map(([one, bound]) => textOf(one, bound)) },
  fc.tuple(record, record).map(([one, other]) => textOf(one, true) + textOf(other, false)),
  record.map((one) => `${supplementOf(one)}\n${textOf(one, true)}`),
  record.map((one) => {
    const { digest } = encodeRecord(one);
    return `${encodeRecord(landing({ txn: one.txn, record: digest })).line}\n`;
  }),
  // The same by other spellings: spaces, escapes, a name given twice, carriage returns, nothing after the last line.
  record.map((one) => JSON.stringify(one).replace('"txn":', ' "txn" :\t')),
  record.map((one) => JSON.stringify(one).replace('"txn":', '"t\\u0078n":')),
  record.map((one) => JSON.stringify(one).replace('"seq":', `"txn":"${TXNS[0]}","seq":`)),
  record.map((one) => JSON.stringify(one).replace(/^\{/, `{"txn":"${TXNS[1]}","__proto__":{"txn":1},`)),
  record.map((one) => `\n\n${JSON.stringify(one)}\r\n`),
  record.map((one) =>
    Buffer.concat([Buffer.from(JSON.stringify(one).slice(0, -1)), Buffer.from(',"x":"\xff"}\n', 'latin1')]),
  ),
  // No record, though it looks like one.
  record.map((one) => `${JSON.stringify(one)}}\n{"schema":"agent-log/execution/v1","txn":"${one.txn}"}\n`),
  fc.constantFrom('', 'not json\n', '[]\n', '{"schema":"agent-log/execution/v2"}\n', '{"schema":'),
);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('put' as const),
      notes: fc.array(fc.tuple(fc.nat(39), noteText), { maxLength: 8 }),
    }),
  },
  fc.record({ op: fc.constant('fan-out' as const), depth: fc.nat(3) }),
  fc.record({ op: fc.constant('twice' as const), at: fc.nat(39), depth: fc.nat(3), note: noteText }),
  fc.record({ op: fc.constant('remove' as const), at: fc.array(fc.nat(39), { maxLength: 5 }) }),
  fc.record({ op: fc.constant('reset' as const), back: fc.nat(5) }),
  fc.record({
    op: fc.constant('unrelated' as const),
    notes: fc.array(fc.tuple(fc.nat(39), noteText), { maxLength: 5 }),
  }),
  fc.record({
    op: fc.constant('foreign' as const),
    path: fc.constantFrom('README', 'ab/x', 'ab', `a/b/${'c'.repeat(38)}`, 'ff/ff/ff/ff/ff'),
  }),
  fc.constant({ op: 'nothing' as const }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Content = string | Buffer;

it('answers as a look at every note does, after whatever became of the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      const repo = await makeRepo({ firstCommit: false });
      const here = await findRepository({ cwd: repo.dir });
      const open = (): Ledger => openLedger(here, { ...THOROUGH, beside: 10 });
      const staying = open();
      try {
        const history: { tip: string; files: Map<string, Content> }[] = [];
        for (const one of steps) {
          await apply(repo, history, one);
          const fresh = open();
          await expectSameAnswers(fresh);
          fresh.close();
          await expectSameAnswers(staying);
        }
      } finally {
        staying.close();
        await repo.remove();
      }
    }),
    { numRuns: 25 },
  );
}, 600_000);

async function apply(
  repo: TestRepo,
  history: { tip: string; files: Map<string, Content> }[],
  one: Step,
): Promise<void> {
  const files = new Map(history.at(-1)?.files);
  const put = (notes: readonly (readonly [number, Content])[], depth: number): void => {
    for (const [at, content] of notes) {
      const object = OBJECTS[at] ?? '';
      const path = [...files.keys()].find((known) => known.replaceAll('/', '') === object);
      files.set(path ?? notePath(object, depth), content);
    }
  };
  if (one.op === 'put') put(one.notes, 1);
  if (one.op === 'unrelated') {
    files.clear();
    put(one.notes, 0);
  }
  if (one.op === 'fan-out')
    for (const [path, content] of new Map(files)) {
      files.delete(path);
      const object = path.replaceAll('/', '');
      files.set(object.length === 40 ? notePath(object, one.depth) : path, content);
    }
  if (one.op === 'twice') files.set(notePath(OBJECTS[one.at] ?? '', one.depth), one.note);
  if (one.op === 'remove')
    for (const at of one.at)
      for (const path of files.keys()) if (path.replaceAll('/', '') === OBJECTS[at]) files.delete(path);
  if (one.op === 'foreign') files.set(one.path, 'foreign\n');
  if (one.op === 'reset') {
    const target = history.at(-1 - one.back);
    if (target === undefined) return;
    await repo.git('update-ref', 'refs/notes/agent-log', target.tip);
    history.push(target);
    return;
  }
  // Where a file would have to be a folder too, git can't have both.
  for (const path of files.keys())
    if ([...files.keys()].some((other) => other.startsWith(`${path}/`))) files.delete(path);
  history.push({ tip: await setLedger(repo, files, one.op === 'unrelated'), files });
}

async function expectSameAnswers(ledger: Ledger): Promise<void> {
  const all: ScannedRecord[] = [];
  for await (const found of scanLedger(ledger)) all.push(found);
  for (const txn of [...TXNS, TXNS[0]?.slice(0, 9) ?? '', newUlid(0)]) {
    const here = all.filter(({ stored }) => stored.record.txn.startsWith(txn));
    if (new Set(here.map(({ stored }) => stored.record.txn)).size > 1) continue;
    const found = await findTxn(ledger, txn);
    expect([...(found?.commits ?? [])].sort()).toEqual([...new Set(here.map(({ object }) => object))].sort());
  }
  for (const digest of new Set([...all.map(({ stored }) => stored.digest), recordDigest('none')])) {
    const found = await findByDigest(ledger, digest);
    expect(found?.record.digest).toBe(all.find(({ stored }) => stored.digest === digest)?.stored.digest);
  }
  for (const query of QUERIES)
    expect((await selectRecords(ledger, query)).map(nameOf)).toEqual(
      all.filter(filterOf(query)).sort(newestFirst).slice(0, query.most).map(nameOf),
    );
  // And it was the index that answered.
  const stored = await loadIndex(ledger.repo);
  expect(stored?.head.tip).toBe((await ledgerTip(ledger)) ?? undefined);
  stored?.base.close();
}

function nameOf({ object, stored }: ScannedRecord): string {
  return `${object} ${stored.record.id} ${stored.digest}`;
}

const QUERIES: readonly RecordQuery[] = [
  {},
  { most: 3 },
  { agent: 'codex' },
  { agent: 'x'.repeat(300), most: 2 },
  { model: 'told later' },
  { model: 'sonnet', sponsor: 'JANE' },
  { sponsor: 'þór <' },
  { sponsor: '' },
  { sponsor: 'nobody' },
  { since: NOW + 20 * 3_600_000, until: NOW + 40 * 3_600_000 },
  { class: 'ci-cd', most: 5 },
  { class: 'dependency-manifest', only: new Set(OBJECTS.slice(0, 20)) },
  ...RISK_CLASSES.slice(0, 2).map((one) => ({ class: one })),
];

function textOf(one: ExecutionRecord, bound: boolean): string {
  const stored = storedExecution(one);
  return `${stored.line}\n${bound ? `${storedBinding(stored, OBJECTS[0] ?? '').line}\n` : ''}`;
}

function supplementOf(one: ExecutionRecord): string {
  return encodeRecord({
    schema: 'agent-log/supplement/v1',
    id: newUlid(NOW),
    txn: one.txn,
    record: encodeRecord(one).digest,
    recordedAt: new Date(NOW).toISOString(),
    agent: { name: one.agent.name, version: null, sessionId: null },
    model: { provider: null, name: 'told later' },
    toolCalls: [],
    usage: null,
  }).line;
}
