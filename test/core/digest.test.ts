import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blobId, digestHex, recordDigest, textDigest } from '../../lib/core/digest.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const TEXTS = ['', 'a', 'line\n', '{"name":"Jörg 🐙"}', '\u0000\r\n\t', 'x'.repeat(70_000)];

let sha1: TestRepo;
let sha256: TestRepo;
beforeAll(async () => {
  sha1 = await makeRepo({ firstCommit: false });
  sha256 = await makeRepo({ firstCommit: false, objectFormat: 'sha256' });
});
afterAll(() => Promise.all([sha1.remove(), sha256.remove()]));

describe('recordDigest', () => {
  it.each(TEXTS)('is what sha256sum says (%#)', async (text) => {
    const { stdout } = await sha1.exec('sha256sum', [], { input: text });
    expect(recordDigest(text)).toBe(`sha256:${stdout.slice(0, 64)}`);
    expect(digestHex(recordDigest(text))).toBe(stdout.slice(0, 64));
  });

  it('takes bytes and text alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(recordDigest(Buffer.from(text, 'utf8'))).toBe(recordDigest(text));
      }),
    );
  });
});

describe('blobId', () => {
  it.each(TEXTS)('is what git hash-object says, in both object formats (%#)', async (text) => {
    for (const [repo, format] of [
      [sha1, 'sha1'],
      [sha256, 'sha256'],
    ] as const) {
      const { stdout } = await repo.exec('git', ['hash-object', '--stdin'], { input: text });
      expect(blobId(Buffer.from(text), format)).toBe(stdout.trim());
    }
  });
});

describe('textDigest', () => {
  it('is HMAC-SHA256, and says nothing without its salt', () => {
    const salt = Buffer.from('salt');
    const hmac = createHmac('sha256', salt).update('yes').digest('hex');
    expect(textDigest(salt, 'yes')).toBe(`hmac-sha256:${hmac}`);
    expect(textDigest(Buffer.from('other'), 'yes')).not.toBe(textDigest(salt, 'yes'));
  });
});
