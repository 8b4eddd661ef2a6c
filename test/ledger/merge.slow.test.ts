import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRepository } from '../../lib/git/repository.ts';
import { fanOut } from '../../lib/ledger/fanout.ts';
import { LEDGER_REF, type Ledger, openLedger, readNote } from '../../lib/ledger/ledger.ts';
import { type MergeResult, mergeLedger } from '../../lib/ledger/merge.ts';
import { ids, jsonLine, unitsOf, writeLedger } from '../support/ledgers.ts';
import { IDENTITY } from '../support/records.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const [A = '', B = ''] = ids(2, 'object');

let repo: TestRepo;
let ledger: Ledger;
beforeEach(async () => {
  repo = await makeRepo({ firstCommit: false });
  ledger = openLedger(await findRepository({ cwd: repo.dir }));
});
afterEach(async () => {
  ledger.close();
  await repo.remove();
});

function side(name: string, files: Readonly<Record<string, string>>, parent?: string): Promise<string> {
  const onto = parent === undefined ? {} : { parents: [parent], onParent: true };
  return writeLedger(repo, `refs/test/${name}`, files, onto);
}

async function merge(ours: string | null, theirs: string): Promise<MergeResult> {
  if (ours === null) await repo.tryGit(['update-ref', '-d', LEDGER_REF]);
  else await repo.git('update-ref', LEDGER_REF, ours);
  return mergeLedger(ledger, theirs, { identity: IDENTITY, message: 'merge\n' });
}

async function treeOf(revision: string): Promise<string> {
  return repo.git('rev-parse', `${revision}^{tree}`);
}

describe('a thousand new records on each side of ten thousand', () => {
  it('are all there, and in one tree whoever merges', async () => {
    const many = (depth: number, all: readonly string[], text: string): Record<string, string> =>
      Object.fromEntries(
        all.map((id) => [fanOut(id, depth), `${jsonLine(`${text} ${id} ${'x'.repeat(1000)}`)}\n`]),
      );
    const base = await side('base', many(1, ids(10_000), 'old'));
    const both = Object.fromEntries(ids(100).map((id) => [fanOut(id, 1), 'said of both\n']));
    const one = await side('one', { ...many(1, ids(1000, 'one'), 'one'), ...both }, base);
    const other = await side(
      'other',
      { ...many(1, ids(1000, 'other'), 'other'), ...many(1, ids(100), 'other') },
      base,
    );
    const here = (await merge(one, other)).tip;
    const there = (await merge(other, one)).tip;
    expect(await treeOf(here)).toBe(await treeOf(there));
    const [merged, mine, theirs] = await Promise.all([here, one, other].map((tip) => unitsOf(repo, tip)));
    expect(Object.keys(merged ?? {})).toHaveLength(12_000);
    for (const side of [mine, theirs])
      for (const [id, units] of Object.entries(side ?? {})) expect(merged?.[id]).toMatchObject(units);
  });
});

describe('an untrusted ledger', () => {
  it('with a note too large for any reader: kept as it is, where no reader looks', async () => {
    const huge = 'x'.repeat(64 * 1024 * 1024 + 1);
    const theirs = await side('b', { [A]: huge, [B]: 'y\n' });
    const ours = await side('a', { [A]: 'x\n' });
    for (const [here, there] of [
      [ours, theirs],
      [null, theirs],
    ] as const) {
      const { problems } = await merge(here, there);
      expect(problems).toMatchObject([{ problem: 'too-large', path: A }]);
      expect(await repo.git('cat-file', '-s', `${LEDGER_REF}:${problems[0]?.keptAt ?? ''}`)).toBe(
        String(huge.length),
      );
      expect((await readNote(ledger, A))?.text ?? 'none').toBe(here === null ? 'none' : 'x\n');
      expect((await readNote(ledger, B))?.text).toBe('y\n');
    }
  });
});

/** A few objects, lines and fan-outs, so that two random ledgers have much in common. */
const object = fc.constantFrom(...ids(6, 'few'));
const note = fc
  .array(fc.constantFrom('{"a":1}', '{"b":2}', '{"c":3}', 'text', ''), { minLength: 1, maxLength: 4 })
  .map((lines) => `${lines.join('\n')}\n`);
const files = fc
  .array(fc.tuple(object, fc.integer({ min: 0, max: 3 }), note), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries.map(([id, depth, text]) => [fanOut(id, depth), text])));

describe('random ledgers', () => {
  it('come to the same set in whatever order they are merged, with nothing lost and nothing added', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, files, async (a, b, c) => {
        const tips = [await side('a', a), await side('b', b), await side('c', c)];
        const [one = '', two = '', three = ''] = tips;
        const first = (await merge((await merge(one, two)).tip, three)).tip;
        const second = (await merge(one, (await merge(three, two)).tip)).tip;
        const all = await unitsOf(repo, first);
        expect(await unitsOf(repo, second)).toEqual(all);
        const expected: Record<string, Record<string, number>> = {};
        for (const tip of tips)
          for (const [id, units] of Object.entries(await unitsOf(repo, tip))) {
            expected[id] ??= {};
            for (const [unit, count] of Object.entries(units)) {
              const known = (expected[id] ??= {});
              known[unit] = Math.max(known[unit] ?? 0, count);
            }
          }
        expect(all).toEqual(expected);
        // Both clones merge what the other came to: then they have one tree.
        const here = (await merge(first, second)).tip;
        const there = (await merge(second, first)).tip;
        expect(await treeOf(here)).toBe(await treeOf(there));
      }),
      { numRuns: 60 },
    );
  });
});
