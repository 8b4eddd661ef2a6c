import type { BundleFile } from './evidence.ts';

/** A file of a bundle that is text, as UTF-8. */
export function textFile(path: string, text: string): BundleFile {
  return { path, bytes: Buffer.from(text, 'utf8') };
}
