import { copyFile, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionRecord, StoredRecord } from '../../core/records/record.ts';
import { appendPrivately, makeFolder } from '../../ledger/notes/files.ts';
import { type Place, placeAt } from '../place.ts';
import { loadSession, saveSealedUsage } from '../session/session-store.ts';
import { isSpoolSafe } from '../spool/spool.ts';

const TEXTS = 'texts.jsonl';
const PREFIX = 'aside-';
/** A hook lives for two seconds: what one that was killed left behind is long past its use by then. */
const LEFT_BEHIND_MS = 60_000;
const MOST_COPIES = 3;

/** The records that are not settled yet. */
export interface Unsettled {
  /** Their names. */
  readonly waiting: () => Promise<readonly string[]>;
  /** Settles in a place those that have their commit now. */
  readonly settle: (place: Place) => Promise<void>;
}

/**
 * Seals a commit while another process holds the lock: in a copy of what capture keeps, which is then thrown away. The
 * record is on disk as any other; the spool and the sessions stay as that process left them, so that nothing it takes in
 * is lost and what the record holds is settled once the record has its commit.
 */
export async function sealAside(
  place: Place,
  unsettled: Unsettled,
  seal: (copy: Place) => Promise<StoredRecord<ExecutionRecord> | null>,
): Promise<StoredRecord<ExecutionRecord> | null> {
  await removeLeftBehind(place);
  const folder = join(place.dir, `${PREFIX}${process.pid}`);
  const { spool, rejected, sessions, txns } = placeAt(folder);
  const copy = { ...place, spool, rejected, sessions, txns };
  try {
    await copySettled(place, copy, folder, unsettled);
    const stored = await seal(copy);
    if (stored !== null) await keep(copy, place, stored);
    return stored;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A copy in which all that has its commit is settled. The other process may settle a record after the copy was taken and
 * take it off those that wait before anybody looks there: the next record would have its number.
 */
async function copySettled(
  place: Place,
  copy: Place,
  folder: string,
  { waiting, settle }: Unsettled,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const before = await waiting();
    await copyPlace(place, copy);
    await settle(copy);
    const now = new Set(await waiting());
    if (tries === MOST_COPIES || before.every((name) => now.has(name))) return;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Links suffice: these files are replaced, never written again. The texts alone are: what is added there is kept. */
async function copyPlace(place: Place, copy: Place): Promise<void> {
  await makeFolder(copy.sessions);
  // What a spool leads to that is a link is somebody else's.
  const spooled = (await isSpoolSafe(place)) ? linkAll(place.spool, copy.spool) : undefined;
  await Promise.all([spooled, linkAll(place.txns, copy.txns)]);
  const keys = await namesIn(place.sessions);
  await Promise.all(keys.map((key) => linkAll(join(place.sessions, key), join(copy.sessions, key))));
}

async function linkAll(from: string, to: string): Promise<void> {
  const names = await namesIn(from);
  if (names.length === 0) return;
  await mkdir(to, { recursive: true, mode: 0o700 });
  await Promise.all(names.map((name) => linkOrCopy(join(from, name), join(to, name))));
}

/** What is gone by now was taken in by the process that holds the lock. Not every file system has links. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to).catch(() => undefined));
}

/** The texts the record names, its transaction, and the usage it covers: the rest will be made of the spool again. */
async function keep(
  copy: Place,
  place: Place,
  { record, digest }: StoredRecord<ExecutionRecord>,
): Promise<void> {
  for (const key of await namesIn(copy.sessions)) {
    await keepTexts(join(copy.sessions, key, TEXTS), join(place.sessions, key, TEXTS));
    const covered = (await loadSession(copy, key))?.sealedUsage.get(digest);
    if (covered !== undefined) await saveSealedUsage(place, key, digest, covered);
  }
  const name = `${record.txn}.json`;
  await makeFolder(place.txns);
  // Where the transaction is known already, its state there is at least as new.
  await link(join(copy.txns, name), join(place.txns, name)).catch(() => undefined);
}

async function keepTexts(from: string, to: string): Promise<void> {
  const [there, here] = await Promise.all([from, to].map((path) => stat(path).catch(() => null)));
  if (!there || (here && here.ino === there.ino && here.dev === there.dev)) return;
  await makeFolder(dirname(to));
  await appendPrivately(to, await readFile(from, 'utf8'));
}

async function removeLeftBehind(place: Place): Promise<void> {
  const names = (await namesIn(place.dir)).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const path = join(place.dir, name);
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now());
    if (Math.abs(age) > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
