import type { ObjectReader } from '../objects/catfile.ts';
import { readTree } from '../objects/objects.ts';

/** What a path names in a commit or a tree. Only `file` has been read. */
export type CommittedFile =
  | { readonly kind: 'file'; readonly oid: string; readonly content: Buffer }
  | { readonly kind: 'missing' | 'link' | 'submodule' | 'folder' | 'too-large' };

/**
 * Reads what decides over a change: a regular file, and nothing that leads elsewhere. A link is not followed, in no folder on
 * the way either, because what it leads to is not what people reviewed under this name.
 */
export async function readRegularFile(
  reader: ObjectReader,
  revision: string,
  path: string,
  most: number,
): Promise<CommittedFile> {
  const segments = path.split('/');
  let tree = `${revision}^{tree}`;
  for (const [i, name] of segments.entries()) {
    const entry = (await readTree(reader, tree))?.find((one) => one.name === name);
    if (entry === undefined) return { kind: 'missing' };
    const kind = kindOf(entry.mode);
    const isLast = i === segments.length - 1;
    if (kind === 'file') return isLast ? readBlob(reader, entry.oid, most) : { kind: 'missing' };
    if (isLast || kind !== 'folder') return { kind };
    tree = entry.oid;
  }
  return { kind: 'missing' };
}

async function readBlob(reader: ObjectReader, oid: string, most: number): Promise<CommittedFile> {
  const blob = await reader.read(oid);
  if (blob?.type !== 'blob') return { kind: 'missing' };
  return blob.content.length > most ? { kind: 'too-large' } : { kind: 'file', oid, content: blob.content };
}

function kindOf(mode: string): 'file' | 'link' | 'submodule' | 'folder' {
  if (mode.startsWith('120')) return 'link';
  if (mode.startsWith('160')) return 'submodule';
  return mode.startsWith('100') ? 'file' : 'folder';
}
