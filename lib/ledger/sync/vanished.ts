import { recordDigest } from '../../core/digest.ts';
import { missingUnits, uniteNotes } from '../../core/records/note-union.ts';
import { diffEntries } from '../../git/diffs/entry-diff.ts';
import { objectInfos } from '../../git/objects/object-sizes.ts';
import { emptyTree } from '../../git/repository/index-diff.ts';
import { type Ledger, ledgerTrees } from '../ledger.ts';
import { placeNote } from '../notes/fanout.ts';
import { MAX_NOTE_BYTES } from './merge-notes.ts';
import { brings, groupEntries } from './merge-sides.ts';

/** A note that had more the last time its remote was asked. */
export interface Vanished {
  readonly object: string;
  /** Digests of the lines that are not there any more. */
  readonly records: readonly string[];
}

/** Of more notes than this only the object is named: a ledger that lost everything is not read for its obituary. */
const MOST_READ = 1000;

/** What a later state of a ledger lacks of an earlier one. `after` is null when the ledger itself is gone. */
export async function findVanished(
  ledger: Ledger,
  before: string,
  after: string | null,
): Promise<readonly Vanished[]> {
  const { repo } = ledger;
  const to = after ?? emptyTree(repo.format);
  const { notes } = await groupEntries(diffEntries(repo, before, to), before.length);
  const treeAt = ledgerTrees(ledger, after);
  const fewer = [...notes].filter(([, sides]) => brings(sides.from, sides.to));
  const looked = await Promise.all(
    fewer.slice(0, MOST_READ).map(async ([object, { from }]) => {
      const { found } = await placeNote(object, treeAt);
      return { object, had: [...from], has: found.map(({ oid }) => oid) };
    }),
  );
  const readable = await smallBlobs(
    ledger,
    looked.flatMap(({ had, has }) => [...had, ...has]),
  );
  const vanished: Vanished[] = [];
  for (const { object, had, has } of looked) {
    const text = (oids: readonly string[]): Promise<string> => readAll(ledger, oids.filter(readable));
    const lost = missingUnits(await text(had), await text(has));
    const records = lost.map((unit) => recordDigest(Buffer.from(unit, 'latin1')));
    if (records.length > 0) vanished.push({ object, records: [...new Set(records)] });
  }
  const unread = fewer.slice(MOST_READ).filter(([, { to }]) => to.size === 0);
  return [...vanished, ...unread.map(([object]) => ({ object, records: [] }))];
}

async function smallBlobs(ledger: Ledger, oids: Iterable<string>): Promise<(oid: string) => boolean> {
  const infos = await objectInfos(ledger.repo, oids);
  return (oid) => {
    const info = infos.get(oid);
    return info?.type === 'blob' && info.size <= MAX_NOTE_BYTES;
  };
}

/** Everything several versions of a note say, as bytes. */
async function readAll(ledger: Ledger, oids: readonly string[]): Promise<string> {
  const blobs = await Promise.all(oids.map((oid) => ledger.reader.read(oid)));
  return blobs.map((blob) => blob?.content.toString('latin1') ?? '').reduce(uniteNotes, '');
}
