import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  /** What the entry's own header says, where that is to be something else than in the list. */
  readonly local?: { readonly path?: string; readonly size?: number };
  readonly size?: number;
  readonly method?: number;
  readonly flags?: number;
}

/** A zip as bundles are written: no extra fields, one fixed time. With whatever a test wants to be wrong in it. */
export function makeZip(files: readonly ZipFile[], isPacked = true): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const content = Buffer.from(file.content);
    const packed = isPacked ? deflateRawSync(content) : content;
    const method = file.method ?? (isPacked ? 8 : 0);
    const fields = {
      ...file,
      method,
      crc: crc32(content),
      packed: packed.length,
      size: file.size ?? content.length,
    };
    const local = header(0x04034b50, {
      ...fields,
      path: file.local?.path ?? file.path,
      size: file.local?.size ?? fields.size,
    });
    parts.push(local, packed);
    list.push(header(0x02014b50, fields, at));
    at += local.length + packed.length;
  }
  const central = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, central, end]));
}

interface Fields {
  readonly path: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly flags?: number;
}

function header(mark: number, fields: Fields, at?: number): Buffer {
  const name = Buffer.from(fields.path);
  const isLocal = at === undefined;
  const bytes = Buffer.alloc(isLocal ? 30 : 46);
  bytes.writeUInt32LE(mark, 0);
  const start = isLocal ? 4 : 6;
  bytes.writeUInt16LE(20, start);
  bytes.writeUInt16LE(fields.flags ?? 0, start + 2);
  bytes.writeUInt16LE(fields.method, start + 4);
  bytes.writeUInt16LE(0x21, start + 8);
  bytes.writeUInt32LE(fields.crc, start + 10);
  bytes.writeUInt32LE(fields.packed, start + 14);
  bytes.writeUInt32LE(fields.size, start + 18);
  bytes.writeUInt16LE(name.length, start + 22);
  if (at !== undefined) bytes.writeUInt32LE(at, 42);
  return Buffer.concat([bytes, name]);
}
