import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Envelope,
  type EnvelopeKey,
  encodeEnvelope,
  parseEnvelope,
  signedOfEnvelope,
  signersOf,
} from '../../lib/core/dsse.ts';

/** The vector of protocol.md of DSSE 1.0.2. */
const VECTOR = `{"payload": "aGVsbG8gd29ybGQ=",
 "payloadType": "http://example.com/HelloWorld",
 "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}`;
const coordinate = (decimal: string): string =>
  Buffer.from(BigInt(decimal).toString(16).padStart(64, '0'), 'hex').toString('base64url');
const VECTOR_KEY = createPublicKey({
  format: 'jwk',
  key: {
    kty: 'EC',
    crv: 'P-256',
    x: coordinate('46950820868899156662930047687818585632848591499744589407958293238635476079160'),
    y: coordinate('5640078356564379163099075877009565129882514886557779369047442380624545832820'),
  },
});
const vectorKey = (name: string): EnvelopeKey => ({
  name,
  holds: (sig, bytes) => verify('sha256', bytes, { key: VECTOR_KEY, dsaEncoding: 'ieee-p1363' }, sig),
});

function envelopeOf(text: string): Envelope {
  const read = parseEnvelope(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

const envelope = (fields: object = {}): string =>
  JSON.stringify({ payload: 'aGVsbG8gd29ybGQ=', payloadType: 't', signatures: [], ...fields });

describe('DSSE 1.0.2', () => {
  test('what is signed is what its vector says, and its signature holds', () => {
    const read = envelopeOf(VECTOR);
    expect(signedOfEnvelope(read.payloadType, read.payload).toString('latin1')).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    expect([...signersOf(read, [vectorKey('a')])]).toEqual(['a']);
  });

  test('lengths are of bytes: a type of three characters may have nine', () => {
    expect(signedOfEnvelope('日本語', Buffer.from('é')).toString('utf8')).toBe('DSSEv1 9 日本語 2 é');
    expect(signedOfEnvelope('', Buffer.alloc(0)).toString('utf8')).toBe('DSSEv1 0  0 ');
  });

  test('takes standard and URL-safe base64, and no third kind', () => {
    for (const payload of ['+/8=', '-_8=', '-_8'])
      expect(envelopeOf(envelope({ payload })).payload).toEqual(Buffer.from([0xfb, 0xff]));
    for (const payload of ['+_8=', '-/8=', '+/8', '+/9=', ' +/8=', '+/8=\n', '+/8==', 'ä', 7, null])
      expect(parseEnvelope(envelope({ payload }))).toBe('its payload is no base64');
  });

  test('needs its fields, also where nobody signed, and passes over others', () => {
    expect(envelopeOf(envelope({ other: { deep: true } })).signatures).toEqual([]);
    for (const missing of [
      { payload: undefined },
      { payloadType: undefined },
      { payloadType: '' },
      { signatures: undefined },
      { signatures: {} },
      { signatures: [{}] },
      { signatures: [null] },
      { signatures: [{ sig: 'x' }] },
      { signatures: [{ sig: 'AAAA', keyid: 7 }] },
      { signatures: Array.from({ length: 101 }, () => ({ sig: 'AAAA' })) },
    ])
      expect(typeof parseEnvelope(envelope(missing))).toBe('string');
    for (const text of ['', '[]', '"x"', '{', 'null']) expect(typeof parseEnvelope(text)).toBe('string');
  });

  test('attack: one key that signs twice is one signer, and a hint is asked by nobody', () => {
    const { payload, payloadType, signatures } = envelopeOf(VECTOR);
    const [first] = signatures;
    const forged = { payload, payloadType, signatures: [first, first, { ...first, keyid: 'b' }] } as Envelope;
    expect(signersOf(forged, [vectorKey('a')]).size).toBe(1);
    expect(signersOf({ ...forged, payload: Buffer.from('hello World') }, [vectorKey('a')]).size).toBe(0);
    expect(signersOf({ ...forged, payloadType: 'other' }, [vectorKey('a')]).size).toBe(0);
  });

  test('is read again as it was written', () => {
    const bytes = fc.uint8Array().map((part) => Buffer.from(part));
    fc.assert(
      fc.property(
        fc.record({
          payload: bytes,
          payloadType: fc.string({ minLength: 1 }),
          signatures: fc.array(
            fc.record({ keyid: fc.option(fc.string()), sig: bytes }, { requiredKeys: ['keyid', 'sig'] }),
          ),
        }),
        (one) => {
          expect(parseEnvelope(encodeEnvelope(one))).toEqual(one);
        },
      ),
    );
  });

  test('what is no envelope is told, never thrown', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseEnvelope(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseEnvelope(text)));
  });
});
