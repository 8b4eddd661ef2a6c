const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LETTERS = 6;

/**
 * The bytes in a text of bech32 (BIP 173), written in one case. Null when it has another prefix, or its checksum or its padding
 * is wrong.
 */
export function bech32Bytes(text: string, prefix: string): Buffer | null {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return null;
  if (!lower.startsWith(`${prefix}1`)) return null;
  const words = Array.from(lower.slice(prefix.length + 1), (letter) => LETTERS.indexOf(letter));
  if (words.length < CHECKSUM_LETTERS || words.includes(-1)) return null;
  return checksum([...expanded(prefix), ...words]) === 1 ? bytesOf(words.slice(0, -CHECKSUM_LETTERS)) : null;
}

/** What the checksum is taken of besides the words. */
function expanded(prefix: string): number[] {
  const codes = [...Buffer.from(prefix, 'latin1')];
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksum(words: readonly number[]): number {
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ word;
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum;
}

/** Five bits a word; what is left over at the end is less than a word, and zero. */
function bytesOf(words: readonly number[]): Buffer | null {
  const bytes: number[] = [];
  let [bits, count] = [0, 0];
  for (const word of words) {
    bits = ((bits & 0xff) << 5) | word;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return count < 5 && (bits & ((1 << count) - 1)) === 0 ? Buffer.from(bytes) : null;
}
