import { quotePathBytes } from '../diffs/quote-path.ts';

/** Paths are bytes as latin1: those of other tools need not be UTF-8. */
export type PathChange =
  | { readonly op: 'delete'; readonly path: string }
  | { readonly op: 'blob'; readonly path: string; readonly content: Buffer }
  | { readonly op: 'object'; readonly path: string; readonly oid: string; readonly mode?: string };

/** What fast-import is told of one changed path. */
export function* changeCommand(change: PathChange): Generator<Buffer> {
  const path = pathWord(change.path);
  if (change.op === 'delete') yield Buffer.from(`D ${path}\n`);
  else if (change.op === 'object') yield Buffer.from(`M ${change.mode ?? '100644'} ${change.oid} ${path}\n`);
  else {
    yield Buffer.from(`M 100644 inline ${path}\n`);
    yield* data(change.content);
  }
}

function pathWord(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : quotePathBytes(Buffer.from(path, 'latin1'));
}

/** Bytes as fast-import takes them. */
export function* data(content: Buffer): Generator<Buffer> {
  yield Buffer.from(`data ${content.length}\n`);
  yield content;
  yield LINE_FEED;
}

const LINE_FEED = Buffer.from('\n');
const CHUNK_BYTES = 1 << 18;

/** The same stream in pieces that are worth a write. */
export function* inChunks(parts: Iterable<Buffer>): Generator<Buffer> {
  let chunk: Buffer[] = [];
  let size = 0;
  for (const part of parts) {
    chunk.push(part);
    size += part.length;
    if (size < CHUNK_BYTES) continue;
    yield Buffer.concat(chunk);
    chunk = [];
    size = 0;
  }
  yield Buffer.concat(chunk);
}
