import { createHash } from 'node:crypto';
import type { GitObject, ObjectReader } from '../../lib/git/objects/catfile.ts';

/** What a path is: a mode as `git ls-tree` prints it, and an id. */
export interface StoredEntry {
  readonly mode: string;
  readonly oid: string;
}

/** Objects in memory, under the ids git gives them. */
export class ObjectStore {
  readonly objects = new Map<string, GitObject>();

  write(type: GitObject['type'], content: Buffer): string {
    const oid = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
    this.objects.set(oid, { oid, type, content });
    return oid;
  }

  /** Writes the trees of a set of files; paths are latin1. Gives the top. */
  writeTree(files: ReadonlyMap<string, StoredEntry>): string {
    const folders = new Map<string, Map<string, StoredEntry>>();
    const entries = new Map<string, StoredEntry>();
    for (const [path, entry] of files) {
      const slash = path.indexOf('/');
      if (slash < 0) entries.set(path, entry);
      else {
        const name = path.slice(0, slash);
        const inside = folders.get(name) ?? new Map<string, StoredEntry>();
        folders.set(name, inside.set(path.slice(slash + 1), entry));
      }
    }
    for (const [name, inside] of folders) entries.set(name, { mode: '40000', oid: this.writeTree(inside) });
    const key = (name: string): string => (folders.has(name) ? `${name}/` : name);
    const sorted = [...entries].sort(([a], [b]) => (key(a) < key(b) ? -1 : 1));
    return this.write(
      'tree',
      Buffer.concat(
        sorted.flatMap(([name, { mode, oid }]) => [
          Buffer.from(`${mode} ${name}\0`, 'latin1'),
          Buffer.from(oid, 'hex'),
        ]),
      ),
    );
  }

  writeCommit(tree: string, parents: readonly string[], message: string): string {
    const person = 'Jane Doe <jane@example.com> 1795348800 +0000';
    const lines = [`tree ${tree}`, ...parents.map((oid) => `parent ${oid}`)];
    return this.write(
      'commit',
      Buffer.from(`${lines.join('\n')}\nauthor ${person}\ncommitter ${person}\n\n${message}`),
    );
  }

  /** Reads by id, also with `^{commit}` behind it. */
  reader(): ObjectReader {
    return {
      read: (name) => Promise.resolve(this.objects.get(name.replace('^{commit}', '')) ?? null),
      close: () => undefined,
    };
  }
}
