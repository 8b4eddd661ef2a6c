import { noteLines } from '../../core/records/note.ts';
import { diffEntries } from '../../git/diffs/entry-diff.ts';
import type { ObjectReader } from '../../git/objects/catfile.ts';
import { areHere, objectInfos } from '../../git/objects/object-sizes.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import type { Repository } from '../../git/repository/repository.ts';
import { candidatePaths, objectAtPath } from '../notes/fanout.ts';

/** Something a new state of the ledger no longer has, or has in a way that readers can't agree on. */
export interface LedgerLoss {
  /**
   * dropped: the whole note is gone. moved: its lines are on other notes now. changed: some of its lines are gone. duplicate: it is at
   * several paths. foreign: an entry that is no note is gone. too-large: nobody could read it to the end. mode: a new one is a link,
   * a program or a submodule.
   */
  readonly kind: 'dropped' | 'moved' | 'changed' | 'duplicate' | 'foreign' | 'too-large' | 'mode';
  /** The object the note is of; of an entry that is none, its path. */
  readonly object: string;
  /** Lines that are gone. */
  readonly lines: number;
}

/** Notes of a few megabytes are real. */
const MAX_NOTE_BYTES = 64 * 1024 * 1024;
/** Of a link with a note's blob, the lines can be read by name, and no reader of the tree does. */
const NOTE_MODE = '100644';

/**
 * What a new ledger lacks of an old one (null: there was none), note by note and whatever the fan-out, at a cost of what changed. A
 * path counts where readers look for notes: a note at any other is gone. Throws GIT_FAILED when objects are not here.
 */
export async function ledgerLosses(
  repo: Repository,
  reader: ObjectReader,
  from: string | null,
  to: string,
): Promise<LedgerLoss[]> {
  const { changed, odd, foreign } = await changesOf(repo, from, to);
  const losses: LedgerLoss[] = foreign.map((path) => ({ kind: 'foreign', object: path, lines: 0 }));
  losses.push(...(await duplicates(repo, changed, from, to)));
  const large = await tooLarge(repo, changed);
  losses.push(...[...large].map((object): LedgerLoss => ({ kind: 'too-large', object, lines: 0 })));
  const suspects = [...changed].filter(
    ([object, sides]) => !large.has(object) && [...sides.from].some((oid) => !sides.to.has(oid)),
  );
  const lost = await Promise.all(
    suspects.map(async ([object, sides]) => {
      const now = await linesAt(reader, to, object, odd);
      const before = await linesOf(reader, sides.from);
      return { object, isGone: now.size === 0, lines: [...before].filter((line) => !now.has(line)) };
    }),
  );
  const lines = lost.filter((one) => one.lines.length > 0);
  losses.push(...oddNotes(odd, new Set(lines.map(({ object }) => object))));
  return [...losses, ...(lines.length === 0 ? [] : await named(reader, lines, changed, large))];
}

interface Sides {
  readonly from: Set<string>;
  readonly to: Set<string>;
}

interface Changes {
  /** By the object the note is of: the blobs of its paths that differ. */
  readonly changed: ReadonlyMap<string, Sides>;
  /** Paths of notes that were made something readers pass over, each with the object the note is of. */
  readonly odd: ReadonlyMap<string, string>;
  /** Paths that are no note's and are gone. */
  readonly foreign: readonly string[];
}

async function changesOf(repo: Repository, from: string | null, to: string): Promise<Changes> {
  const empty = emptyTree(repo.format);
  const changed = new Map<string, Sides>();
  const odd = new Map<string, string>();
  const gone: { path: string; oid: string }[] = [];
  const written = new Set<string>();
  for await (const diff of diffEntries(repo, from ?? empty, to)) {
    const object = objectAtPath(diff.path, empty.length);
    if (diff.to !== null) written.add(diff.to.oid);
    if (object === null) {
      if (diff.from !== null && diff.to === null && !isHiddenNote(diff.path, empty.length))
        gone.push({ path: diff.path, oid: diff.from.oid });
      continue;
    }
    const sides = changed.get(object) ?? { from: new Set(), to: new Set() };
    if (diff.from !== null) sides.from.add(diff.from.oid);
    if (diff.to?.mode === NOTE_MODE) sides.to.add(diff.to.oid);
    else if (diff.to !== null) odd.set(diff.path, object);
    changed.set(object, sides);
  }
  // What can't stay where it is, because a note has to be there, is set aside and named.
  return { changed, odd, foreign: gone.filter(({ oid }) => !written.has(oid)).map(({ path }) => path) };
}

/** Those of which no line was there before, so that none is missed. */
function oddNotes(odd: Changes['odd'], lost: ReadonlySet<string>): LedgerLoss[] {
  return [...new Set(odd.values())]
    .filter((object) => !lost.has(object))
    .map((object) => ({ kind: 'mode', object, lines: 0 }));
}

/** A note where no reader looks may be put where one does. */
function isHiddenNote(path: string, length: number): boolean {
  return /^[0-9a-f/]+$/.test(path) && path.replaceAll('/', '').length === length;
}

/** Notes that are at several paths now and were not before. */
async function duplicates(
  repo: Repository,
  changed: Changes['changed'],
  from: string | null,
  to: string,
): Promise<LedgerLoss[]> {
  const written = [...changed].filter(([, sides]) => sides.to.size > 0).map(([object]) => object);
  const now = await severalPaths(repo, to, written);
  const before = new Set(from === null ? [] : await severalPaths(repo, from, now));
  return now
    .filter((object) => !before.has(object))
    .map((object) => ({ kind: 'duplicate', object, lines: 0 }));
}

async function severalPaths(repo: Repository, commit: string, objects: readonly string[]): Promise<string[]> {
  const paths = objects.map(candidatePaths);
  const here = await areHere(
    repo,
    paths.flat().map((path) => `${commit}:${path}`),
  );
  const depths = paths[0]?.length ?? 0;
  return objects.filter((_, i) => here.slice(i * depths, (i + 1) * depths).filter(Boolean).length > 1);
}

async function tooLarge(repo: Repository, changed: Changes['changed']): Promise<Set<string>> {
  const infos = await objectInfos(
    repo,
    [...changed.values()].flatMap((sides) => [...sides.from, ...sides.to]),
  );
  const isLarge = (oid: string): boolean => (infos.get(oid)?.size ?? 0) > MAX_NOTE_BYTES;
  return new Set([...changed].filter(([, sides]) => [...sides.to].some(isLarge)).map(([object]) => object));
}

async function linesAt(
  reader: ObjectReader,
  commit: string,
  object: string,
  odd: Changes['odd'],
): Promise<Set<string>> {
  const paths = candidatePaths(object).filter((path) => !odd.has(path));
  return linesOf(
    reader,
    paths.map((path) => `${commit}:${path}`),
  );
}

async function linesOf(reader: ObjectReader, names: Iterable<string>): Promise<Set<string>> {
  const objects = await Promise.all([...names].map((name) => reader.read(name)));
  return new Set(
    objects.flatMap((found) => (found?.type === 'blob' ? noteLines(found.content.toString('latin1')) : [])),
  );
}

interface LostLines {
  readonly object: string;
  readonly isGone: boolean;
  readonly lines: readonly string[];
}

/** What became of lines that are gone: they may stand on another note that was written. */
async function named(
  reader: ObjectReader,
  lost: readonly LostLines[],
  changed: Changes['changed'],
  large: ReadonlySet<string>,
): Promise<LedgerLoss[]> {
  const elsewhere = new Set<string>();
  for (const [object, sides] of changed) {
    if (large.has(object)) continue;
    const before = await linesOf(reader, sides.from);
    for (const line of await linesOf(reader, sides.to)) if (!before.has(line)) elsewhere.add(line);
  }
  return lost.map(({ object, isGone, lines }) => {
    const moved = lines.every((line) => elsewhere.has(line));
    return { kind: moved ? 'moved' : isGone ? 'dropped' : 'changed', object, lines: lines.length };
  });
}
