import { unzipSync } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';
import { zipOf } from '../../../lib/evidence/bundle/zip.ts';

const zone = process.env['TZ'];
afterEach(() => {
  process.env['TZ'] = zone;
});

const FILES = [
  { path: 'README.md', bytes: Buffer.from('# Evidence\n'.repeat(100)) },
  { path: 'proof.pack', bytes: Buffer.from('packed '.repeat(100)) },
  { path: 'records/0.jsonl', bytes: Buffer.alloc(0) },
];

describe('zipOf', () => {
  it('gives the same bytes in every time zone and at every time', () => {
    const made = ['UTC', 'Pacific/Apia', 'America/St_Johns'].map((name) => {
      process.env['TZ'] = name;
      return Buffer.from(zipOf(FILES)).toString('hex');
    });
    expect(new Set(made).size).toBe(1);
  });

  it('holds the files as they are, in their order, for their owner alone', () => {
    const zip = Buffer.from(zipOf(FILES));
    const entries = Object.entries(unzipSync(zip));
    expect(entries.map(([path]) => path)).toEqual(FILES.map(({ path }) => path));
    for (const [i, [, bytes]] of entries.entries()) expect(Buffer.from(bytes)).toEqual(FILES[i]?.bytes);
    const central = zip.indexOf(Buffer.from('504b0102', 'hex'));
    expect((zip.readUInt32LE(central + 38) >>> 16).toString(8)).toBe('100600');
    // A pack is stored as it is: whatever it takes to compress it is lost.
    expect(zip.includes(Buffer.from('packed packed packed'))).toBe(true);
  });
});
