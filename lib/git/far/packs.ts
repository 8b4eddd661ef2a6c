import type { GitObject } from '../objects/batch-output.ts';
import { type FarAddress, unreachable } from './address.ts';
import { memoryFiles } from './memory-files.ts';
import { packProblem } from './pack-check.ts';

/** Objects out of packs, in memory. An object is found by what its content comes to, whatever its sender called it. */
export interface Packs {
  readonly add: (pack: Buffer) => Promise<void>;
  readonly read: (oid: string) => Promise<GitObject | null>;
}

const GITDIR = '/git';
/** A pack of a few bytes may come to any number of them. */
const INFLATED = { object: 128 * 1024 * 1024, total: 1024 * 1024 * 1024 };

/** Reads packs with isomorphic-git, which is loaded for nothing else. Throws UNREACHABLE for a pack that is none. */
export async function openPacks(address: FarAddress): Promise<Packs> {
  const { default: git } = await import('isomorphic-git');
  const files = new Map<string, Uint8Array>();
  const fs = memoryFiles(files);
  const known = new Map<string, GitObject | null>();
  let cache = {};
  let packs = 0;
  return {
    add: async (pack) => {
      const problem = packProblem(pack, INFLATED);
      if (problem !== null) throw unreachable(address, `the objects it sends can not be read: ${problem}`);
      const filepath = `objects/pack/pack-${++packs}.pack`;
      files.set(`${GITDIR}/${filepath}`, pack);
      try {
        await git.indexPack({ fs, dir: GITDIR, gitdir: GITDIR, filepath, cache });
      } catch (cause) {
        throw unreachable(address, 'the objects it sends are damaged', cause);
      }
      cache = {};
      for (const [oid, object] of known) if (object === null) known.delete(oid);
    },
    read: async (oid) => {
      const before = known.get(oid);
      if (before !== undefined) return before;
      const read = await git
        .readObject({ fs, dir: GITDIR, gitdir: GITDIR, oid, format: 'content', cache })
        .catch((error: unknown) => {
          if ((error as { code?: string }).code === 'NotFoundError') return null;
          throw unreachable(address, 'the objects it sends are damaged', error);
        });
      const object =
        read === null
          ? null
          : { oid, type: read.type as GitObject['type'], content: Buffer.from(read.object as Uint8Array) };
      known.set(oid, object);
      return object;
    },
  };
}
