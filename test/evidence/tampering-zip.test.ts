import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openZip } from '../../lib/evidence/verify/bundle/source.ts';
import { verifyBundle } from '../../lib/evidence/verify/bundle/verify-bundle.ts';
import { type ForgedEnd, type ForgedEntry, folderForTest, forgeZip } from '../support/tampering.ts';

const README: ForgedEntry = { name: 'README.md', bytes: Buffer.from('hello hello hello hello\n') };
const OTHER: ForgedEntry = { name: 'records/a.jsonl', bytes: Buffer.from('{}\n'.repeat(50)) };
const two = (more: Partial<ForgedEntry>, end: ForgedEnd = {}): Buffer =>
  forgeZip([README, { ...OTHER, ...more }], end);
const good = two({});
const zeros = Buffer.alloc(64 * 1024 * 1024);
const eight = zeros.subarray(0, 8 * 1024 * 1024 - 1);
/** Packed once, for all that are made of it. */
const BOMB = { bytes: zeros, packed: deflateRawSync(zeros), crc: crc32(zeros) };
const PART = { bytes: eight, packed: deflateRawSync(eight), crc: crc32(eight) };

/** Name, the zip, and a word of what is said of it. */
const ZIPS: readonly (readonly [string, () => Buffer, string])[] = [
  ['it is cut in the middle', () => good.subarray(0, good.length / 2), 'does not end as a zip'],
  ['its last byte is gone', () => good.subarray(0, -1), 'does not end as a zip'],
  ['its first byte is gone', () => good.subarray(1), 'not where it says'],
  ['it is empty', () => Buffer.alloc(0), 'does not end as a zip'],
  ['something follows it', () => two({}, { after: Buffer.from('more') }), 'does not end as a zip'],
  ['another zip follows it', () => Buffer.concat([good, good]), 'not where it says'],
  ['something is before it', () => Buffer.concat([Buffer.from('#!/bin/sh\n'), good]), 'not where it says'],
  [
    'something is before it, and offsets say so',
    () => forgeZip([{ ...README, before: Buffer.from('#!/bin/sh\n') }]),
    'overlap, or something lies between',
  ],
  ['it has a comment', () => two({}, { comment: 'x' }), 'does not end as a zip'],
  ['a file has a comment', () => two({ comment: 'x' }), 'extra fields or a comment'],
  ['a file has extra fields', () => two({ extra: Buffer.from('0100', 'hex') }), 'extra fields'],
  [
    'a file has extra fields where it lies alone',
    () => two({ local: { extra: Buffer.from('abcd') } }),
    'told of otherwise',
  ],
  ['a file is encrypted', () => two({ flags: 1 }), 'encrypted'],
  ['a size comes after the file', () => two({ flags: 8 }), 'encrypted'],
  ['a file is packed in another way', () => two({ method: 12 }), 'not known (12)'],
  ['two files have one name', () => forgeZip([README, README]), 'twice'],
  ['two names differ in case alone', () => forgeZip([README, { ...README, name: 'readme.MD' }]), 'twice'],
  [
    'two folders differ in case alone',
    () => forgeZip([OTHER, { ...OTHER, name: 'Records/b.jsonl' }]),
    'twice',
  ],
  ['a file is a folder, too', () => forgeZip([OTHER, { ...OTHER, name: 'records' }]), 'a file and a folder'],
  ['a file has two names', () => two({ local: { name: 'records/b.jsonl' } }), 'told of otherwise'],
  ['a file has two sizes', () => two({ local: { size: 3 } }), 'told of otherwise'],
  ['a file has two checksums', () => two({ local: { crc: 3 } }), 'told of otherwise'],
  ['a checksum is another', () => two({ crc: 3 }), 'checksum'],
  ['a file is larger than it says', () => two({ size: 10 }), "can't be unpacked"],
  ['a file is smaller than it says', () => two({ size: 1000 }), 'is 150 bytes'],
  [
    'a file is followed by bytes nobody reads',
    () => two({ packed: Buffer.concat([OTHER.packed ?? forgedPacked(), Buffer.from('hidden')]) }),
    'ends before its place',
  ],
  ['a stored file has two sizes', () => two({ stored: true, size: 10 }), 'two sizes'],
  ['bytes lie between files', () => two({ before: Buffer.from('hidden') }), 'something lies between'],
  ['files overlap', () => two({ offset: 0 }), 'overlap'],
  ['a file is in another part', () => two({ disk: 1 }), 'another part'],
  ['it is in several parts', () => two({}, { disk: 1 }), 'several parts'],
  ['it says it has more files', () => two({}, { count: 3 }), 'directory'],
  ['it says it has fewer files', () => two({}, { count: 1 }), 'directory is not as long'],
  ['it says it has 65535 files', () => two({}, { count: 0xffff }), 'more than'],
  ['a name leads out of the folder', () => two({ name: '../evil' }), 'no name'],
  ['a name leads out of a folder in it', () => two({ name: 'records/../../evil' }), 'no name'],
  ['a name is absolute', () => two({ name: '/etc/passwd' }), 'no name'],
  ['a name has a drive', () => two({ name: 'C:evil' }), 'no name'],
  ['a name has backslashes', () => two({ name: '..\\evil' }), 'no name'],
  ['a name has a NUL', () => two({ name: 'README.md\0.exe' }), 'no name'],
  ['a name has a line feed', () => two({ name: 'a\nb' }), 'no name'],
  ['a name has letters beyond ASCII', () => two({ name: 'r\u00e9cords' }), 'no name'],
  ['a name is empty', () => two({ name: '' }), 'no name'],
  ['a name is a folder', () => two({ name: 'records/' }), 'no name'],
  ['a name ends with a dot', () => two({ name: 'README.md.' }), 'no name'],
  ['a name is longer than any', () => two({ name: 'a'.repeat(300) }), 'no name'],
  ['a name has more folders than any', () => two({ name: `${'a/'.repeat(40)}b` }), 'no name'],
  ['a file is a link', () => two({ attributes: 0o120777 * 0x10000 }), 'no plain file'],
  ['a file is a folder', () => two({ attributes: 0o040755 * 0x10000 }), 'no plain file'],
  ['a file is a device', () => two({ attributes: 0o020644 * 0x10000 }), 'no plain file'],
  ['a file is a bomb', () => two(BOMB), 'times its size'],
  [
    'files together are a bomb',
    () => forgeZip(Array.from({ length: 200 }, (_, i) => ({ name: `f${i}`, ...PART }))),
    'come to more than',
  ],
  ['a bomb says that it is small', () => two({ ...BOMB, size: 100 }), "can't be unpacked"],
  ['sizes are beyond 32 bits', () => two({ size: 0xffffffff }), 'over'],
];

function forgedPacked(): Buffer {
  const zip = forgeZip([OTHER]);
  return zip.subarray(30 + OTHER.name.length, zip.indexOf('PK\u0001\u0002', 0, 'latin1'));
}

async function readWhole(zip: Buffer): Promise<void> {
  const source = openZip(zip);
  for (const path of source.paths) await source.read(path);
}

describe('attack: a zip that is not what it seems', () => {
  it('a good one is read', async () => {
    await readWhole(good);
    await readWhole(two({ stored: true }));
    expect((await openZip(good).read('README.md'))?.toString()).toBe(README.bytes.toString());
  });

  it.each(ZIPS)('%s', async (_, make, says) => {
    await expect(readWhole(make())).rejects.toMatchObject({
      code: 'BAD_BUNDLE',
      message: expect.stringContaining(says),
    });
  });

  it.each(ZIPS)('nothing is written anywhere: %s', async (_, make) => {
    const folder = await folderForTest();
    const path = join(folder, 'bundle.zip');
    await writeFile(path, make());
    const document = await verifyBundle(path, { trust: null, now: Date.now() });
    expect(document.first).toBe('container');
    expect(await readdir(folder)).toEqual(['bundle.zip']);
    expect((await readdir(tmpdir())).filter((name) => name.includes('evil'))).toEqual([]);
  });
});
