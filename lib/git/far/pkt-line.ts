/** A packet of git's protocol: its bytes, or what its length says in their place. */
export type Packet = Buffer | 'flush' | 'delimiter' | 'end';

const SPECIAL: readonly Packet[] = ['flush', 'delimiter', 'end'];

/** Lines as packets, with a flush at the end. An empty line is a delimiter. */
export function packets(lines: readonly string[]): string {
  const packet = (line: string): string =>
    line === '' ? '0001' : `${(Buffer.byteLength(line) + 5).toString(16).padStart(4, '0')}${line}\n`;
  return `${lines.map(packet).join('')}0000`;
}

/** Reads packets; null where the bytes are none, or end within one. */
export function readPackets(bytes: Buffer): Packet[] | null {
  const found: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) return null;
    const length = Number.parseInt(digits, 16);
    const special = SPECIAL[length];
    if (special === undefined && (length < 4 || at + length > bytes.length)) return null;
    found.push(special ?? bytes.subarray(at + 4, at + length));
    at += special === undefined ? length : 4;
  }
  return found;
}

/** The text of a packet without its line feed; null for one that is no text. */
export function lineOf(packet: Packet | undefined): string | null {
  return Buffer.isBuffer(packet) ? packet.toString('utf8').replace(/\n$/, '') : null;
}
