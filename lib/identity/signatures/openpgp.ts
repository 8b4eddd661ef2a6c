import { createHash } from 'node:crypto';
import { strictBase64 } from './public-key.ts';

/** A packet of RFC 4880: its tag, and what is in it. */
interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

/** A public key as a roster has it. */
export interface OpenpgpKey {
  /** `openpgp FINGERPRINT`, the primary key's, 40 digits in capitals: one text for one key. */
  readonly text: string;
  /** The key as gpg imports it. */
  readonly bytes: Buffer;
}

const MAX = { keyText: 96 * 1024, signatureText: 16 * 1024, packets: 2000 } as const;
const TAG = { signature: 2, secretKey: 5, publicKey: 6, secretSubkey: 7 } as const;
const BINARY_DOCUMENT = 0;
/** SHA-256, SHA-384, SHA-512. */
const HASHES: ReadonlySet<number> = new Set([8, 9, 10]);
const NOTATION = 20;

/**
 * What is signed for a record. OpenPGP has no namespaces: the first line is ours alone, so that no signature of a commit, a tag or a file is
 * taken for one of a record, nor the other way round.
 */
export function openpgpPayload(digest: string): string {
  return `git-agent-log record signature v1\n${digest}\n`;
}

/** Reads an armored public key; what is wrong with it, in a few words, where it is none that counts. */
export function parseOpenpgpKey(armored: string): OpenpgpKey | string {
  if (armored.length > MAX.keyText) return 'is too long for an OpenPGP key';
  const bytes = dearmored(armored.trim(), 'PUBLIC KEY BLOCK');
  const packets = bytes === null ? null : packetsOf(bytes);
  if (bytes === null || packets === null) return 'is no armored OpenPGP key';
  if (packets.some(({ tag }) => tag === TAG.secretKey || tag === TAG.secretSubkey))
    return 'is a secret key, which is in everybody’s hands from here on: revoke it';
  const [first, ...others] = packets;
  if (first?.tag !== TAG.publicKey || others.some(({ tag }) => tag === TAG.publicKey))
    return 'is not one OpenPGP key and no more';
  if (first.body[0] !== 4) return 'is an OpenPGP key of a version other than 4';
  return { text: openpgpName(fingerprintOf(first.body)), bytes };
}

/** `openpgp FINGERPRINT`, as records and rosters name a key. */
export function openpgpName(fingerprint: string): string {
  return `openpgp ${fingerprint.toUpperCase()}`;
}

/**
 * What is wrong with the form of a signature, in a few words; null for one that gpg may be asked about: a single one, over a document, by a hash
 * that counts, without notations, and nothing beside it.
 */
export function problemOfOpenpgpSignature(armored: string): string | null {
  if (armored.length > MAX.signatureText) return 'it is no OpenPGP signature';
  const bytes = dearmored(armored.trimEnd(), 'SIGNATURE');
  const packets = bytes === null ? null : packetsOf(bytes);
  if (packets === null) return 'it is no OpenPGP signature';
  const [first, ...others] = packets;
  if (first?.tag !== TAG.signature || others.length > 0) return 'it is not one signature and no more';
  const [version, type, , hash] = first.body;
  if (version !== 4) return 'its version is not 4';
  if (type !== BINARY_DOCUMENT) return 'it is of another type than one of a document';
  if (!HASHES.has(hash ?? -1)) return 'its hash is of no kind that counts';
  const kinds = hashedSubpackets(first.body);
  if (kinds === null) return 'it is cut off';
  return kinds.includes(NOTATION) ? 'it says more than that it is a signature' : null;
}

/** RFC 4880, 12.2. */
function fingerprintOf(body: Buffer): string {
  const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  return createHash('sha1').update(head).update(body).digest('hex');
}

/** The bytes in an armor, whose own headers and checksum say nothing that counts; null where it is none. */
function dearmored(text: string, kind: string): Buffer | null {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (lines[0]?.trimEnd() !== `-----BEGIN PGP ${kind}-----`) return null;
  if (lines.at(-1)?.trimEnd() !== `-----END PGP ${kind}-----`) return null;
  const start = lines.findIndex((line) => line.trim() === '');
  if (start < 1 || !lines.slice(1, start).every((line) => /^[A-Za-z]+: /.test(line))) return null;
  const body = lines.slice(start + 1, -1).map((line) => line.trim());
  if (/^=[A-Za-z0-9+/]{4}$/.test(body.at(-1) ?? '')) body.pop();
  return strictBase64(body.join(''));
}

/** All packets; null when anything is left over, cut off, or of a length that only shows at its end. */
function packetsOf(bytes: Buffer): Packet[] | null {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length && packets.length <= MAX.packets) {
    const header = headerAt(bytes, at);
    if (header === null || header.end > bytes.length) return null;
    packets.push({ tag: header.tag, body: bytes.subarray(header.start, header.end) });
    at = header.end;
  }
  return at === bytes.length ? packets : null;
}

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function headerAt(bytes: Buffer, at: number): Header | null {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return null;
  const isNew = (first & 0x40) !== 0;
  const length = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 3);
  if (length === null) return null;
  const start = at + 1 + length.octets;
  return { tag: isNew ? first & 0x3f : (first >> 2) & 0xf, start, end: start + length.value };
}

interface Length {
  readonly value: number;
  readonly octets: number;
}

function oldLength(bytes: Buffer, at: number, kind: number): Length | null {
  const octets = [1, 2, 4][kind];
  if (octets === undefined || at + octets > bytes.length) return null;
  return { value: bytes.readUIntBE(at, octets), octets };
}

/** Lengths of packets and, with the same numbers, of subpackets. */
function newLength(bytes: Buffer, at: number, isPacket = true): Length | null {
  const [first, second] = [bytes[at], bytes[at + 1]];
  if (first === undefined) return null;
  if (first < 192) return { value: first, octets: 1 };
  if (first < (isPacket ? 224 : 255))
    return second === undefined ? null : { value: ((first - 192) << 8) + second + 192, octets: 2 };
  if (first < 255 || at + 5 > bytes.length) return null;
  return { value: bytes.readUInt32BE(at + 1), octets: 5 };
}

/** Kinds of the subpackets that are signed along; null when they are damaged. */
function hashedSubpackets(body: Buffer): number[] | null {
  if (body.length < 6) return null;
  const end = 6 + body.readUInt16BE(4);
  if (end > body.length) return null;
  const area = body.subarray(6, end);
  const kinds: number[] = [];
  for (let at = 0; at < area.length; ) {
    const length = newLength(area, at, false);
    if (length === null || length.value < 1 || at + length.octets + length.value > area.length) return null;
    kinds.push((area[at + length.octets] ?? 0) & 0x7f);
    at += length.octets + length.value;
  }
  return kinds;
}
