import { type Zippable, zipSync } from 'fflate';
import type { BundleFile } from './evidence.ts';

/** Of a git pack nothing is left to compress. */
const PACKED = /\.(pack|bundle)$/;
/** What Unix tools unpack a file as: a regular one, for its owner alone. */
const ATTRIBUTES = 0o100600 * 0x10000;
const UNIX = 3;

/** A zip of files: the same bytes for the same files, whenever and wherever it is made. */
export function zipOf(files: readonly BundleFile[]): Uint8Array {
  // The format has no earlier time, and no time zone.
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = {};
  for (const { path, bytes } of files)
    entries[path] = [bytes, { level: PACKED.test(path) ? 0 : 9, mtime, os: UNIX, attrs: ATTRIBUTES }];
  return zipSync(entries);
}
