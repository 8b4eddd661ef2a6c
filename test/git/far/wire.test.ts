import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgentLogError } from '../../../lib/core/errors.ts';
import { farAddress } from '../../../lib/git/far/address.ts';
import { packProblem } from '../../../lib/git/far/pack-check.ts';
import { lineOf, packets, readPackets } from '../../../lib/git/far/pkt-line.ts';

const LIMITS = { object: 1000, total: 1500 };

/** A pack of blobs; `says` is the size its header has. */
function packOf(blobs: readonly { readonly content: Buffer; readonly says?: number }[]): Buffer {
  const head = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  head.writeUInt32BE(blobs.length, 8);
  const entries = blobs.map(({ content, says = content.length }) => {
    const bytes = [0x30 | (says & 15)];
    for (let rest = says >> 4; rest > 0; rest >>= 7) {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128;
      bytes.push(rest & 127);
    }
    return Buffer.concat([Buffer.from(bytes), deflateSync(content)]);
  });
  const body = Buffer.concat([head, ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

describe('packets', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }).filter((line) => !line.endsWith('\n'))), (lines) => {
        const read = readPackets(Buffer.from(packets(lines), 'utf8'));
        expect(read?.slice(0, -1).map(lineOf)).toEqual(
          lines.map((line) => Buffer.from(line).toString('utf8')),
        );
        expect(read?.at(-1)).toBe('flush');
      }),
    );
  });

  test('attack: what is none, or ends within one, is none', () => {
    for (const text of ['x', '0003', '0005', 'ffffab', '-001', '0000001', '+00a'])
      expect(readPackets(Buffer.from(text))).toBeNull();
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readPackets(Buffer.from(bytes))));
  });
});

describe('a pack', () => {
  test('of some objects is in order', () => {
    expect(packProblem(packOf([]), LIMITS)).toBeNull();
    expect(
      packProblem(packOf([{ content: Buffer.from('a') }, { content: Buffer.alloc(900, 7) }]), LIMITS),
    ).toBeNull();
  });

  test('attack: that swells, or says another size than it has, is refused before it is built', () => {
    const refused = (blobs: Parameters<typeof packOf>[0]): void =>
      expect(packProblem(packOf(blobs), LIMITS)).not.toBeNull();
    refused([{ content: Buffer.alloc(1001) }]);
    refused([{ content: Buffer.alloc(800) }, { content: Buffer.alloc(800) }]);
    refused([{ content: Buffer.alloc(900), says: 10 }]);
    refused([{ content: Buffer.alloc(9), says: 10 }]);
    refused([{ content: Buffer.alloc(0), says: 2 ** 28 }]);
  });

  test('attack: any bytes are judged, none thrown', () => {
    const whole = packOf([{ content: Buffer.from('hello') }, { content: Buffer.from('world') }]);
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        void packProblem(changed, LIMITS);
        void packProblem(whole.subarray(0, at), LIMITS);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void packProblem(Buffer.from(bytes), LIMITS)));
  });
});

describe('an address', () => {
  test('loses its credentials where it is shown', () => {
    const { url, shown, authorization } = farAddress('https://jane:a%20b@example.com/x.git/');
    expect([url, shown]).toEqual(['https://example.com/x.git', 'https://example.com/x.git/']);
    expect(farAddress('http://%zz@example.com/x').url).toBe('http://example.com/x');
    expect(authorization).toBe(`Basic ${Buffer.from('jane:a b').toString('base64')}`);
  });

  test('attack: of anything but http and https is refused, and no control character is shown', () => {
    for (const text of [
      'file:///x',
      'ext::sh',
      'ssh://x/y',
      'git@x:y',
      '',
      'http://a b/',
      'https://x/\u001b[31m',
    ])
      expect(() => farAddress(text)).toThrow(AgentLogError);
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          farAddress(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AgentLogError);
          expect((error as Error).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });
});
