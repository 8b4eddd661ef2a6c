import type { GitObject, ObjectReader } from './catfile.ts';

/** A commit, as far as this project reads one. */
export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly committer: string;
  readonly message: string;
}

export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: string;
}

/** Reads a commit by any revision; null when there is none. */
export async function readCommit(reader: ObjectReader, revision: string): Promise<Commit | null> {
  const object = await reader.read(`${revision}^{commit}`);
  if (object?.type !== 'commit') return null;
  const commit = parsed.get(object) ?? parseCommit(object.oid, object.content);
  parsed.set(object, commit);
  return commit;
}

/** A reader that remembers gives the same object again. */
const parsed = new WeakMap<GitObject, Commit>();

/** Reads a tree by any revision that names one (`REV^{tree}`, not a commit); null when there is none. */
export async function readTree(reader: ObjectReader, revision: string): Promise<TreeEntry[] | null> {
  const object = await reader.read(revision);
  return object?.type === 'tree' ? parseTree(object.content, object.oid.length / 2) : null;
}

export function parseCommit(oid: string, content: Buffer): Commit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const parents: string[] = [];
  const first = { tree: '', author: '', committer: '' };
  for (const line of (end < 0 ? text : text.slice(0, end)).split('\n')) {
    const space = line.indexOf(' ');
    const name = line.slice(0, space);
    const value = line.slice(space + 1);
    if (name === 'parent') parents.push(value);
    else if (name === 'tree' || name === 'author' || name === 'committer') first[name] ||= value;
  }
  return { oid, ...first, parents, message: end < 0 ? '' : text.slice(end + 2) };
}

/** Entries of a tree object: `mode SP name NUL raw-oid`, as git stores them. `oidBytes` is 20 or 32. */
export function parseTree(content: Buffer, oidBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const nul = content.indexOf(0, space);
    if (space < 0 || nul < 0 || nul + 1 + oidBytes > content.length) break;
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('utf8', space + 1, nul),
      oid: content.toString('hex', nul + 1, nul + 1 + oidBytes),
    });
    at = nul + 1 + oidBytes;
  }
  return entries;
}
