import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openObjectReader } from '../../../lib/git/objects/catfile.ts';
import { findRepository, type Repository } from '../../../lib/git/repository/repository.ts';
import { type LedgerLoss, ledgerLosses } from '../../../lib/ledger/sync/append-only.ts';
import { notePath } from '../../support/ledger-history.ts';
import { ids, jsonLine, writeLedger } from '../../support/ledgers.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

let test: TestRepo;
let repo: Repository;
const [X = '', Y = '', Z = ''] = ids(3, 'append-only');
const line = (text: string): string => `${jsonLine(text)}\n`;

beforeAll(async () => {
  test = await makeRepo();
  repo = await findRepository({ cwd: test.dir });
});
afterAll(() => test.remove());

type Files = Readonly<Record<string, string>>;

async function losses(before: Files | null, after: Files, modes: Files = {}): Promise<LedgerLoss[]> {
  const from = before === null ? null : await writeLedger(test, 'refs/from', before);
  const to = await writeLedger(test, 'refs/to', after, { modes });
  const reader = openObjectReader(repo);
  try {
    return await ledgerLosses(repo, reader, from, to);
  } finally {
    reader.close();
  }
}

const kinds = async (before: Files | null, after: Files): Promise<string[]> =>
  (await losses(before, after)).map(({ kind, object }) => `${kind} ${object}`).sort();

describe('a ledger that only grew', () => {
  it('may have more notes, and more lines in them', async () => {
    expect(await losses(null, { [X]: line('1') })).toEqual([]);
    expect(await losses({ [X]: line('1') }, { [X]: line('1') + line('2'), [Y]: line('3') })).toEqual([]);
  });

  it('may have other folders: a fan-out that flips deletes nothing', async () => {
    const all = ids(300, 'flip');
    const flat = Object.fromEntries(all.map((id) => [id, line(id)]));
    const fanned = Object.fromEntries(all.map((id) => [notePath(id, 2), line(id)]));
    expect(await losses(flat, fanned)).toEqual([]);
    expect(await losses(fanned, flat)).toEqual([]);
  });

  it('may have put two paths of one note together', async () => {
    expect(
      await losses({ [X]: line('1'), [notePath(X, 1)]: line('2') }, { [X]: line('2') + line('1') }),
    ).toEqual([]);
  });

  it('may have set aside what stood in the way of a note', async () => {
    expect(
      await losses(
        { [X.slice(0, 2)]: 'a file\n' },
        { [notePath(X, 1)]: line('1'), 'set-aside/x': 'a file\n' },
      ),
    ).toEqual([]);
  });

  it('has every line of two ledgers it was merged from, whatever is in them', async () => {
    const note = fc.record({
      id: fc.constantFrom(X, Y, Z),
      depth: fc.nat(3),
      lines: fc.array(fc.nat(5), { maxLength: 4 }),
    });
    const side = fc.array(note, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.nat(3), async (a, b, depth) => {
        const files = (notes: typeof a): Files =>
          Object.fromEntries(
            notes.map(({ id, depth, lines }) => [
              notePath(id, depth),
              `{}\n${lines.map((n) => line(`${n}`)).join('')}`,
            ]),
          );
        const merged: Record<string, string> = {};
        for (const [path, text] of [...Object.entries(files(a)), ...Object.entries(files(b))]) {
          const at = notePath(path.replaceAll('/', ''), depth);
          merged[at] = (merged[at] ?? '') + text;
        }
        expect(await losses(files(a), merged)).toEqual([]);
        expect(await losses(files(b), merged)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a ledger that lost something', () => {
  const before = { [X]: line('1') + line('2'), [Y]: line('3') };

  it('says which note was dropped, changed or moved', async () => {
    expect(await kinds(before, { [X]: line('1') + line('2') })).toEqual([`dropped ${Y}`]);
    expect(await kinds(before, { ...before, [X]: line('1') })).toEqual([`changed ${X}`]);
    expect(await kinds(before, { ...before, [X]: line('1') + line('2 ') })).toEqual([`changed ${X}`]);
    expect(await kinds(before, { [X]: before[X] ?? '', [Z]: line('3') })).toEqual([`moved ${Y}`]);
    expect(await losses(before, { [Y]: line('3') })).toEqual([{ kind: 'dropped', object: X, lines: 2 }]);
  });

  it('names a note that is at a second path, also where the first was not touched', async () => {
    expect(await kinds(before, { ...before, [notePath(X, 1)]: line('evil') })).toEqual([`duplicate ${X}`]);
    expect(await kinds(null, { [X]: line('1'), [notePath(X, 2)]: line('1') })).toEqual([`duplicate ${X}`]);
    const twice = { [X]: line('1'), [notePath(X, 1)]: line('2') };
    expect(await kinds(twice, { ...twice, [X]: line('1') + line('3') })).toEqual([]);
  });

  it('hides no note where nobody looks for it', async () => {
    expect(await kinds(before, { [X]: before[X] ?? '', [notePath(Y, 5)]: line('3') })).toEqual([
      `dropped ${Y}`,
    ]);
  });

  it('makes no folder, link or submodule of a note', async () => {
    expect(await kinds(before, { [X]: before[X] ?? '', [`${Y}/x`]: line('3') })).toEqual([`dropped ${Y}`]);
    const gone = await losses(before, { ...before, [Y]: 'a'.repeat(40) }, { [Y]: '160000' });
    expect(gone).toEqual([{ kind: 'dropped', object: Y, lines: 1 }]);
  });

  it.each(['120000', '100755', '160000'])(
    'attack: the same blobs with mode %s, which readers pass over',
    async (mode) => {
      const content = (text: string): string => (mode === '160000' ? 'a'.repeat(40) : text);
      expect(await losses(before, { ...before, [X]: content(before[X] ?? '') }, { [X]: mode })).toEqual([
        { kind: 'dropped', object: X, lines: 2 },
      ]);
      expect(await losses(before, { ...before, [Z]: content(line('4')) }, { [Z]: mode })).toEqual([
        { kind: 'mode', object: Z, lines: 0 },
      ]);
    },
  );

  it('keeps what is no note, too', async () => {
    expect(await kinds({ ...before, 'README.md': 'x' }, before)).toEqual(['foreign README.md']);
  });

  it('keeps a line of letters that are no UTF-8 apart from another of these', async () => {
    const raw = (byte: number): string => Buffer.of(0x7b, byte, 0x7d, 0x0a).toString('latin1');
    expect(await kinds({ [X]: raw(0xe9) }, { [X]: raw(0xe8) })).toEqual([`changed ${X}`]);
  });
});
