import type { GitObject, ObjectReader } from '../objects/catfile.ts';
import { type Commit, parseCommit, parseTree } from '../objects/objects.ts';
import { type FarAddress, unreachable } from './address.ts';
import { openPacks, type Packs } from './packs.ts';
import type { FarFetch, FarLimits, FarNaming, FarSource } from './source.ts';
import { standIn } from './stand-in.ts';
import { openTalk } from './talk.ts';
import { greet, type UploadPack } from './upload-pack.ts';

/** Objects a reader may fetch one by one, where they were left out before. */
const MOST_SINGLE = 2000;

/** Reads a repository far away without git. Throws UNREACHABLE. */
export async function openWithoutGit(
  address: FarAddress,
  limits: FarLimits,
  onBytes: (bytes: number) => void,
): Promise<FarSource> {
  const talk = openTalk(address, limits, onBytes);
  const server = await greet(address, talk);
  const packs = await openPacks(address);
  const fetch = async (what: FarFetch): Promise<void> => {
    await packs.add(await server.pack(what));
    for (const oid of what.wants) if ((await packs.read(oid)) === null) throw keptBack(address);
  };
  const objects = withMissing(address, packs, server);
  const openReader = (naming: FarNaming): ObjectReader => readerOf(objects, packs, naming);
  return {
    refs: server.refs,
    fetch,
    bytes: talk.bytes,
    openReader,
    run: (call, naming) =>
      standIn({ reader: openReader(naming), object: objects, commit: commitIn(packs), naming }, call),
  };
}

type ReadObject = (oid: string) => Promise<GitObject>;

/** What was left out of a fetch is got when it is asked for: trees and blobs, that a tree names. One that is not given is no "there is none". */
function withMissing(address: FarAddress, packs: Packs, server: UploadPack): ReadObject {
  let left = MOST_SINGLE;
  return async (oid) => {
    const found = await packs.read(oid);
    if (found !== null) return found;
    if (left-- <= 0) throw unreachable(address, 'it leaves too much out');
    await packs.add(await server.pack({ wants: [oid], depth: null, filter: 'blob:none' }));
    const got = await packs.read(oid);
    if (got === null) throw keptBack(address);
    return got;
  };
}

function keptBack(address: FarAddress): Error {
  return unreachable(address, 'it does not send what it names');
}

function commitIn(packs: Packs): (oid: string) => Promise<Commit | null> {
  return async (oid) => {
    const object = await packs.read(oid);
    return object?.type === 'commit' ? parseCommit(oid, object.content) : null;
  };
}

/** Names as the rest of the program writes them: an id or a ref, with `^{commit}` or a path behind it. */
function readerOf(objects: ReadObject, packs: Packs, { byName }: FarNaming): ObjectReader {
  const named = async (name: string): Promise<GitObject | null> => {
    const isPeeled = name.endsWith('^{commit}');
    const oid = oidOf(byName, isPeeled ? name.slice(0, -'^{commit}'.length) : name);
    if (oid === null) return null;
    const object = await packs.read(oid);
    return isPeeled && object?.type !== 'commit' ? null : object;
  };
  const along = async (revision: string, path: string): Promise<GitObject | null> => {
    let object = await named(revision);
    if (object?.type === 'commit') object = await objects(parseCommit(object.oid, object.content).tree);
    for (const part of path.split('/').filter(Boolean)) {
      if (object?.type !== 'tree') return null;
      const entry = parseTree(object.content, 20).find(({ name }) => name === part);
      if (entry === undefined || entry.mode === '160000') return null;
      object = await objects(entry.oid);
    }
    return object;
  };
  return {
    read: (name) => {
      const colon = name.indexOf(':');
      return colon < 0 ? named(name) : along(name.slice(0, colon), name.slice(colon + 1));
    },
    close: () => undefined,
  };
}

/** Where git looks for a short name. */
const PLACES = ['', 'refs/', 'refs/tags/', 'refs/heads/', 'refs/remotes/'];

function oidOf(byName: FarNaming['byName'], name: string): string | null {
  if (/^[0-9a-f]{40}$/.test(name)) return name;
  for (const place of PLACES) {
    const oid = byName.get(place + name);
    if (oid !== undefined) return oid;
  }
  return null;
}
