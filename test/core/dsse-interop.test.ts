import { dsse } from '@sigstore/core';
import { Envelope } from '@sigstore/protobuf-specs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEnvelope, IN_TOTO_TYPE, parseEnvelope, signedOfEnvelope } from '../../lib/core/dsse.ts';
import { attestationLines } from '../../lib/evidence/attest/lines.ts';
import { evidenceApproval, evidenceDecision, evidenceDocument } from '../support/evidence.ts';
import { storedExecution } from '../support/records.ts';

/** Protocol buffers leave out what is empty, which DSSE requires to be there. */
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
/** Types are ASCII (RFC 6838): of others their encoder counts characters where DSSE counts bytes. */
const type = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme-ascii' });

describe('envelopes as the published packages of Sigstore write and read them', () => {
  test('the signed bytes are theirs', () => {
    fc.assert(
      fc.property(type, bytes, (payloadType, payload) => {
        expect(signedOfEnvelope(payloadType, payload)).toEqual(dsse.preAuthEncoding(payloadType, payload));
      }),
    );
  });

  test('they read what we write, and we what they write', () => {
    const signatures = fc.array(fc.record({ keyid: fc.string({ maxLength: 80 }), sig: bytes }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(type, bytes, signatures, (payloadType, payload, signed) => {
        const envelope = { payloadType, payload, signatures: signed };
        const theirs = Envelope.fromJSON(JSON.parse(encodeEnvelope(envelope)));
        expect(theirs).toEqual(envelope);
        const ours = parseEnvelope(JSON.stringify(Envelope.toJSON(theirs)));
        const named = signed.map(({ keyid, sig }) => ({ keyid: keyid === '' ? null : keyid, sig }));
        expect(ours).toEqual({ payloadType, payload, signatures: named });
      }),
    );
  });

  test('they read the attestations of a bundle', async () => {
    const document = evidenceDocument({ decisions: [evidenceDecision()], approvals: [evidenceApproval()] });
    const line = `${storedExecution().line}\n`;
    const lines = await attestationLines({ document, notes: [{ bytes: Buffer.from(line) }] }, null);
    expect(lines.length).toBeGreaterThan(2);
    for (const one of lines) {
      const { payload, payloadType } = Envelope.fromJSON(JSON.parse(one));
      expect(payloadType).toBe(IN_TOTO_TYPE);
      expect(JSON.parse(payload.toString('utf8'))).toMatchObject({
        _type: 'https://in-toto.io/Statement/v1',
      });
    }
  });
});
