import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { LEDGER_REF, type Ledger, openLedger, readNote } from '../../../lib/ledger/ledger.ts';
import { fanOut } from '../../../lib/ledger/notes/fanout.ts';
import { type MergeResult, mergeLedger } from '../../../lib/ledger/sync/merge.ts';
import { filesOf, ids, jsonLine, type LedgerCommit, unitsOf, writeLedger } from '../../support/ledgers.ts';
import { IDENTITY } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

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

type Files = Readonly<Record<string, string>>;

function side(name: string, files: Files, how: LedgerCommit = {}): Promise<string> {
  return writeLedger(repo, `refs/test/${name}`, files, how);
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
    const onBase = { parents: [base], onParent: true };
    const one = await side('one', { ...many(1, ids(1000, 'one'), 'one'), ...both }, onBase);
    const other = await side(
      'other',
      { ...many(1, ids(1000, 'other'), 'other'), ...many(1, ids(100), 'other') },
      onBase,
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

describe('two entries for one place', () => {
  it.each([
    ['one path, two contents', { state: 'one' }, { state: 'two' }, {}],
    ['a file where the other has a folder', { x: 'file' }, { 'x/y': 'below' }, {}],
    ['a file called as a folder of notes is', { [A.slice(0, 2)]: 'file' }, { [fanOut(A, 1)]: 'note\n' }, {}],
    ['binary notes that differ', { [A]: 'one\0' }, { [A]: 'two\0' }, {}],
    ['a note and something else at its path', { [A]: 'note\n' }, { [A]: B }, { [A]: '160000' }],
    ['a file called as our folder is', { 'set-aside': 'file', state: 'one' }, { state: 'two' }, {}],
  ])('%s: both are kept', async (_, ours: Files, theirs: Files, modes) => {
    const one = await side('a', ours);
    const other = await side('b', theirs, { modes });
    const trees: string[] = [];
    for (const [here, there] of [
      [one, other],
      [other, one],
    ] as const) {
      const { problems, tip } = await merge(here, there);
      trees.push(await treeOf(tip));
      const kept = [...(await filesOf(repo, tip)).values()].map((text) => text.replace(/^commit /, ''));
      for (const content of [...Object.values(ours), ...Object.values(theirs)])
        expect(kept).toContain(content);
      for (const { keptAt } of problems) expect((await filesOf(repo, tip)).has(keptAt ?? '')).toBe(true);
    }
    expect(trees[0]).toBe(trees[1]);
    expect(await repo.git('fsck', '--no-dangling')).toBe('');
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
const someFiles = fc
  .array(fc.tuple(object, fc.integer({ min: 0, max: 3 }), note), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries.map(([id, depth, text]) => [fanOut(id, depth), text])));

describe('random ledgers', () => {
  it('come to the same set in whatever order they are merged, with nothing lost and nothing added', async () => {
    await fc.assert(
      fc.asyncProperty(someFiles, someFiles, someFiles, async (a, b, c) => {
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
