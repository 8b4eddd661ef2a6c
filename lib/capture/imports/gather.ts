import type { Ledger } from '../../ledger/ledger.ts';
import { cleanDocument } from './clean.ts';
import { type CommitPaths, changesOneOf, commitPaths } from './commits.ts';
import type { ImportProblem, ReadSource, SourcePlace, SourceReader } from './readers/reader.ts';
import type { SourceDocument, SourceSession, UnreadField } from './source.ts';

/** One session of one source, without its texts: they are read again when a record is made of it. */
export interface Part {
  readonly place: SourcePlace;
  readonly digest: string;
  /** Which of the source's sessions it is. */
  readonly index: number;
  /** What the tool tells sessions apart by. A session without a name is one of its own in every commit. */
  readonly unit: string;
  readonly session: SourceSession;
  readonly document: Pick<SourceDocument, 'format' | 'toolVersion' | 'unread'>;
}

/** Everything a format's sources say, and what of them can't be used. */
export interface Gathered {
  readonly sources: number;
  readonly parts: readonly Part[];
  readonly commits: ReadonlyMap<string, CommitPaths>;
  /** Sources that name no agent's session, as notes of people's commits do. */
  readonly empty: number;
  readonly problems: readonly ImportProblem[];
  readonly unread: readonly UnreadField[];
}

/** Reads every source once. What is wrong with one is named, and the rest goes on. */
export async function gather(
  ledger: Ledger,
  reader: SourceReader,
  onProgress: (done: number, all: number) => void,
): Promise<Gathered> {
  const { places, problems: listed } = await reader.list();
  const commits = await commitPaths(
    ledger,
    places.map(({ commit }) => commit),
  );
  const parts: Part[] = [];
  const problems: ImportProblem[] = [...listed];
  const unread = new Map<string, number>();
  let empty = 0;
  for (const [done, place] of places.entries()) {
    onProgress(done, places.length);
    const result = await readPlace(reader, place, commits.get(place.commit));
    problems.push(...result.problems);
    if (result.read === null) continue;
    const { document, digest } = result.read;
    for (const { field, count } of document.unread) unread.set(field, (unread.get(field) ?? 0) + count);
    if (document.sessions.length === 0) empty++;
    parts.push(...partsOf(place, digest, document));
  }
  return {
    sources: places.length + listed.length,
    parts,
    commits,
    empty,
    problems,
    unread: [...unread].map(([field, count]) => ({ field, count })),
  };
}

interface ReadPlace {
  readonly read: { readonly document: SourceDocument; readonly digest: string } | null;
  readonly problems: readonly ImportProblem[];
}

async function readPlace(
  reader: SourceReader,
  place: SourcePlace,
  commit: CommitPaths | undefined,
): Promise<ReadPlace> {
  const { ref } = place;
  const refused = (code: ImportProblem['code'], detail: string): ReadPlace => ({
    read: null,
    problems: [{ commit: place.commit, ref, code, detail }],
  });
  if (commit === undefined) return refused('no-commit', 'the commit is not in this clone');
  const read = await reader.read(place);
  if ('problem' in read) return refused(read.problem.code, read.problem.detail);
  const { document } = read;
  const paths = document.sessions.flatMap(({ files }) => files.map(({ path }) => path));
  if (place.byName && !changesOneOf(commit, paths))
    return refused('other-files', 'the commit changes none of the files that were worked on');
  const problems = document.problems.map((one) => ({ ...one, commit: place.commit, ref }));
  return { read, problems };
}

/**
 * A reader of the same sources with nothing in their names that must not be in a record. It remembers the last one: a
 * note may tell of many sessions, and is asked for once for each.
 */
export function cleanReader(reader: SourceReader): SourceReader {
  let last: { readonly address: string; readonly read: Promise<ReadSource> } | null = null;
  return {
    list: () => reader.list(),
    read(place) {
      if (last?.address !== place.address) last = { address: place.address, read: readClean(reader, place) };
      return last.read;
    },
  };
}

async function readClean(reader: SourceReader, place: SourcePlace): Promise<ReadSource> {
  const read = await reader.read(place);
  return 'problem' in read ? read : { ...read, document: await cleanDocument(read.document) };
}

function partsOf(
  place: SourcePlace,
  digest: string,
  { sessions, format: version, toolVersion, unread }: SourceDocument,
): Part[] {
  return sessions.map((session, index) => ({
    place,
    digest,
    index,
    unit: session.session ?? `${session.id}@${place.commit}`,
    session: { ...session, texts: [] },
    document: { format: version, toolVersion, unread },
  }));
}
