import { describe, expect, it } from 'vitest';
import { checkedReader } from '../../../lib/git/objects/checked-objects.ts';
import { openTreeWalker } from '../../../lib/git/trees/tree-walk.ts';
import { ObjectStore } from '../../support/object-store.ts';

const blob = (digit: string): string => digit.repeat(40);
const file = (digit: string, mode = '100644') => ({ mode, oid: blob(digit) });

describe('two trees', () => {
  it('differ in the paths of changed folders, and a folder that became a file is both', async () => {
    const store = new ObjectStore();
    const from = store.writeTree(
      new Map([
        ['same/a', file('1')],
        ['was/a', file('2')],
        ['mode', file('3')],
      ]),
    );
    const to = store.writeTree(
      new Map([
        ['same/a', file('1')],
        ['was', file('2')],
        ['mode', file('3', '100755')],
        ['is/a', file('4')],
      ]),
    );
    const { diffs, missing, malformed } = await openTreeWalker(store.reader()).between(from, to);
    expect(diffs.map(({ path, from: was, to: is }) => [path, was?.mode ?? null, is?.mode ?? null])).toEqual(
      expect.arrayContaining([
        ['mode', '100644', '100755'],
        ['was', null, '100644'],
        ['was/a', '100644', null],
        ['is/a', null, '100644'],
      ]),
    );
    expect([diffs.length, missing, malformed]).toEqual([4, [], []]);
  });

  it('are read once however many pairs have them, side by side', async () => {
    const store = new ObjectStore();
    const trees = Array.from({ length: 600 }, (_, n) =>
      store.writeTree(
        new Map([
          [`d/${n % 7}/a`, file(String(n % 9))],
          ['e/b', file(String(n % 5))],
        ]),
      ),
    );
    const asked: string[] = [];
    const reader = store.reader();
    const walker = openTreeWalker({ ...reader, read: (name) => (asked.push(name), reader.read(name)) });
    const walks = await Promise.all(trees.slice(1).map((tree, n) => walker.between(trees[n] ?? null, tree)));
    const alone = await Promise.all(
      trees.slice(1).map((tree, n) => openTreeWalker(store.reader()).between(trees[n] ?? null, tree)),
    );
    expect(walks).toEqual(alone);
    expect(asked.length).toBe(new Set(asked).size);
  });

  it('say which folder is not here', async () => {
    const store = new ObjectStore();
    const from = store.writeTree(new Map([['d/a', file('1')]]));
    const to = store.writeTree(new Map([['d/a', file('2')]]));
    const gone = store.writeTree(new Map([['a', file('2')]]));
    store.objects.delete(gone);
    expect((await openTreeWalker(store.reader()).between(from, to)).missing).toEqual([gone]);
    expect((await openTreeWalker(store.reader()).between(null, gone)).missing).toEqual([gone]);
  });

  it('with no end of files cost no end of time', async () => {
    const store = new ObjectStore();
    let tree = store.writeTree(new Map([['a', file('1')]]));
    for (let depth = 0; depth < 40; depth++)
      tree = store.write(
        'tree',
        Buffer.concat(
          ['a', 'b'].flatMap((name) => [Buffer.from(`40000 ${name}\0`), Buffer.from(tree, 'hex')]),
        ),
      );
    const walk = await openTreeWalker(store.reader(), 10_000).between(null, tree);
    expect(walk.isCut).toBe(true);
    expect(walk.diffs.length).toBeLessThan(10_000);
  });

  it.each([
    ['a name that is there twice', ['a', 'a']],
    ['a name with a slash', ['a/b']],
    ['no name', ['']],
  ])('of which one has %s is malformed', async (_, names) => {
    const store = new ObjectStore();
    const content = names.flatMap((name) => [Buffer.from(`100644 ${name}\0`), Buffer.from(blob('1'), 'hex')]);
    const tree = store.write('tree', Buffer.concat(content));
    expect((await openTreeWalker(store.reader()).between(null, tree)).malformed).toEqual([tree]);
    const cut = store.write('tree', Buffer.from('100644 a\0short'));
    expect((await openTreeWalker(store.reader()).between(null, cut)).malformed).toEqual([cut]);
  });

  it('can be asked for one path', async () => {
    const store = new ObjectStore();
    const tree = store.writeTree(new Map([['d/e/a', file('1')]]));
    const walker = openTreeWalker(store.reader());
    expect(await walker.at(tree, 'd/e/a')).toEqual(file('1'));
    expect([await walker.at(tree, 'd/e/a/b'), await walker.at(tree, 'x')]).toEqual([null, null]);
  });
});

describe('a checked reader', () => {
  it('names a tree whose bytes somebody changed, and no other', async () => {
    const store = new ObjectStore();
    const whole = store.writeTree(new Map([['a', file('1')]]));
    const changed = store.writeTree(new Map([['a', file('2')]]));
    const content = Buffer.from(store.objects.get(whole)?.content ?? []);
    store.objects.set(changed, { oid: changed, type: 'tree', content });
    const reader = checkedReader(store.reader(), 'sha1');
    await Promise.all([reader.read(whole), reader.read(changed), reader.read(blob('9'))]);
    expect([...reader.damaged]).toEqual([changed]);
  });
});
