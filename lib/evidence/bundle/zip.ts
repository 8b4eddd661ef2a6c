import { type Zippable, zipSync } from 'fflate';
import type { BundleFile } from './evidence.ts';

/** Of a git pack nothing is left to compress. */
const PACKED = /\.(pack|bundle)$/;
/** Up to here compressing takes longer than sending what it saves. */
const SMALL_BYTES = 128 * 1024;
/** What Unix tools unpack a file as: a regular one, for its owner alone. */
const ATTRIBUTES = 0o100600 * 0x10000;
const UNIX = 3;

/** A zip of files: the same bytes for the same files, whenever and wherever it is made. */
export function zipOf(files: readonly BundleFile[]): Uint8Array {
  // The format has no earlier time, and no time zone.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = {};
  for (const { path, bytes } of files)
    entries[path] = [bytes, { level: levelOf(path, bytes), mtime, os: UNIX, attrs: ATTRIBUTES }];
  return zipSync(entries);
}

function levelOf(path: string, bytes: Uint8Array): 0 | 9 {
  return PACKED.test(path) || bytes.byteLength <= SMALL_BYTES ? 0 : 9;
}
