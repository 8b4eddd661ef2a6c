import type { ObjectInfo } from '../../git/objects/batch-output.ts';
import { objectInfos } from '../../git/objects/object-sizes.ts';
import type { Ledger } from '../ledger.ts';

/** More are asked for in one go: a dialogue wakes git up for each. */
const FEW = 200;

/** A blob to be read, and how large one of its kind can be. */
export interface WantedBlob {
  readonly oid: string;
  readonly most: number;
}

/**
 * Reads blobs of which none is over its own size, and all together not over another: sizes are asked first, since whoever
 * can push can put anything there. Where all is too much the small ones come first. Null for what was not read.
 */
export async function readBlobs(
  { repo, reader }: Pick<Ledger, 'repo' | 'reader'>,
  wanted: readonly WantedBlob[],
  mostInAll: number,
): Promise<(Buffer | null)[]> {
  const infos = await infosOf({ repo, reader }, wanted);
  const sized = wanted.flatMap(({ oid, most }, at) => {
    const info = infos[at];
    return info?.type === 'blob' && info.size <= most ? [{ oid, at, size: info.size }] : [];
  });
  const found: (Buffer | null)[] = wanted.map(() => null);
  let left = mostInAll;
  const fitting = sized.sort((a, b) => a.size - b.size).filter(({ size }) => (left -= size) >= 0);
  await Promise.all(
    fitting.map(async ({ oid, at }) => {
      found[at] = (await reader.read(oid))?.content ?? null;
    }),
  );
  return found;
}

/** In the process that reads them afterwards, where it can say that too. */
async function infosOf(
  { repo, reader }: Pick<Ledger, 'repo' | 'reader'>,
  wanted: readonly WantedBlob[],
): Promise<(ObjectInfo | null | undefined)[]> {
  const { look } = reader;
  if (look !== undefined && wanted.length <= FEW) return Promise.all(wanted.map(({ oid }) => look(oid)));
  const oids = wanted.map(({ oid }) => oid);
  const infos = await objectInfos(repo, oids);
  return oids.map((oid) => infos.get(oid));
}
