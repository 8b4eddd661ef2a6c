import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readZip } from '../../../lib/evidence/page/browser/zip.ts';
import { makeZip, type ZipFile } from '../../support/zip.ts';

const files: readonly ZipFile[] = [
  { path: 'a.txt', content: 'one' },
  { path: 'records/b.jsonl', content: 'two\n'.repeat(1000) },
];

async function contents(zip: Uint8Array<ArrayBuffer>): Promise<[string, string][]> {
  return Promise.all(
    readZip(zip).map(
      async ({ path, bytes }): Promise<[string, string]> => [path, Buffer.from(await bytes()).toString()],
    ),
  );
}

describe('readZip', () => {
  it.each([true, false])('reads what was packed: %s', async (isPacked) => {
    expect(await contents(makeZip(files, isPacked))).toEqual(
      files.map(({ path, content }) => [path, content]),
    );
  });

  it.each<[string, Uint8Array<ArrayBuffer>]>([
    ['a name twice', makeZip([...files, { path: 'a.txt', content: 'other' }])],
    ['names that differ in case alone', makeZip([...files, { path: 'A.TXT', content: 'other' }])],
    ['a path out of the folder', makeZip([{ path: '../a.txt', content: 'x' }])],
    ['a path with a dot folder', makeZip([{ path: 'a/./b', content: 'x' }])],
    ['an absolute path', makeZip([{ path: '/etc/passwd', content: 'x' }])],
    ['a name of other letters', makeZip([{ path: 'a\u202eb', content: 'x' }])],
    [
      'another name in the entry’s own header',
      makeZip([{ path: 'a.txt', content: 'x', local: { path: 'b.txt' } }]),
    ],
    [
      'another size in the entry’s own header',
      makeZip([{ path: 'a.txt', content: 'x', local: { size: 2 } }]),
    ],
    ['an encrypted entry', makeZip([{ path: 'a.txt', content: 'x', flags: 1 }])],
    ['sizes behind the data', makeZip([{ path: 'a.txt', content: 'x', flags: 8 }])],
    ['a way of packing no bundle has', makeZip([{ path: 'a.txt', content: 'x', method: 12 }])],
    [
      'an entry that would be far larger than packed',
      makeZip([{ path: 'a.txt', content: Buffer.alloc(200_000_000) }]),
    ],
    ['something before the first entry', new Uint8Array(Buffer.concat([Buffer.from('x'), makeZip(files)]))],
    ['something behind the end', new Uint8Array(Buffer.concat([makeZip(files), Buffer.from('x')]))],
    ['a cut end', makeZip(files).slice(0, -5)],
    ['nothing', new Uint8Array()],
  ])('attack: refuses %s', (_, zip) => {
    expect(() => readZip(zip)).toThrow(Error);
  });

  it('attack: stops where an entry unpacks to more than it says', async () => {
    const [entry] = readZip(makeZip([{ path: 'a.txt', content: Buffer.alloc(50_000), size: 10 }]));
    await expect(entry?.bytes()).rejects.toThrow('more than the zip says');
  });

  it('says of an entry that unpacks to less than it says', async () => {
    const [entry] = readZip(makeZip([{ path: 'a.txt', content: 'abc', size: 10 }]));
    await expect(entry?.bytes()).rejects.toThrow('another size');
  });

  it('attack: never gives other content for a changed zip without an error', async () => {
    const zip = makeZip(files, false);
    const before = await contents(zip);
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const other = zip.slice();
        other[at] = (other[at] ?? 0) ^ change;
        // Contents are told apart by their digests: names and sizes are what a reader could be fooled about.
        const after = await contents(other).catch(() => null);
        if (after === null) return;
        expect(after.map(([, text]) => text.length)).toEqual(before.map(([, text]) => text.length));
      }),
    );
  });
});
