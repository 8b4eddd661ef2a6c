import { overJsonLimit } from './json/bounded.ts';
import { parseObject } from './json/object.ts';

/** An envelope as DSSE 1.0.2 has it, decoded. Nothing of it is checked yet. */
export interface Envelope {
  /** The very bytes that are signed: whoever goes on with them never reads the envelope again. */
  readonly payload: Buffer;
  readonly payloadType: string;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  /** A hint which key made it, and no more: nobody has vouched for it. */
  readonly keyid: string | null;
  readonly sig: Buffer;
}

/** A key somebody trusts, and how its signatures are checked. */
export interface EnvelopeKey {
  /** One name for one key. */
  readonly name: string;
  readonly holds: (sig: Buffer, bytes: Buffer) => boolean;
}

/** Of the payload's statements, as in-toto names them. */
export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';

const MAX_ENVELOPE_CHARACTERS = 64 * 1024 * 1024;
const MAX_SIGNATURES = 100;
const LIMITS = { depth: 20, values: 10_000 };

/** What is signed for a payload (PAE): lengths are of bytes, never of characters. */
export function signedOfEnvelope(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.byteLength} `),
    payload,
  ]);
}

/** An envelope on one line. Of nobody's signature it says that there is none: the field has to be there. */
export function encodeEnvelope({ payload, payloadType, signatures }: Envelope): string {
  return JSON.stringify({
    payload: payload.toString('base64'),
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({
      ...(keyid === null ? {} : { keyid }),
      sig: sig.toString('base64'),
    })),
  });
}

/** Reads an envelope; what is wrong with it, in a few words, where it is none. Fields nobody knows are passed over. */
export function parseEnvelope(text: string): Envelope | string {
  if (text.length > MAX_ENVELOPE_CHARACTERS) return 'it is too long';
  if (overJsonLimit(text, LIMITS) !== null) return 'it holds too much';
  const value = parseObject(text);
  if (value === null) return 'it is no JSON object';
  const { payload, payloadType, signatures } = value;
  if (typeof payloadType !== 'string' || payloadType === '') return 'it has no payloadType';
  const bytes = eitherBase64(payload);
  if (bytes === null) return 'its payload is no base64';
  if (!Array.isArray(signatures)) return 'it has no signatures';
  if (signatures.length > MAX_SIGNATURES) return 'it has too many signatures';
  const read = signatures.map(signatureOf);
  if (!isWhole(read)) return 'one of its signatures can not be read';
  return { payload: bytes, payloadType, signatures: read };
}

/**
 * Names of the keys an envelope is signed by, each once however often it signed: that is what a threshold counts. The
 * hint which key it was is not asked.
 */
export function signersOf(envelope: Envelope, keys: readonly EnvelopeKey[]): Set<string> {
  const bytes = signedOfEnvelope(envelope.payloadType, envelope.payload);
  const signed = keys.filter(({ holds }) => envelope.signatures.some(({ sig }) => holds(sig, bytes)));
  return new Set(signed.map(({ name }) => name));
}

function signatureOf(value: unknown): EnvelopeSignature | null {
  if (typeof value !== 'object' || value === null) return null;
  const { keyid = null, sig }: { keyid?: unknown; sig?: unknown } = value;
  const bytes = eitherBase64(sig);
  if (bytes === null || (keyid !== null && typeof keyid !== 'string')) return null;
  return { keyid, sig: bytes };
}

function isWhole(read: readonly (EnvelopeSignature | null)[]): read is readonly EnvelopeSignature[] {
  return read.every((one) => one !== null);
}

/** Bytes of standard or URL-safe base64, only as an encoder of one of the two writes them. */
function eitherBase64(value: unknown): Buffer | null {
  if (typeof value !== 'string') return null;
  const bytes = Buffer.from(value, 'base64');
  const [standard, bare] = [bytes.toString('base64'), bytes.toString('base64url')];
  const safe = standard.replaceAll('+', '-').replaceAll('/', '_');
  return [standard, safe, bare].includes(value) ? bytes : null;
}
