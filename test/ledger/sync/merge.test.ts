import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRepository } from '../../../lib/git/repository/repository.ts';
import { LEDGER_REF, type Ledger, openLedger, readNote } from '../../../lib/ledger/ledger.ts';
import { fanOut } from '../../../lib/ledger/notes/fanout.ts';
import { type MergeResult, mergeLedger } from '../../../lib/ledger/sync/merge.ts';
import { filesOf, ids, jsonLine, type LedgerCommit, unitsOf, writeLedger } from '../../support/ledgers.ts';
import { hashBlob } from '../../support/notes.ts';
import { IDENTITY } from '../../support/records.ts';
import { makeRepo, type TestRepo } from '../../support/repo.ts';

const OPTIONS = { identity: IDENTITY, message: 'merge\n' };
const [A = '', B = '', C = ''] = ids(3, 'object');

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

function side(name: string, files: Files, commit?: LedgerCommit): Promise<string> {
  return writeLedger(repo, `refs/test/${name}`, files, commit);
}

/** Merges `theirs` into a ledger that is at `ours`. */
async function merge(ours: string | null, theirs: string): Promise<MergeResult> {
  if (ours === null) await repo.tryGit(['update-ref', '-d', LEDGER_REF]);
  else await repo.git('update-ref', LEDGER_REF, ours);
  return mergeLedger(ledger, theirs, OPTIONS);
}

async function treeOf(revision: string): Promise<string> {
  return repo.git('rev-parse', `${revision}^{tree}`);
}

describe('merging two ledgers', () => {
  it('keeps what each has, and both lines where both said something of one commit', async () => {
    const ours = await side('a', { [A]: `${jsonLine('1')}\n`, [B]: `${jsonLine('2')}\n` });
    const theirs = await side('b', { [B]: `${jsonLine('3')}\n`, [C]: `${jsonLine('4')}\n` });
    const result = await merge(ours, theirs);
    expect(result).toMatchObject({ kind: 'merged', problems: [] });
    expect([...result.notes].sort()).toEqual([B, C].sort());
    expect(await unitsOf(repo, LEDGER_REF)).toEqual({
      [A]: { [jsonLine('1')]: 1 },
      [B]: { [jsonLine('2')]: 1, [jsonLine('3')]: 1 },
      [C]: { [jsonLine('4')]: 1 },
    });
    expect((await repo.git('log', '-1', '--format=%P', LEDGER_REF)).split(' ').sort()).toEqual(
      [ours, theirs].sort(),
    );
    expect(await repo.git('log', '-1', '--format=%cn <%ce> %s', LEDGER_REF)).toBe(
      'Led Ger <ledger@example.com> merge',
    );
  });

  it('comes to the same tree on both sides', async () => {
    const base = await side('base', Object.fromEntries(ids(300).map((id) => [fanOut(id, 1), jsonLine(id)])));
    const grow = (name: string, more: number): Promise<string> =>
      side(
        name,
        Object.fromEntries([
          ...ids(more, name).map((id) => [fanOut(id, 1), `${jsonLine(name)}\n`]),
          ...ids(20).map((id) => [fanOut(id, 1), `${jsonLine(id)}\n${jsonLine(name)}\n`]),
        ]),
        { parents: [base], onParent: true },
      );
    const [one, other] = [await grow('one', 40), await grow('other', 60)];
    const here = await treeOf((await merge(one, other)).tip);
    const there = await treeOf((await merge(other, one)).tip);
    expect(here).toBe(there);
    const units = await unitsOf(repo, LEDGER_REF);
    expect(Object.keys(units)).toHaveLength(400);
    for (const id of ids(20))
      expect(units[id]).toEqual({ [jsonLine(id)]: 1, [jsonLine('one')]: 1, [jsonLine('other')]: 1 });
  });

  it('only moves on to a ledger that has everything, and does nothing where it brings nothing', async () => {
    const first = await side('a', { [A]: 'x\n' });
    const second = await side('b', { [B]: 'y\n' }, { parents: [first], onParent: true });
    expect(await merge(null, first)).toMatchObject({ kind: 'forward', tip: first, notes: [A] });
    expect(await merge(first, second)).toMatchObject({ kind: 'forward', tip: second, notes: [B] });
    expect(await merge(second, first)).toMatchObject({ kind: 'same', tip: second, notes: [] });
    expect(await merge(second, second)).toMatchObject({ kind: 'same', tip: second, notes: [] });
  });

  it('takes nothing away that somebody removed in a commit on top of ours', async () => {
    const ours = await side('a', { [A]: 'x\n', [B]: '{"y":1}\n{"z":1}\n' });
    const theirs = await side('b', { [B]: '{"y":1}\n', [C]: 'new\n' }, { parents: [ours] });
    expect(await merge(ours, theirs)).toMatchObject({ kind: 'merged', notes: [B, C].sort() });
    expect(Object.fromEntries(await filesOf(repo, LEDGER_REF))).toEqual({
      [A]: 'x\n',
      [B]: '{"y":1}\n{"z":1}\n',
      [C]: 'new\n',
    });
    expect(await repo.git('log', '-1', '--format=%P', LEDGER_REF)).toBe(theirs);
  });

  it('merges a ledger whose history has nothing to do with ours', async () => {
    const ours = await side('a', { [A]: 'x\n' });
    const theirs = await side('b', { [B]: 'y\n' });
    await merge(ours, theirs);
    expect(await unitsOf(repo, LEDGER_REF)).toEqual({ [A]: { x: 1 }, [B]: { y: 1 } });
    for (const tip of [ours, theirs])
      expect((await repo.tryGit(['merge-base', '--is-ancestor', tip, LEDGER_REF])).code).toBe(0);
  });
});

describe('fan-out', () => {
  it.each([
    [0, 1],
    [2, 1],
  ])('%i here and %i there: no note is twice, and none is lost', async (here, there) => {
    const both = ids(120);
    const at = (depth: number, seed: string): Files =>
      Object.fromEntries([
        ...both.map((id) => [fanOut(id, depth), `${jsonLine(id)}\n`]),
        ...ids(5, seed).map((id) => [fanOut(id, depth), `${jsonLine(seed)}\n`]),
        [fanOut(A, depth), `${jsonLine(seed)}\n`],
      ]);
    const ours = await side('a', at(here, 'ours'));
    const theirs = await side('b', at(there, 'theirs'));
    const result = await merge(ours, theirs);
    expect([...result.notes].sort()).toEqual([...ids(5, 'theirs'), A].sort());
    const files = await filesOf(repo, LEDGER_REF);
    const objects = [...files.keys()].map((path) => path.replaceAll('/', ''));
    expect(objects).toHaveLength(131);
    expect(new Set(objects).size).toBe(131);
    for (const id of [...both, ...ids(5, 'ours'), ...ids(5, 'theirs')])
      expect((await readNote(ledger, id))?.paths).toHaveLength(1);
    expect((await readNote(ledger, A))?.lines.map(({ line }) => line).sort()).toEqual(
      [jsonLine('ours'), jsonLine('theirs')].sort(),
    );
  });

  it('a note at two paths, on either side: all its lines are there, at one path', async () => {
    const twice = { [A]: `${jsonLine('1')}\n`, [fanOut(A, 1)]: `${jsonLine('2')}\n` };
    for (const [ours, theirs] of [
      [twice, { [A]: `${jsonLine('3')}\n` }],
      [{ [A]: `${jsonLine('3')}\n` }, twice],
      [twice, { [A]: `${jsonLine('1')}\n`, [fanOut(A, 2)]: `${jsonLine('3')}\n` }],
    ]) {
      await merge(await side('a', ours ?? {}), await side('b', theirs ?? {}));
      const note = await readNote(ledger, A);
      expect(note?.lines.map(({ line }) => line).sort()).toEqual(['1', '2', '3'].map(jsonLine));
      expect(note?.paths).toHaveLength(1);
    }
  });
});

describe('what is no note of ours', () => {
  it('stays: files of other tools, entries of blobs, texts, links', async () => {
    const text = 'signed off by hand\n\nsecond paragraph\n';
    const ours = await side('a', { 'tool/state.json': '{}', [B]: text, [A]: 'x\n' });
    const theirs = await side(
      'b',
      {
        'other/état': 'é',
        link: 'target',
        script: '#!',
        sub: A,
        [B]: '{\n  "pretty": true\n}\n',
        [C]: '\0\xff',
      },
      { modes: { link: '120000', script: '100755', sub: '160000' } },
    );
    expect((await merge(ours, theirs)).problems).toEqual([]);
    const files = await filesOf(repo, LEDGER_REF);
    expect(files.get('tool/state.json')).toBe('{}');
    expect(files.get('other/état')).toBe('é');
    expect(files.get('sub')).toBe(`commit ${A}`);
    expect(files.get(C)).toBe('\0\xff');
    expect(await repo.git('ls-tree', LEDGER_REF, 'link', 'script')).toMatch(/120000 blob .*\n100755 blob/);
    expect(files.get(B)).toContain(text.trimEnd());
    expect(files.get(B)).toContain('{\n  "pretty": true\n}');
  });

  it('an entry whose content is gone is named, and the rest goes on', async () => {
    const ours = await side('a', { [A]: 'gone\n', [B]: 'y\n' });
    const theirs = await side('b', { [A]: 'theirs\n', [C]: 'z\n' });
    const gone = await repo.git('rev-parse', `${ours}:${A}`);
    await repo.exec('rm', ['-f', repo.path('.git', 'objects', gone.slice(0, 2), gone.slice(2))]);
    const { problems } = await merge(ours, theirs);
    expect(problems).toEqual([{ problem: 'missing', path: A, oid: gone, keptAt: null }]);
    expect(await unitsOf(repo, LEDGER_REF)).toEqual({ [A]: { theirs: 1 }, [B]: { y: 1 }, [C]: { z: 1 } });
    expect((await repo.tryGit(['merge-base', '--is-ancestor', ours, LEDGER_REF])).code).toBe(0);
  });
});

describe('an untrusted ledger', () => {
  it('with a name git would not write: the content is kept under another', async () => {
    const blob = await hashBlob(repo, 'evil');
    const tree = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
    writeFileSync(repo.path('tree.bin'), tree);
    const oid = await repo.git('hash-object', '-t', 'tree', '--literally', '-w', 'tree.bin');
    const theirs = await repo.git('commit-tree', '-m', 'x', oid);
    // Where theirs is what the merge starts from, the name is in its tree, and stays there: so ours is.
    let ours = theirs;
    for (let i = 0; ours >= theirs; i++) ours = await side('a', { [A]: 'x\n', [B]: `${i}` });
    const { problems } = await merge(ours, theirs);
    expect(problems).toMatchObject([{ problem: 'unsafe-name', path: '.git' }]);
    expect((await filesOf(repo, LEDGER_REF)).get(problems[0]?.keptAt ?? '')).toBe('evil');
    expect((await readNote(ledger, A))?.text).toBe('x\n');
  });
});
