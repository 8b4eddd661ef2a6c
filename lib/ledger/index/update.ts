import { randomBytes } from 'node:crypto';
import type { Ledger } from '../ledger.ts';
import { listNotes } from '../reading/scan.ts';
import { BaseReader, encodeBase } from './base.ts';
import { addedNotes, type NoteBlob } from './changes.ts';
import { type Head, oidBytes } from './head.ts';
import { type OnProgress, readAll, readSome } from './read.ts';
import { PREFIX_BYTES, Rows } from './rows.ts';
import { loadIndex, removeAbandoned, type StoredIndex, storeBase, storeHead } from './store.ts';
import { Strings } from './strings.ts';

/** How much work bringing the index up to date may be. */
export interface UpdateLimits {
  /** Notes to read at most; more of them, or no index to go on from, and there is none. */
  readonly most: number;
  /** Make it from nothing where there is none. */
  readonly build: boolean;
  /** Rows that may lie beside the base: every query reads them all. A larger base may have more. */
  readonly beside: number;
}

/** From here on reading everything at once is quicker than one note after another. */
const TOO_MANY = 20_000;
/** So small a part of the base's rows may lie beside it in any case. */
const SHARE_BESIDE = 16;

/**
 * The index of the ledger at a commit. It has a row for every record there is (and some for what was there before: what
 * it says is where to look). Null when the limits forbid to make it.
 */
export async function indexAt(
  ledger: Ledger,
  tip: string,
  limits: UpdateLimits,
  onProgress: OnProgress,
): Promise<StoredIndex | null> {
  const known = await loadIndex(ledger.repo);
  if (known?.head.tip === tip) return known;
  const added = known === null ? null : await addedNotes(ledger.repo, known.head.tip, tip);
  if (known !== null && added !== null && added.length <= Math.min(limits.most, TOO_MANY))
    return extended(ledger, known, { tip, added }, limits);
  known?.base.close();
  return limits.build ? built(ledger, tip, onProgress) : null;
}

/** Reads what came since, and keeps it beside the base or, when that has grown, in a new one. */
async function extended(
  ledger: Ledger,
  { head, base }: StoredIndex,
  news: { readonly tip: string; readonly added: readonly NoteBlob[] },
  { beside }: UpdateLimits,
): Promise<StoredIndex> {
  const { repo } = ledger;
  const known = base.strings();
  const strings = new Strings([...known, ...head.strings]);
  const added = new Rows(oidBytes(repo.format), Buffer.from(head.added.bytes));
  const complete = await readSome(ledger, news.added, added, strings);
  const next: Head = { tip: news.tip, base: head.base, added, strings: strings.all.slice(known.length) };
  if (!complete) return { head: next, base };
  if (added.count > Math.max(beside, base.count / SHARE_BESIDE))
    return merged(ledger, { head: next, base }, strings);
  await storeHead(repo, next, head);
  return { head: next, base };
}

/** A new base of the rows of the old one and those beside it, without those of notes that are no longer so. */
async function merged(ledger: Ledger, { head, base }: StoredIndex, strings: Strings): Promise<StoredIndex> {
  const listed = await listNotes(ledger, head.tip);
  const present = new Set(listed.map(({ object, blob }) => keyOf(object, blob)));
  const size = oidBytes(ledger.repo.format);
  const rows = new Rows(size);
  for (const some of [base.rows(size), head.added])
    for (let index = 0; index < some.count; index++) {
      const { object, blob } = some.at(index);
      if (present.has(keyOf(object, blob))) rows.copy(some, index);
    }
  base.close();
  return keep(ledger, head.tip, rows, strings);
}

function keyOf(object: string, blob: string): string {
  return object + blob.slice(0, PREFIX_BYTES * 2);
}

async function built(ledger: Ledger, tip: string, onProgress: OnProgress): Promise<StoredIndex> {
  const size = oidBytes(ledger.repo.format);
  const { rows, strings, complete } = await readAll(ledger, tip, size, onProgress);
  return keep(ledger, tip, rows, strings, complete);
}

/** Makes rows a base, and writes it where it can be written. What may lack something is for now, not for later. */
async function keep(
  { repo }: Ledger,
  tip: string,
  rows: Rows,
  strings: Strings,
  complete = true,
): Promise<StoredIndex> {
  const key = randomBytes(8).toString('hex');
  const { bytes, base } = encodeBase(key, rows, strings.all);
  const head: Head = { tip, base, added: new Rows(oidBytes(repo.format)), strings: [] };
  if (complete && (await storeBase(repo, key, bytes))) {
    const kept = await storeHead(repo, head, null);
    await removeAbandoned(repo, kept ? { key } : { unused: key });
  }
  return { head, base: BaseReader.of(bytes, base) };
}
