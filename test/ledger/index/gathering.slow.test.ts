import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUlid } from '../../../lib/core/ulid.ts';
import { gatherer, joinGathered } from '../../../lib/ledger/index/gathered.ts';
import { Gathering } from '../../../lib/ledger/index/gathering.ts';
import { ids } from '../../support/ledgers.ts';
import { NOW, storedBinding, storedExecution } from '../../support/records.ts';

const BUNDLE = new URL('../../../dist/bundle/index-thread.cjs', import.meta.url);
const TASK = { oidBytes: 20, nameAt: 'tree:'.length };
const BATCHES = 60;
const NOTES_OF_ONE = 20;

/** Notes with a record and its binding each; agents and sponsors come again in later batches, and new ones come. */
const batches = Array.from({ length: BATCHES }, (_, batch) => {
  const lines = ids(NOTES_OF_ONE, `${batch}`).map((object, i) => {
    const agent = { name: `agent-${(batch * 7 + i) % 50}`, version: null, sessionId: null, chain: [] };
    const sponsor = { name: `Jane ${(batch + i) % 9}`, email: 'jane@example.com', source: 'flag' as const };
    const stored = storedExecution({ txn: newUlid(NOW + batch), agent, sponsor });
    const bound = storedBinding(stored, object);
    return [stored.line, bound.line].map((line) => `tree:${object}\0${line}\n`).join('');
  });
  return Buffer.from(lines.join(''));
});

function sharedCopy(lines: Buffer): Buffer {
  const copy = Buffer.from(new SharedArrayBuffer(lines.length));
  lines.copy(copy);
  return copy;
}

interface Said {
  readonly paths: readonly string[];
  readonly firsts: readonly number[];
  readonly rows: string;
  readonly strings: readonly string[];
}

async function gathered(program: URL): Promise<Said & { readonly told: number; readonly freed: number }> {
  let [told, freed] = [0, 0];
  const gathering = new Gathering(TASK, {
    program,
    alone: 0,
    onProgress: (notes) => (told = Math.max(told, notes)),
    onFree: () => freed++,
  });
  try {
    for (const lines of batches) {
      gathering.take(sharedCopy(lines));
      await new Promise(setImmediate);
    }
    return { ...said(await gathering.end()), told, freed };
  } finally {
    gathering.close();
  }
}

function said({ paths, firsts, rows, strings }: ReturnType<ReturnType<typeof gatherer>>): Said {
  return { paths, firsts, rows: rows.bytes.toString('hex'), strings: strings.all };
}

const ALL = { ...said(gatherer(TASK)(Buffer.concat(batches))), told: BATCHES * NOTES_OF_ONE, freed: BATCHES };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gathering-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(text: string): URL {
  const path = join(folder, `${text.length}.cjs`);
  writeFileSync(path, text);
  return pathToFileURL(path);
}

it('batches put together are what all of it is', () => {
  expect(ALL.firsts).toEqual(Array.from({ length: BATCHES * NOTES_OF_ONE + 1 }, (_, i) => i));
  const gather = gatherer(TASK);
  expect(said(joinGathered(TASK.oidBytes, batches.map(gather)))).toEqual(
    said(gatherer(TASK)(Buffer.concat(batches))),
  );
});

it('a note that came in two batches is one', () => {
  const [lines = Buffer.alloc(0)] = batches;
  const cut = lines.indexOf('\n') + 1;
  const gather = gatherer(TASK);
  const parts = [lines.subarray(0, cut), lines.subarray(cut)].map(gather);
  const { paths, firsts } = joinGathered(TASK.oidBytes, parts);
  expect(paths).toEqual(gather(lines).paths);
  // The binding no longer stands below its record, and is a row of its own.
  expect(firsts.slice(0, 3)).toEqual([0, 2, 3]);
});

describe('two threads gather what one does', () => {
  it('where the other works', async () => {
    expect(await gathered(BUNDLE)).toEqual(ALL);
  });

  it.each([
    ['has no program', () => pathToFileURL(join(folder, 'none.cjs'))],
    ['fails at once', () => program("throw new Error('no')")],
    ['ends at once', () => program('process.exit(0)')],
    [
      'ends in the middle',
      () =>
        program(
          "let n = 0; require('node:worker_threads').parentPort.on('message', () => ++n > 2 && process.exit())",
        ),
    ],
  ])('where the other %s', async (_, url) => {
    expect(await gathered(url())).toEqual(ALL);
  });

  it('and the other is asked', async () => {
    const lying = `const { parentPort } = require('node:worker_threads');
      parentPort.on('message', ({ number }) =>
        parentPort.postMessage({ number, paths: [], firsts: [0], rows: new Uint8Array(0), strings: [] }));`;
    const { paths } = await gathered(program(lying));
    expect(paths.length).toBeLessThan(ALL.paths.length);
  });
});
